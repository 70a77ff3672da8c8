"""What an approver is told of work on devices before it runs: what is taken, and who restarts them."""

from collections.abc import Mapping, Sequence

from core.domain.clients import Client
from core.domain.patching import Capabilities, Family, RebootControl
from core.domain.remediation import Action, Target
from core.rules.patch_turns import later_nights

REBOOT_WORDS: Mapping[RebootControl, str] = {
    RebootControl.OURS: "Gatehouse does not restart the devices; a restart that is owed is shown afterwards.",
    RebootControl.VENDOR_POLICY: "The RMM's own policy decides whether and when these devices restart.",
    RebootControl.UNKNOWN: "It is not known who decides about restarts: expect the devices to restart.",
}
RESTART_WORDS = "Whoever works on one of these devices then loses what is not saved."


def warnings(
    client: Client,
    action: Action,
    targets: Sequence[Target],
    *,
    vendor_name: str,
    can: Capabilities,
) -> tuple[str, ...]:
    """Sentences about a plan for these targets at an account that can do so much."""
    if action is Action.SCAN_PATCHES:
        return ()
    if action is Action.RESTART_DEVICES:
        return (RESTART_WORDS, *later_nights(targets, client))
    return (
        REBOOT_WORDS[can.reboot_control],
        *_how_much(vendor_name, can, targets),
        "Installed updates cannot be taken out again from here.",
        *later_nights(targets, client),
    )


def _how_much(vendor_name: str, can: Capabilities, targets: Sequence[Target]) -> list[str]:
    """What an install takes: the listed updates where they can be named, else whatever is approved by then."""
    named = [target for target in targets if target.chosen]
    counts = [target.count for target in targets if not target.chosen]
    words = []
    if named:
        updates = _several(sum(len(target.chosen) for target in named), "update")
        others = "no others of the system's" if _with_software(named) else "no others"
        words.append(
            f"On {_several(len(named), 'device')} exactly the {updates} listed there are installed, {others}."
        )
    if counts and can.installs_all_approved:
        words.append(f"{vendor_name} installs everything approved when it runs: {_today(counts)}.")
    software = _with_software(targets)
    if software:
        words.append(
            f"On {_several(len(software), 'device')} other makers' software is updated, too: "
            "whatever is approved of it by then."
        )
    return words


def _with_software(targets: Sequence[Target]) -> list[Target]:
    return [target for target in targets if Family.SOFTWARE in target.families]


def _today(counts: Sequence[int | None]) -> str:
    """How much would be taken now, never counting a device whose updates are not known as one without."""
    known = [count for count in counts if count is not None]
    unknown = len(counts) - len(known)
    parts = []
    if known:
        parts.append(
            f"today that is {_several(sum(known), 'update')} on {_several(len(known), 'device')}"
        )
    if unknown:
        parts.append(f"how much that is on {_several(unknown, 'device')} is not known")
    return ", and ".join(parts)


def _several(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else f'{one}s'}"
