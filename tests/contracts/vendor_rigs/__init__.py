"""For every vendor, how its stand-in is served and how its account is configured: what the contract suite runs on."""

from tests.contracts.vendor_rigs.action1 import RIG as ACTION1
from tests.contracts.vendor_rigs.asio import RIG as ASIO
from tests.contracts.vendor_rigs.atera import RIG as ATERA
from tests.contracts.vendor_rigs.automate import RIG as AUTOMATE
from tests.contracts.vendor_rigs.datto import RIG as DATTO
from tests.contracts.vendor_rigs.ncentral import RIG as NCENTRAL
from tests.contracts.vendor_rigs.ninjaone import RIG as NINJAONE
from tests.contracts.vendor_rigs.rig import Rig
from tests.contracts.vendor_rigs.syncro import RIG as SYNCRO
from tests.contracts.vendor_rigs.tactical import RIG as TACTICAL
from tests.contracts.vendor_rigs.vsa9 import RIG as VSA9
from tests.contracts.vendor_rigs.vsax import RIG as VSAX

#: A new vendor is a file beside these and a line here.
RIGS: tuple[Rig, ...] = (
    ACTION1,
    ASIO,
    ATERA,
    AUTOMATE,
    DATTO,
    NCENTRAL,
    NINJAONE,
    SYNCRO,
    TACTICAL,
    VSA9,
    VSAX,
)
