"""What the contract suite has to be told about Action1."""

from pydantic import SecretStr

from sandbox.estate.ids import stable_id
from sandbox.rmm import action1 as stand_in
from tests.contracts.vendor_rigs.rig import Rig, by_uid

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "client_id": stand_in.CLIENT_ID,
        "client_secret": SecretStr(stand_in.CLIENT_SECRET),
        "requests_per_minute": 6000,
    },
    secret="client_secret",
    to_act={
        "write_client_id": stand_in.WRITE_CLIENT_ID,
        "write_client_secret": SecretStr(stand_in.WRITE_CLIENT_SECRET),
    },
    device_key=by_uid,
    # The rest of the path is the one client's organisation, in the estate that every test has.
    devices_path=f"/api/3.0/endpoints/managed/{stable_id(7, 'fennel-rye', 'rmm')}",
    install_path="*/automations/instances/*",
    install_method="POST",
    effect="automation",
    strange={'"approval_status": "Approved"': '"approval_status": "Quarantined"'},
    token_path="/api/3.0/oauth2/token",
    pages={"sandbox.rmm.action1.pages.MOST": 7},
)
