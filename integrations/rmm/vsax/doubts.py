"""What no document of Kaseya VSA X promises, and who can tell on a server: docs/vendors/vsax.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="Limits"),
    Doubt(title="The state's name"),
    Doubt(title="`Description`", rows=("operating systems",)),
    Doubt(title="`LastSeenOnline`", rows=("times last seen",)),
    Doubt(title="`Updates`", rows=("counts of missing updates",)),
    Doubt(title="Filters", rows=("executions of the workflow",)),
    Doubt(title="A run on an offline device"),
    Doubt(title="`LastReboot`", look=True),
    Doubt(title="Newer builds", look=True),
)
