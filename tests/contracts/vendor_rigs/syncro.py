"""What the contract suite has to be told about Syncro."""

from pydantic import SecretStr

from sandbox.rmm import syncro as stand_in
from tests.contracts.vendor_rigs.rig import Rig, by_number

RIG = Rig(
    stand_in=stand_in.STAND_IN,
    read_only={
        "api_token": SecretStr(stand_in.API_TOKEN),
        "requests_per_minute": 10_000,
    },
    secret="api_token",
    device_key=by_number,
    devices_path="/api/v1/customer_assets",
    strange={'"status": "Missing Patches"': '"status": "Quarantined Patches"'},
    pages={"sandbox.rmm.syncro.readings.PAGE": 7, "sandbox.rmm.syncro.readings.PATCH_PAGE": 2},
)
