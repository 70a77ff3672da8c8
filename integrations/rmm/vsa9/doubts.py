"""What no document of Kaseya VSA 9 promises, and who can tell on a server: docs/vendors/vsa9.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="`schedule`", locks=True),
    Doubt(title="`trailing_slash`", rows=("organisations and agents",)),
    Doubt(title="`sched_together`", look=True),
    Doubt(title="`time_zone`", look=True),
    Doubt(title="A session's end"),
    Doubt(title="Lists that refuse pages"),
    Doubt(title="One agent", rows=("one agent by its number",)),
    Doubt(title="`RebootPending`", rows=("restarts owed",)),
    Doubt(title="`Online`", rows=("who is online",)),
)
