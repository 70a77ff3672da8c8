"""What the contract suite has to be told about Automate."""

from pydantic import SecretStr

from sandbox.rmm import automate as stand_in
from tests.contracts.vendor_rigs.rig import Rig, by_number

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "client_id": stand_in.CLIENT_ID,
        "username": stand_in.USERNAME,
        "password": SecretStr(stand_in.PASSWORD),
    },
    secret="password",
    to_act={
        "write_username": stand_in.WRITE_USERNAME,
        "write_password": SecretStr(stand_in.WRITE_PASSWORD),
        "entity_type_computer": stand_in.COMPUTER,
        "restart_command": stand_in.RESTART,
    },
    device_key=by_number,
    devices_path="/cwa/api/v1/Computers",
    install_path="*/PatchActions/DeployAllApproved",
    effect="deploy_all_approved",
    restart_path="*/CommandExecute",
    restart_effect="command",
    strange={'"Name": "Approve"': '"Name": "Quarantined"'},
    token_path="/cwa/api/v1/apitoken",
    pages={"sandbox.rmm.automate.query.MOST": 7},
)
