"""What the contract suite has to be told about Atera."""

from pydantic import SecretStr

from sandbox.rmm import atera as stand_in
from tests.contracts.vendor_rigs.rig import Rig, by_number

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "api_key": SecretStr(stand_in.API_KEY),
        "requests_per_minute": 10_000,
    },
    secret="api_key",
    device_key=by_number,
    devices_path="/api/v3/agents",
    strange={'"Status": "Available"': '"Status": "Quarantined"'},
    pages={"integrations.rmm.atera.api.PAGE": 7},
)
