"""N-able N-central: one status word per device; scans and installs through a script of the MSP's."""

from dataclasses import replace

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Patience, ssl_context
from integrations.rmm.bearer import Bearer
from integrations.rmm.ncentral.account import NCentralAccount
from integrations.rmm.ncentral.api import NCentralApi, sign_in
from integrations.rmm.ncentral.doubts import DOUBTS
from integrations.rmm.ncentral.lanes import CallLanes
from integrations.rmm.ncentral.settings import NCentralSettings
from integrations.rmm.vendor import Vendor

_NAME = "N-able N-central"

CAPABILITIES = Capabilities(
    script_rows=True,
    scan=True,
    install=True,
    install_chosen=True,
    # The update script restarts nothing.
    reboot_control=RebootControl.OURS,
    job_status=True,
    reconcile=Reconcile.EVIDENCE,
    installs_all_approved=True,
)


def connect(
    account: str,
    settings: NCentralSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,  # noqa: ARG001 - what an install takes is not told, so nothing can grow
    patience: Patience | None = None,
) -> NCentralAccount:
    """An account; able to scan and install where the script's number is configured."""
    plain = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        patience=patience,
    )
    bearer = Bearer(sign_in(plain, settings.jwt.get_secret_value()), clock)
    acts = settings.script_item_id is not None
    return NCentralAccount(
        api=NCentralApi(
            http=plain.with_authorization(bearer), lanes=CallLanes(settings.calls_at_once)
        ),
        account=account,
        clock=clock,
        script=settings.script_item_id,
        vendor_name=_NAME,
        capabilities=CAPABILITIES
        if acts
        else replace(CAPABILITIES, scan=False, install=False, script_rows=False),
        trust_normal=settings.trust_normal,
    )


VENDOR = Vendor(
    key="ncentral",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=NCentralSettings,
    connect=connect,
    doubts=DOUBTS,
)
