"""What no document of Datto RMM promises, and who can tell on a server: docs/vendors/datto.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="Forms of times", rows=("times last seen",)),
    Doubt(title="`lastAuditDate`", rows=("ages of the counts",)),
    Doubt(title="404 for a job's result"),
    Doubt(title="The log's words", look=True),
    Doubt(title="`lastReboot`", look=True),
)
