"""Atera: patch rows read device by device, and nothing to act with."""

from datetime import timedelta

from core.domain.patching import Capabilities
from core.ports import Clock
from integrations.http import Http, Pace, Patience, ssl_context
from integrations.rmm.atera.account import AteraAccount
from integrations.rmm.atera.api import AteraApi
from integrations.rmm.atera.doubts import DOUBTS
from integrations.rmm.atera.settings import AteraSettings
from integrations.rmm.vendor import Vendor

_NAME = "Atera"
#: Of the limit, so that somebody else's call finds room.
_SHARE = 0.9

CAPABILITIES = Capabilities(patch_rows=True, kb_numbers=True)


def connect(
    account: str,
    settings: AteraSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,  # noqa: ARG001 - nothing is installed, so nothing grows
    patience: Patience | None = None,
) -> AteraAccount:
    """An account that can be read."""
    key = settings.api_key.get_secret_value()
    http = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        # Keys are not renewed: after a refusal the same one is tried once more.
        authorize=lambda _refused: {"X-API-KEY": key},
        pace=Pace(max(1, int(settings.requests_per_minute * _SHARE)), timedelta(minutes=1)),
        patience=patience,
    )
    return AteraAccount(
        api=AteraApi(http=http),
        account=account,
        vendor_name=_NAME,
        capabilities=CAPABILITIES,
        clock=clock,
        trust_last_seen=settings.trust_last_seen,
    )


VENDOR = Vendor(
    key="atera",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=AteraSettings,
    connect=connect,
    doubts=DOUBTS,
)
