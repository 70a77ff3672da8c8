"""What no document of ConnectWise Automate promises, and who can tell on a server: docs/vendors/automate.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="`entity_type_computer`", locks=True),
    Doubt(title="`restart_command`", rows=("command that restarts",)),
    Doubt(title="A token's life"),
    Doubt(title="`page_size`"),
    Doubt(title="Dates in a condition", rows=("patch history",)),
    Doubt(title="Times without a zone", look=True),
    Doubt(title="`KnowledgeBaseId`"),
    Doubt(title="The history's numbers", look=True),
    Doubt(title="An order for an offline computer"),
    Doubt(title="Software of other makers", look=True),
    Doubt(title="Compliance of software", look=True),
    Doubt(title="503"),
)
