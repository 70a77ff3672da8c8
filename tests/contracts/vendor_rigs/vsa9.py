"""What the contract suite has to be told about VSA 9."""

from pydantic import SecretStr

from sandbox.rmm import vsa9 as stand_in
from tests.contracts.vendor_rigs.rig import Rig

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "username": stand_in.USERNAME,
        "access_token": SecretStr(stand_in.ACCESS_TOKEN),
        "time_zone": stand_in.SERVER_TIME_ZONE,
    },
    secret="access_token",
    to_act={
        "write_username": stand_in.WRITE_USERNAME,
        "write_access_token": SecretStr(stand_in.WRITE_ACCESS_TOKEN),
    },
    device_key=stand_in.agent_id,
    devices_path="/api/v1.0/assetmgmt/agents",
    install_path="*/schedule",
    effect="patch_schedule",
    strange={'"SchedTogether": 0': '"SchedTogether": "Quarantined"'},
    token_path="/api/v1.0/auth",
    pages={"integrations.rmm.vsa9.api.PAGE_MAX": 7},
)
