"""Datto RMM: patch counts only; scans, installs and restarts through a component the MSP installed."""

from dataclasses import replace

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Patience, ssl_context
from integrations.rmm.bearer import Bearer
from integrations.rmm.datto.account import DattoAccount
from integrations.rmm.datto.api import DattoApi, sign_in
from integrations.rmm.datto.doubts import DOUBTS
from integrations.rmm.datto.limits import PAUSE, Limits, own_pace
from integrations.rmm.datto.settings import DattoSettings
from integrations.rmm.rows import row
from integrations.rmm.vendor import Vendor

_NAME = "Datto RMM"

CAPABILITIES = Capabilities(
    script_rows=True,
    scan=True,
    install=True,
    install_chosen=True,
    reboot=True,
    # An install never restarts; a restart is asked for by itself.
    reboot_control=RebootControl.OURS,
    job_status=True,
    reconcile=Reconcile.EVIDENCE,
    offline="expires",
    installs_all_approved=True,
)


def connect(
    account: str,
    settings: DattoSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,
    patience: Patience | None = None,
) -> DattoAccount:
    """An account; able to scan and install where the component's uid is configured, to restart where that is allowed."""
    plain = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        pace=own_pace(),
        unsaid_wait=PAUSE,
        patience=patience,
    )
    key, secret = settings.api_key.get_secret_value(), settings.api_secret.get_secret_value()
    http = plain.with_authorization(Bearer(lambda: sign_in(plain, key, secret), clock))
    acts = settings.install_component_uid is not None
    return DattoAccount(
        api=DattoApi(http=http, limits=_limits(http)),
        account=account,
        clock=clock,
        component_uid=settings.install_component_uid,
        growth_percent=growth_percent,
        vendor_name=_NAME,
        tags_udf=settings.tags_udf,
        may_restart=settings.may_restart,
        capabilities=replace(CAPABILITIES, reboot=settings.may_restart)
        if acts
        else replace(CAPABILITIES, scan=False, install=False, reboot=False, script_rows=False),
    )


def _limits(http: Http) -> Limits:
    path = "api/v2/system/request_rate"
    return Limits(
        source=http.source, ask=lambda: row(http.source, http.get_json(path), "request rate")
    )


VENDOR = Vendor(
    key="datto",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=DattoSettings,
    connect=connect,
    doubts=DOUBTS,
)
