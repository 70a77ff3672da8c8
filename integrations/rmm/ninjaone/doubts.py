"""What no document of NinjaOne promises, and who can tell on a server: docs/vendors/ninjaone.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="Request limits"),
    Doubt(title="`NORMAL`", look=True),
    Doubt(title="Dates", look=True),
    Doubt(title="Activity codes", look=True),
    Doubt(title="What `script/run` answers"),
    Doubt(title="The script's parameters", look=True),
    Doubt(title="The list of scripts"),
    Doubt(title="A scan after an install"),
)
