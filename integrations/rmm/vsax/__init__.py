"""Kaseya VSA X (VSA 10, Pulseway): counts of missing updates only; all that is done is done through a workflow."""

from dataclasses import replace
from datetime import timedelta

from core.domain.patching import Capabilities, RebootControl, Reconcile
from core.ports import Clock
from integrations.http import Http, Pace, Patience, ssl_context
from integrations.rmm.vendor import Vendor
from integrations.rmm.vsax.account import VsaxAccount
from integrations.rmm.vsax.api import VsaxApi, basic
from integrations.rmm.vsax.doubts import DOUBTS
from integrations.rmm.vsax.fleet import Fleet
from integrations.rmm.vsax.runs import Runs
from integrations.rmm.vsax.settings import VsaxSettings

_NAME = "Kaseya VSA X"

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
    installs_all_approved=True,
)


def connect(
    account: str,
    settings: VsaxSettings,
    *,
    clock: Clock,
    growth_percent: int = 25,
    patience: Patience | None = None,
) -> VsaxAccount:
    """An account; able to scan and install where the workflow's id is configured, to restart where that is allowed."""
    header = basic(settings.token_id, settings.token_secret.get_secret_value())
    http = Http(
        source=f"{_NAME} ({account})",
        base_url=settings.base_url,
        context=ssl_context(settings.ca_file),
        authorize=lambda _refused: header,
        pace=Pace(1, timedelta(seconds=1 / settings.requests_per_second)),
        patience=patience,
    )
    api = VsaxApi(http=http, path=settings.api_path)
    workflow = settings.install_workflow_id
    acts = workflow is not None
    return VsaxAccount(
        api=api,
        account=account,
        fleet=Fleet(api=api, account=account, clock=clock),
        runs=None if workflow is None else Runs(api=api, workflow=workflow),
        growth_percent=growth_percent,
        vendor_name=_NAME,
        may_restart=settings.may_restart,
        capabilities=replace(CAPABILITIES, reboot=settings.may_restart)
        if acts
        else replace(CAPABILITIES, scan=False, install=False, reboot=False, script_rows=False),
        clock=clock,
    )


VENDOR = Vendor(
    key="vsax",
    name=_NAME,
    capabilities=CAPABILITIES,
    settings=VsaxSettings,
    connect=connect,
    doubts=DOUBTS,
)
