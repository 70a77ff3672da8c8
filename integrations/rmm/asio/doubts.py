"""What no document of ConnectWise RMM promises, and who can tell on a server: docs/vendors/asio.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(
        title="The word for a company",
        rows=("companies and devices", "who is online", "counts of missing updates"),
    ),
    Doubt(title="404"),
    Doubt(title="The quota"),
    Doubt(title="Scopes", rows=("updates of a device", "list of tasks")),
    Doubt(title="`status` of an update", look=True),
    Doubt(title="Approval words", look=True),
    Doubt(title="Updates of other makers' software", look=True),
    Doubt(title="`task_api`", look=True),
    Doubt(title="Words for progress", look=True),
    Doubt(title="The list of tasks", rows=("list of tasks",)),
    Doubt(title="The next assessment"),
    Doubt(title="A task for an offline device"),
)
