"""The RMM products Gatehouse speaks to."""

from typing import Any

from integrations.rmm.action1 import VENDOR as ACTION1
from integrations.rmm.asio import VENDOR as ASIO
from integrations.rmm.atera import VENDOR as ATERA
from integrations.rmm.automate import VENDOR as AUTOMATE
from integrations.rmm.datto import VENDOR as DATTO
from integrations.rmm.ncentral import VENDOR as NCENTRAL
from integrations.rmm.ninjaone import VENDOR as NINJAONE
from integrations.rmm.syncro import VENDOR as SYNCRO
from integrations.rmm.tactical import VENDOR as TACTICAL
from integrations.rmm.vendor import Vendor
from integrations.rmm.vsa9 import VENDOR as VSA9
from integrations.rmm.vsax import VENDOR as VSAX

#: All vendors. A new one is a folder beside these and a line here.
VENDORS: tuple[Vendor[Any], ...] = (
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
