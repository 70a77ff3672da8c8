"""What the contract suite has to be told about N-central."""

from pydantic import SecretStr

from sandbox.rmm import ncentral as stand_in
from tests.contracts.vendor_rigs.rig import Rig, by_number

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={"jwt": SecretStr(stand_in.JWT)},
    secret="jwt",
    to_act={"script_item_id": stand_in.SCRIPT_ITEM_ID},
    device_key=by_number,
    devices_path="/api/devices",
    install_path="/api/scheduled-tasks/direct",
    effect="direct_task",
    strange={
        f'"stateStatus": "{word}"': '"stateStatus": "Quarantined"' for word in ("Warning", "Failed")
    },
    token_path="/api/auth/authenticate",
    pages={"integrations.rmm.ncentral.api.PAGE_MAX": 7},
    tells_domain=False,
    counts=False,
)
