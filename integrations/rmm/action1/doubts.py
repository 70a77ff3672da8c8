"""What no document of Action1 promises, and who can tell on a server: docs/vendors/action1.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="Limits"),
    Doubt(
        title="`release_date`, `security_severity`, `approval_status`",
        rows=("approval of updates", "severity of updates", "release dates of updates"),
    ),
    Doubt(title="The words", look=True),
    Doubt(title="Numbers"),
    Doubt(title="`instances_path`", rows=("automations",)),
    Doubt(title="The list of runs"),
    Doubt(title="The missing updates after a run"),
)
