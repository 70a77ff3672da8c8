"""Kaseya VSA 9: rows read device by device, errors inside HTTP 200, an install order locked until proven."""

from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Patience, ssl_context
from integrations.rmm.vendor import UnsureWrite, Vendor
from integrations.rmm.vsa9.account import Vsa9Account
from integrations.rmm.vsa9.api import Vsa9Api, path_of
from integrations.rmm.vsa9.doubts import DOUBTS
from integrations.rmm.vsa9.envelope import unwrap
from integrations.rmm.vsa9.settings import Vsa9Settings
from integrations.rmm.vsa9.sign_in import authorization
from integrations.rmm.vsa9.trial import RISK, reading, trial

_NAME = "Kaseya VSA 9"

CAPABILITIES = Capabilities(
    patch_rows=True,
    kb_numbers=True,
    install=True,
    install_chosen=True,
    # The order says nothing about restarts: the agent's own reboot action decides.
    reboot_control=RebootControl.VENDOR_POLICY,
    reconcile=Reconcile.EVIDENCE,
    # Orders say SkipIfOffLine, so that none waits where nobody looks.
    offline="loses",
)


def connect(
    account: str,
    settings: Vsa9Settings,
    *,
    clock: Clock,
    growth_percent: int = 25,  # noqa: ARG001 - every vendor is given it; here plans name what they take
    patience: Patience | None = None,
) -> Vsa9Account:
    """An account; able to install where a user for writing is configured."""
    plain = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        patience=patience,
        unwrap=unwrap,
    )
    reading = _signed_in(plain, settings, settings.username, settings.access_token, clock)
    writing = _writing(plain, settings, clock)
    return Vsa9Account(
        api=Vsa9Api(reading=reading, writing=writing, slash=settings.trailing_slash),
        account=account,
        clock=clock,
        zone=None if settings.time_zone is None else ZoneInfo(settings.time_zone),
        orders_show=settings.sched_together == "ordered",
        vendor_name=_NAME,
        capabilities=CAPABILITIES if writing else replace(CAPABILITIES, install=False),
    )


def _writing(plain: Http, settings: Vsa9Settings, clock: Clock) -> Http | None:
    username, token = settings.write_username, settings.write_access_token
    if username is None or token is None:
        return None
    return _signed_in(plain, settings, username, token, clock)


def _signed_in(
    plain: Http, settings: Vsa9Settings, username: str, token: SecretStr, clock: Clock
) -> Http:
    sign_in = authorization(
        plain,
        path=partial(path_of, slash=settings.trailing_slash),
        username=username,
        secret=token.get_secret_value(),
        clock=clock,
    )
    return plain.with_authorization(sign_in)


VENDOR = Vendor(
    key="vsa9",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=Vsa9Settings,
    connect=connect,
    unsure=UnsureWrite(reading=reading, risk=RISK, trial=trial),
    doubts=DOUBTS,
)
