"""ConnectWise RMM (Asio): counts for the fleet, patch rows device by device; scans and installs through a script."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Patience, ssl_context
from integrations.rmm.asio.account import AsioAccount
from integrations.rmm.asio.api import AsioApi
from integrations.rmm.asio.doubts import DOUBTS
from integrations.rmm.asio.fleet import Fleet
from integrations.rmm.asio.quota import Quota, own_pace
from integrations.rmm.asio.resources import in_lists
from integrations.rmm.asio.settings import AsioSettings
from integrations.rmm.asio.sign_in import sign_in
from integrations.rmm.bearer import Bearer
from integrations.rmm.rows import row
from integrations.rmm.vendor import Vendor

_NAME = "ConnectWise RMM"

_SOFTWARE_SCOPES = ("platform.tppatching.management.read",)

CAPABILITIES = Capabilities(
    patch_rows=True,
    kb_numbers=True,
    scan=True,
    install=True,
    install_chosen=True,
    # The update script restarts nothing.
    reboot_control=RebootControl.OURS,
    job_status=True,
    reconcile=Reconcile.EVIDENCE,
)


def connect(
    account: str,
    settings: AsioSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,  # noqa: ARG001 - every vendor is given it; here plans name what they take
    patience: Patience | None = None,
) -> AsioAccount:
    """An account; able to scan and install where the update script's id is configured."""
    plain = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        pace=own_pace(settings.requests_per_five_minutes),
        patience=patience,
    )
    acts = settings.script_id is not None
    reading = _signed_in(plain, settings, settings.read_scopes, clock, setting="read_scopes")
    api = AsioApi(
        reading=reading,
        running=_signed_in(plain, settings, settings.run_scopes, clock, setting="run_scopes")
        if acts
        else None,
        quota=_quota(reading, clock),
        resource_type=settings.resource_type,
        task_api=settings.task_api,
        device_word=in_lists(settings.resource_type),
        summary_word=in_lists(settings.resource_type),
    )
    if settings.third_party:
        http = _signed_in(plain, settings, _SOFTWARE_SCOPES, clock, setting="third_party")
        api = replace(api, software=replace(api, reading=http))
    return AsioAccount(
        api=api,
        account=account,
        clock=clock,
        fleet=Fleet(api=api, account=account),
        script=settings.script_id,
        vendor_name=_NAME,
        capabilities=CAPABILITIES if acts else replace(CAPABILITIES, scan=False, install=False),
    )


def _signed_in(
    plain: Http, settings: AsioSettings, scopes: Sequence[str], clock: Clock, *, setting: str
) -> Http:
    """The same service with a token for these scopes alone."""
    secret = settings.client_secret.get_secret_value()
    return plain.with_authorization(
        Bearer(
            lambda: sign_in(plain, settings.client_id, secret, scopes, setting=setting),
            clock,
        )
    )


def _quota(http: Http, clock: Clock) -> Quota:
    return Quota(
        source=http.source,
        ask=lambda: row(http.source, http.get_json("v1/rate_limits"), "rate limits"),
        clock=clock,
    )


VENDOR = Vendor(
    key="asio",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=AsioSettings,
    connect=connect,
    doubts=DOUBTS,
)
