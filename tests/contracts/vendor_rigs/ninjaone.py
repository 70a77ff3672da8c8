"""What the contract suite has to be told about NinjaOne."""

from pydantic import SecretStr

from sandbox.rmm import ninjaone as stand_in
from tests.contracts.vendor_rigs.rig import Rig, by_number

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "client_id": stand_in.CLIENT_ID,
        "client_secret": SecretStr(stand_in.CLIENT_SECRET),
    },
    secret="client_secret",
    to_act={
        "write_client_id": stand_in.WRITE_CLIENT_ID,
        "write_client_secret": SecretStr(stand_in.WRITE_CLIENT_SECRET),
    },
    device_key=by_number,
    devices_path="/v2/devices-detailed",
    install_path="*/patch/os/apply",
    effect="os_patch_apply",
    restart_path="*/reboot/NORMAL",
    restart_effect="reboot",
    strange={'"status": "APPROVED"': '"status": "QUARANTINED"'},
    token_path="/ws/oauth/token",
    pages={
        "integrations.rmm.ninjaone.api.LIST_PAGE": 7,
        "integrations.rmm.ninjaone.api.REPORT_PAGE": 31,
    },
    by_fleet=True,
)
