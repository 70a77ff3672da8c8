"""What no document of Tactical RMM promises, and who can tell on a server: docs/vendors/tactical.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="The ping's answer", rows=("answers to a ping",)),
    Doubt(title="Installation dates", look=True),
    Doubt(title="The eight hours between scans", look=True),
    Doubt(title="The agent's word on a restart"),
)
