"""What the contract suite has to be told about VSA X."""

from pydantic import SecretStr

from sandbox.rmm import vsax as stand_in
from sandbox.rmm.installs import MISSING
from tests.contracts.vendor_rigs.rig import Rig, by_uid

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "token_id": stand_in.TOKEN_ID,
        "token_secret": SecretStr(stand_in.TOKEN_SECRET),
        "requests_per_second": 20,
    },
    secret="token_secret",
    to_act={"install_workflow_id": stand_in.INSTALL_WORKFLOW_ID, "may_restart": True},
    device_key=by_uid,
    devices_path="/api/v3/devices",
    install_path="*/workflows/*/run",
    effect="workflow_run",
    restart_path="*/workflows/*/run",
    restart_effect="workflow_run",
    tells_owed=False,
    strange={
        f'"{word}"': f'"Un{word}"'
        for word in ("Critical", "Important", "Moderate", "Low", "Unspecified")
    },
    pages={"integrations.rmm.vsax.api.PAGE_MAX": 7},
    tells_domain=False,
    previewed=MISSING,
    by_fleet=True,
)
