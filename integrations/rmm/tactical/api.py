"""Tactical RMM's HTTP API, as JSON rows: clients, agents, updates, and the triggers.

Every path ends with a slash: without it the server redirects, and a redirect drops the key.
"""

from dataclasses import dataclass

from core.domain.facts import Fact
from core.errors import VendorError, VendorForbidden, VendorNotFound, VendorRefused
from integrations.http import Http
from integrations.rmm.refused_key import key_named
from integrations.rmm.rows import Row, row, rows

_KEY_REMEDY = "Check api_key (the secret of Settings > Global settings > API keys; it may have expired) and base_url."
_ADDRESS_REMEDY = "base_url has to be the API's own address, such as https://api.example.com."
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, kw_only=True)
class TacticalApi:
    """Speaks to one Tactical server with one key. Everything raises VendorError."""

    http: Http

    @property
    def source(self) -> str:
        return self.http.source

    # Reading. Lists have no pages.

    def clients(self) -> list[Row]:
        return rows(self.source, self._get("clients/"), "clients")

    def agents(self, client_id: str) -> list[Row]:
        """The agents of one client; those outside the key's role are absent."""
        answer = self._get("agents/", {"client": client_id, "detail": "true"})
        return rows(self.source, answer, "agents")

    def agent(self, agent_id: str) -> Row:
        """One agent with its hardware and its effective patch policy."""
        return row(self.source, self._get(f"agents/{agent_id}/"), "agent")

    def updates(self, agent_id: str) -> list[Row]:
        """What the server knows of one agent's updates, installed ones among them."""
        return rows(self.source, self._get(f"winupdate/{agent_id}/"), "updates")

    def hears(self, agent_id: str) -> Fact:
        """Whether the agent answers on the message bus now; UNKNOWN where the key may not ask."""
        try:
            answer = self._get(f"agents/{agent_id}/ping/")
        except VendorForbidden:
            return Fact.UNKNOWN
        status = answer.get("status") if isinstance(answer, dict) else None
        return Fact.of({"online": True, "offline": False}.get(str(status)))

    def may_list_roles(self) -> bool:
        """Whether the key may see accounts' roles, which is more than we need."""
        try:
            self._get("accounts/roles/")
        except (VendorForbidden, VendorNotFound):
            return False
        return True

    def _get(self, path: str, params: dict[str, str | int | list[str]] | None = None) -> object:
        with key_named(_KEY_REMEDY):
            answer: object = self.http.get_json(path, params=params)
            return answer

    # Triggers: 200 means the server passed the order on, or tried to; not that the agent heard it.

    def scan(self, agent_id: str) -> None:
        self._post(f"winupdate/{agent_id}/scan/")

    def install(self, agent_id: str) -> None:
        """Approve by policy, then have the agent install everything approved. Not repeatable: see Http.send."""
        self._post(f"winupdate/{agent_id}/install/")

    def restart(self, agent_id: str) -> None:
        """Have a device restart. Unlike the others, refused where the agent cannot be reached."""
        self._post(f"agents/{agent_id}/reboot/")

    def _post(self, path: str) -> None:
        try:
            with key_named(_KEY_REMEDY):
                self.http.send("POST", path)
        except VendorError as failure:
            if failure.status not in _REDIRECTS:
                raise
            # The order went to an address that answers nothing but "elsewhere": it was not carried out.
            raise VendorRefused(
                self.source, failure.reason, remedy=_ADDRESS_REMEDY, status=failure.status
            ) from failure
