"""The RMM products Gatehouse speaks to."""

from typing import Any

from integrations.rmm.datto import VENDOR as DATTO
from integrations.rmm.ninjaone import VENDOR as NINJAONE
from integrations.rmm.vendor import Vendor

#: All vendors. A new one is a folder beside these and a line here.
VENDORS: tuple[Vendor[Any], ...] = (DATTO, NINJAONE)
