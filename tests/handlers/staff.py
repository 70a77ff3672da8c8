"""Who works at the made-up provider, and where."""

from core.domain.clients import ClientKey
from core.domain.people import EVERY_CLIENT, Person, PersonKey, Role

OURS, THEIRS = "T1", "T2"
BETA = ClientKey("beta")
ACME_CHANNEL, SHARED_CHANNEL = "C1", "C2"
TESS = Person(
    key=PersonKey("tess"),
    name="Tess",
    chat_ids=frozenset({"UTESS"}),
    emails=frozenset({"tess@msp.example"}),
    roles={EVERY_CLIENT: Role.TECHNICIAN},
)
MAYA = Person(
    key=PersonKey("maya"),
    name="Maya",
    chat_ids=frozenset({"UMAYA", "UMAYA2"}),
    roles={EVERY_CLIENT: Role.APPROVER},
)
#: Only an e-mail address is configured; two accounts show it.
DEVON = Person(
    key=PersonKey("devon"),
    name="Devon",
    emails=frozenset({"devon@msp.example"}),
    roles={EVERY_CLIENT: Role.APPROVER},
)
VIK = Person(
    key=PersonKey("vik"),
    name="Vik",
    chat_ids=frozenset({"UVIK"}),
    roles={EVERY_CLIENT: Role.VIEWER},
)
#: Knows one client only.
BO = Person(
    key=PersonKey("bo"), name="Bo", chat_ids=frozenset({"UBO"}), roles={BETA: Role.APPROVER}
)
