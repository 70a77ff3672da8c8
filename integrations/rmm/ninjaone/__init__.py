"""NinjaOne: patch rows without release dates, triggers answered with 204, progress from activities."""

from dataclasses import replace

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Patience, ssl_context
from integrations.rmm.ninjaone.account import NinjaOneAccount
from integrations.rmm.ninjaone.api import READ_SCOPES, WRITE_SCOPES, NinjaOneApi, bearer
from integrations.rmm.ninjaone.doubts import DOUBTS
from integrations.rmm.ninjaone.proof import Prover
from integrations.rmm.ninjaone.settings import NinjaOneSettings
from integrations.rmm.vendor import Vendor

_NAME = "NinjaOne"

CAPABILITIES = Capabilities(
    patch_rows=True,
    kb_numbers=True,
    scan=True,
    install=True,
    # By the update script. Without it, whatever is approved.
    install_chosen=True,
    reboot=True,
    # The trigger has no body: whether a restart follows is decided by the device's policy.
    reboot_control=RebootControl.VENDOR_POLICY,
    reconcile=Reconcile.EVIDENCE,
    offline="queues",
    installs_all_approved=True,
)

_READ_ONLY = replace(CAPABILITIES, scan=False, install=False, reboot=False)


def connect(
    account: str,
    settings: NinjaOneSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,
    patience: Patience | None = None,
) -> NinjaOneAccount:
    """An account; able to scan, install and restart where it has a client for writing."""
    plain = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        patience=patience,
    )
    can = CAPABILITIES if settings.write_client_id is not None else _READ_ONLY
    api = NinjaOneApi(
        reading=_reading(plain, settings, clock), writing=_writing(plain, settings, clock)
    )
    return NinjaOneAccount(
        api=api,
        account=account,
        growth_percent=growth_percent,
        script=settings.script_id,
        vendor_name=_NAME,
        capabilities=replace(can, install_chosen=settings.script_id is not None),
        clock=clock,
        prover=Prover(api=api, account=account, vendor_name=_NAME, settings=settings),
    )


def _reading(plain: Http, settings: NinjaOneSettings, clock: Clock) -> Http:
    secret = settings.client_secret.get_secret_value()
    return plain.with_authorization(bearer(plain, settings.client_id, secret, READ_SCOPES, clock))


def _writing(plain: Http, settings: NinjaOneSettings, clock: Clock) -> Http | None:
    client_id, secret = settings.write_client_id, settings.write_client_secret
    if client_id is None or secret is None:
        return None
    sign_in = bearer(plain, client_id, secret.get_secret_value(), WRITE_SCOPES, clock)
    return plain.with_authorization(sign_in)


VENDOR = Vendor(
    key="ninjaone",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=NinjaOneSettings,
    connect=connect,
    doubts=DOUBTS,
)
