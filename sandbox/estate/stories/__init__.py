"""What is special about each company's directory: one short story per company."""

from collections.abc import Callable

from sandbox.estate.draft import Draft
from sandbox.estate.stories.acme_dental import acme_dental
from sandbox.estate.stories.blue_river_law import blue_river_law
from sandbox.estate.stories.cedar_finch import cedar_finch
from sandbox.estate.stories.harbor import harbor
from sandbox.estate.stories.kestrel import kestrel
from sandbox.estate.stories.orchard_care import orchard_care
from sandbox.estate.stories.ordinary import ordinary
from sandbox.estate.stories.plover_sails import plover_sails

STORIES: dict[str, Callable[[Draft], None]] = {
    "harbor": harbor,
    "acme-dental": acme_dental,
    "blue-river-law": blue_river_law,
    "cedar-finch": cedar_finch,
    "orchard-care": orchard_care,
    "kestrel": kestrel,
    "plover-sails": plover_sails,
}


def tell(draft: Draft) -> None:
    """Grow the company's directory; companies without a story of their own get the ordinary one."""
    STORIES.get(draft.outline.key, ordinary)(draft)
