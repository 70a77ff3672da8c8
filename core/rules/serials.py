"""Which serial numbers tell one machine from every other, and which are a maker's filler."""

import re

_SHORTEST = 5
#: A number that only counts up is nobody's.
_COUNTING = "01234567890"
_NOISE = re.compile(r"[^a-z0-9]")
#: What boards and hypervisors say where nobody gave them a number, without signs and in small letters.
_FILLERS = frozenset(
    {
        "chassisserialnumber",
        "defaultstring",
        "empty",
        "invalid",
        "noassettag",
        "notapplicable",
        "notavailable",
        "notspecified",
        "oemchassisserial",
        "serialnumber",
        "systemserialnumber",
        "tobefilledbyoem",
        "tobefilled",
        "undefined",
        "unknown",
    }
)


def telling(serial: str | None) -> str | None:
    """The serial number in one way of writing; None where it proves nothing."""
    plain = _NOISE.sub("", (serial or "").casefold())
    if len(plain) < _SHORTEST or len(set(plain)) == 1 or plain in _COUNTING:
        return None
    if plain in _FILLERS:
        return None
    return plain
