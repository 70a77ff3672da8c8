"""Action1: patch rows per organisation and device, installs that name every update, a result per device."""

from dataclasses import replace
from datetime import timedelta

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Pace, Patience, ssl_context
from integrations.rmm.action1.account import Action1Account
from integrations.rmm.action1.api import Action1Api, bearer
from integrations.rmm.action1.doubts import DOUBTS
from integrations.rmm.action1.settings import Action1Settings
from integrations.rmm.vendor import Vendor

_NAME = "Action1"

CAPABILITIES = Capabilities(
    patch_rows=True,
    kb_numbers=True,
    release_dates=True,
    install=True,
    install_chosen=True,
    # Every order says that nothing is to be restarted.
    reboot_control=RebootControl.OURS,
    job_status=True,
    reconcile=Reconcile.EVIDENCE,
    offline="expires",
)


def connect(
    account: str,
    settings: Action1Settings,
    *,
    clock: Clock,
    growth_percent: int = 25,  # noqa: ARG001 - every vendor is given it; here plans name what they take
    patience: Patience | None = None,
) -> Action1Account:
    """An account; able to install where it has credentials for running automations."""
    plain = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        pace=Pace(settings.requests_per_minute, timedelta(minutes=1)),
        patience=patience,
    )
    secret = settings.client_secret.get_secret_value()
    writing = _writing(plain, settings, clock)
    return Action1Account(
        api=Action1Api(
            reading=plain.with_authorization(bearer(plain, settings.client_id, secret, clock)),
            writing=writing,
            instances_path=settings.instances_path,
        ),
        account=account,
        retry_minutes=settings.retry_minutes,
        vendor_name=_NAME,
        capabilities=CAPABILITIES if writing is not None else replace(CAPABILITIES, install=False),
        clock=clock,
        trust_assessment=settings.trust_assessment,
    )


def _writing(plain: Http, settings: Action1Settings, clock: Clock) -> Http | None:
    client_id, secret = settings.write_client_id, settings.write_client_secret
    if client_id is None or secret is None:
        return None
    return plain.with_authorization(bearer(plain, client_id, secret.get_secret_value(), clock))


VENDOR = Vendor(
    key="action1",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=Action1Settings,
    connect=connect,
    doubts=DOUBTS,
)
