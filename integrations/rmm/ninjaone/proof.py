"""What an account at NinjaOne can prove: its clients' scopes, and where its bindings point."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorForbidden, VendorRefused
from integrations.rmm.ninjaone import mapping
from integrations.rmm.ninjaone.api import (
    READ_SCOPES,
    WRITE_SCOPES,
    NinjaOneApi,
    org_filter,
    sign_in,
)
from integrations.rmm.ninjaone.settings import NinjaOneSettings
from integrations.rmm.proving import Found, organisations, proof
from integrations.rmm.rows import text
from integrations.rmm.vendor import AccountProof, Permission, bound_organisations

_SCRIPT_REMEDY = (
    "Put the update script into the library as docs/vendors/ninjaone.md says and set its id."
)
_REMEDY = "Administration > Apps > API: set the client app's scopes to exactly these."


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account. Signing in with a scope is the proof that the client app has it."""

    api: NinjaOneApi
    account: str
    vendor_name: str
    settings: NinjaOneSettings

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names, devices = self._fleet(bound_organisations(bindings))
        return self._permissions(), organisations(bindings, names, devices)

    def _fleet(self, bound: Sequence[str]) -> tuple[dict[str, str], list[Device]]:
        """The names of all organisations, and the bound ones' devices. Raises VendorError."""
        names = {str(row["id"]): text(row.get("name")) for row in self.api.organizations()}
        known = [item for item in bound if item in names]
        rows = self.api.devices(org_filter(known)) if known else []
        return names, [
            mapping.device(self.account, self.api.source, row, health=None, last_scan=None)
            for row in rows
            if mapping.is_patched(row)
        ]

    def _permissions(self) -> tuple[Permission, ...]:
        secret = self.settings.client_secret.get_secret_value()
        reader = (self.settings.client_id, secret)
        proofs = [
            Permission(name="monitoring", present=Fact.YES, purpose="reading"),
            Permission(
                name="management, for the reading client",
                present=self._may(*reader, WRITE_SCOPES, "management"),
                needed=False,
                purpose="reading",
                remedy=_REMEDY,
            ),
        ]
        return (*proofs, *self._write_permissions())

    def _write_permissions(self) -> tuple[Permission, ...]:
        client_id, secret = self.settings.write_client_id, self.settings.write_client_secret
        if client_id is None or secret is None:
            return ()
        writer = (client_id, secret.get_secret_value())
        return (
            Permission(
                name="management",
                present=self._may(*writer, WRITE_SCOPES, "management"),
                purpose="scanning and installing",
                remedy=_REMEDY,
            ),
            Permission(
                name="control, for the writing client",
                present=self._may(*writer, f"{READ_SCOPES} control", "control"),
                needed=False,
                purpose="scanning and installing",
                remedy=_REMEDY,
            ),
            *self._script(),
        )

    def _script(self) -> tuple[Permission, ...]:
        """Which scope the library takes is not described: one that may not be read proves nothing."""
        number = self.settings.script_id
        if number is None:
            return ()
        try:
            listed = self.api.scripts()
        except (VendorForbidden, VendorRefused):
            found, name = Fact.UNKNOWN, str(number)
        else:
            names = [text(row.get("name")) for row in listed if row.get("id") == number]
            found, name = Fact.of(bool(names)), next(iter(names), "") or str(number)
        return (
            Permission(
                name=f"script ({name})",
                present=found,
                purpose="installing chosen updates",
                remedy=_SCRIPT_REMEDY,
            ),
        )

    def _may(self, client_id: str, secret: str, scopes: str, scope: str) -> Fact:
        """Whether a client gets a scope: the server refuses it, or leaves it out of the answer."""
        try:
            token = sign_in(self.api.reading, client_id, secret, scopes)
        except VendorForbidden:
            return Fact.NO
        return Fact.of(scope in token.scopes) if token.scopes else Fact.UNKNOWN
