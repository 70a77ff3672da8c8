"""The RMM stand-ins, one folder per vendor, and what they share: a fleet that lives on while time passes."""

from sandbox.rmm.action1 import STAND_IN as ACTION1
from sandbox.rmm.asio import STAND_IN as ASIO
from sandbox.rmm.atera import STAND_IN as ATERA
from sandbox.rmm.automate import STAND_IN as AUTOMATE
from sandbox.rmm.datto import STAND_IN as DATTO
from sandbox.rmm.ncentral import STAND_IN as NCENTRAL
from sandbox.rmm.ninjaone import STAND_IN as NINJAONE
from sandbox.rmm.stand_in import StandIn
from sandbox.rmm.syncro import STAND_IN as SYNCRO
from sandbox.rmm.tactical import STAND_IN as TACTICAL
from sandbox.rmm.vsa9 import STAND_IN as VSA9
from sandbox.rmm.vsax import STAND_IN as VSAX

#: All of them. A new one is a folder beside these and a line here.
STAND_INS: tuple[StandIn, ...] = (
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
