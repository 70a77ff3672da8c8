"""Syncro: patch rows read device by device, and nothing to act with."""

from datetime import timedelta

from core.domain.patching import Capabilities
from core.ports import Clock
from integrations.http import Http, Pace, Patience, ssl_context
from integrations.rmm.syncro.account import SyncroAccount
from integrations.rmm.syncro.api import SyncroApi
from integrations.rmm.syncro.doubts import DOUBTS
from integrations.rmm.syncro.settings import SyncroSettings
from integrations.rmm.vendor import Vendor

_NAME = "Syncro"
#: Of the limit, so that somebody else's call finds room.
_SHARE = 0.9

CAPABILITIES = Capabilities(patch_rows=True, kb_numbers=True)


def connect(
    account: str,
    settings: SyncroSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,  # noqa: ARG001 - every vendor is given it; here nothing grows
    patience: Patience | None = None,
) -> SyncroAccount:
    """An account that can be read."""
    token = settings.api_token.get_secret_value()
    http = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        # Tokens are not renewed: after a refusal the same one is tried once more.
        authorize=lambda _refused: {"Authorization": f"Bearer {token}"},
        pace=Pace(max(1, int(settings.requests_per_minute * _SHARE)), timedelta(minutes=1)),
        patience=patience,
    )
    return SyncroAccount(
        api=SyncroApi(http=http),
        account=account,
        vendor_name=_NAME,
        capabilities=CAPABILITIES,
        clock=clock,
        online_for=timedelta(minutes=settings.online_minutes),
        trust_sync=settings.trust_sync,
    )


VENDOR = Vendor(
    key="syncro",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=SyncroSettings,
    connect=connect,
    doubts=DOUBTS,
)
