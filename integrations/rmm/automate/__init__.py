"""ConnectWise Automate: patch rows with release dates, deployments answered with 204 and locked until proven."""

from dataclasses import replace

from pydantic import SecretStr

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Patience, ssl_context
from integrations.rmm.automate.account import AutomateAccount
from integrations.rmm.automate.api import AutomateApi
from integrations.rmm.automate.doubts import DOUBTS
from integrations.rmm.automate.settings import AutomateSettings
from integrations.rmm.automate.sign_in import authorization
from integrations.rmm.automate.trial import RISK, reading, trial
from integrations.rmm.vendor import UnsureWrite, Vendor

_NAME = "ConnectWise Automate"

CAPABILITIES = Capabilities(
    patch_rows=True,
    kb_numbers=True,
    release_dates=True,
    install=True,
    reboot=True,
    # A deployment says nothing about restarts: the computer's reboot policy decides.
    reboot_control=RebootControl.VENDOR_POLICY,
    reconcile=Reconcile.EVIDENCE,
    installs_all_approved=True,
)


def connect(
    account: str,
    settings: AutomateSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,
    patience: Patience | None = None,
) -> AutomateAccount:
    """An account; able to install where a user for writing and its number for a computer are configured.

    It restarts where the number of the server's command for that is.
    """
    plain = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        patience=patience,
    )
    api = AutomateApi(
        reading=_reading(plain, settings, clock),
        writing=_writing(plain, settings, clock),
        page_size=settings.page_size,
    )
    acts = api.writing is not None and settings.entity_type_computer is not None
    return AutomateAccount(
        api=api,
        account=account,
        growth_percent=growth_percent,
        entity_type=settings.entity_type_computer,
        vendor_name=_NAME,
        restart_command=settings.restart_command,
        capabilities=replace(
            CAPABILITIES, install=acts, reboot=settings.restart_command is not None
        ),
        clock=clock,
    )


def _reading(plain: Http, settings: AutomateSettings, clock: Clock) -> Http:
    return _signed_in(plain, settings, settings.username, settings.password, clock)


def _writing(plain: Http, settings: AutomateSettings, clock: Clock) -> Http | None:
    username, password = settings.write_username, settings.write_password
    if username is None or password is None:
        return None
    return _signed_in(plain, settings, username, password, clock)


def _signed_in(
    plain: Http, settings: AutomateSettings, username: str, password: SecretStr, clock: Clock
) -> Http:
    sign_in = authorization(
        plain,
        client_id=settings.client_id,
        username=username,
        secret=password.get_secret_value(),
        clock=clock,
    )
    return plain.with_authorization(sign_in)


VENDOR = Vendor(
    key="automate",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=AutomateSettings,
    connect=connect,
    unsure=UnsureWrite(reading=reading, risk=RISK, trial=trial),
    doubts=DOUBTS,
)
