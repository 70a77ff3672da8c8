"""What no document of Atera promises, and who can tell on a server: docs/vendors/atera.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="The two calls for patches", rows=("available and installed patches",)),
    Doubt(title="The words for the state of an update", rows=("words for the states of updates",)),
    Doubt(title="Limit"),
    Doubt(title="The largest page"),
)
