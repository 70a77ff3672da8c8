"""Tactical RMM: patch rows read device by device, triggers answered with 200 come what may, results re-read."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Pace, Patience, ssl_context
from integrations.rmm.tactical.account import TacticalAccount
from integrations.rmm.tactical.api import TacticalApi
from integrations.rmm.tactical.doubts import DOUBTS
from integrations.rmm.tactical.settings import TacticalSettings
from integrations.rmm.vendor import Vendor

_NAME = "Tactical RMM"

CAPABILITIES = Capabilities(
    patch_rows=True,
    kb_numbers=True,
    scan=True,
    install=True,
    reboot=True,
    # The patch policy's reboot_after_install decides; the trigger has no say in it.
    reboot_control=RebootControl.VENDOR_POLICY,
    reconcile=Reconcile.EVIDENCE,
    offline="loses",
    installs_all_approved=True,
)


def connect(
    account: str,
    settings: TacticalSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,
    patience: Patience | None = None,
) -> TacticalAccount:
    """An account; able to scan, install and restart where the configuration lets it."""
    key = settings.api_key.get_secret_value()
    http = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        # Keys are not renewed: after a refusal the same one is tried once more.
        authorize=lambda _refused: {"X-API-KEY": key},
        pace=Pace(settings.calls_per_minute, timedelta(minutes=1)),
        patience=patience,
    )
    return TacticalAccount(
        api=TacticalApi(http=http),
        account=account,
        clock=clock,
        zone=None if settings.time_zone is None else ZoneInfo(settings.time_zone),
        may_act=settings.may_act,
        may_restart=settings.may_restart,
        growth_percent=growth_percent,
        vendor_name=_NAME,
        capabilities=replace(
            CAPABILITIES,
            scan=settings.may_act,
            install=settings.may_act,
            reboot=settings.may_restart,
        ),
        every_row=settings.rows_of == "every",
        trust_scan_schedule=settings.trust_scan_schedule,
    )


VENDOR = Vendor(
    key="tactical",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=TacticalSettings,
    connect=connect,
    doubts=DOUBTS,
)
