"""What no document of Syncro promises, and who can tell on a server: docs/vendors/syncro.md says the rest."""

from integrations.rmm.vendor import Doubt

DOUBTS = (
    Doubt(title="The inventory", rows=("times of the last sync",)),
    Doubt(title="Further pages of patches"),
    Doubt(title="How long a list is"),
    Doubt(title="The limit"),
)
