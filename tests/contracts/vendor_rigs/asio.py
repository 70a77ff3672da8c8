"""What the contract suite has to be told about Asio."""

from pydantic import SecretStr

from sandbox.rmm import asio as stand_in
from sandbox.rmm.installs import WAITING
from tests.contracts.vendor_rigs.rig import Rig, by_uid

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "client_id": stand_in.READ_CLIENT_ID,
        "client_secret": SecretStr(stand_in.READ_CLIENT_SECRET),
        "requests_per_five_minutes": 15_000,
    },
    secret="client_secret",
    to_act={
        "client_id": stand_in.CLIENT_ID,
        "client_secret": SecretStr(stand_in.CLIENT_SECRET),
        "script_id": stand_in.UPDATE_SCRIPT_ID,
    },
    device_key=by_uid,
    devices_path="/api/platform/v2/device/categories/platform/endpoints",
    install_path="*/schedule-tasks",
    effect="script_task",
    strange={'"partnerApprovalStatus": "Approved"': '"partnerApprovalStatus": "Quarantined"'},
    # No spec: the published description knows nearly nothing of version 2; tests/sandbox holds the rest against it.
    token_path="/v1/token",
    pages={"integrations.rmm.asio.api.PAGE_MAX": 7},
    previewed=WAITING,
)
