"""What the contract suite has to be told about Tactical RMM."""

from pydantic import SecretStr

from sandbox.rmm import tactical as stand_in
from tests.contracts.vendor_rigs.rig import Rig

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "api_key": SecretStr(stand_in.API_KEY),
        "time_zone": stand_in.SERVER_TIME_ZONE,
    },
    secret="api_key",
    to_act={"may_act": True, "may_restart": True},
    device_key=stand_in.agent_id,
    devices_path="/agents/",
    install_path="/winupdate/*/install/",
    effect="winupdate_install",
    restart_path="/agents/*/reboot/",
    restart_effect="agent_reboot",
    strange={'"action": "approve"': '"action": "quarantine"'},
    scan_shows=False,
)
