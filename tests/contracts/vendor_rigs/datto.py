"""What the contract suite has to be told about Datto RMM."""

from pydantic import SecretStr

from sandbox.rmm import datto as stand_in
from tests.contracts.vendor_rigs.rig import Rig, by_uid

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "api_key": SecretStr(stand_in.API_KEY),
        "api_secret": SecretStr(stand_in.API_SECRET),
    },
    secret="api_secret",
    to_act={
        "install_component_uid": stand_in.INSTALL_COMPONENT_UID,
        "may_restart": True,
    },
    device_key=by_uid,
    devices_path="/api/v2/account/devices",
    install_path="*/quickjob",
    effect="quickjob",
    restart_path="*/quickjob",
    restart_effect="quickjob",
    strange={'"patchStatus": "ApprovedPending"': '"patchStatus": "Quarantined"'},
    token_path="/auth/oauth/token",
    pages={"integrations.rmm.datto.api.PAGE_MAX": 7},
    by_fleet=True,
)
