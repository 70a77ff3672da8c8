"""What no document of N-central promises, and who can tell on a server: docs/vendors/ncentral.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="Limits"),
    Doubt(
        title="The names of the two services",
        rows=("service 'patch status v2'", "service 'agent status'"),
    ),
    Doubt(title="The words for states", rows=("words for the states of services",)),
    Doubt(title="The words for tasks", look=True),
    Doubt(title="The parameter `CommandLine`", look=True),
    Doubt(title="`output`", look=True),
    Doubt(title="The refresh token"),
    Doubt(title="A task on an offline device"),
    Doubt(title="`patch-comparison`"),
)
