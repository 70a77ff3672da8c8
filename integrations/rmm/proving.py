"""What every vendor's proof of an account shares: how it ends, what bindings point at, what may be read."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorError, VendorForbidden, VendorRefused
from integrations.rmm.rows import most_common
from integrations.rmm.vendor import (
    AccountProof,
    OrganisationProof,
    Permission,
    bound_organisations,
)

Found = tuple[tuple[Permission, ...], tuple[OrganisationProof, ...]]

_SEEN = 5


def proof(account: str, vendor_name: str, ask: Callable[[], Found]) -> AccountProof:
    """What `ask` finds, or what kept it from asking. Never raises for the vendor."""
    try:
        permissions, organisations = ask()
    except VendorError as failure:
        return AccountProof(
            account=account,
            vendor_name=vendor_name,
            problem=failure.sentence,
            remedy=failure.remedy,
        )
    return AccountProof(
        account=account,
        vendor_name=vendor_name,
        permissions=permissions,
        organisations=organisations,
    )


def organisations(
    bindings: Sequence[RmmBinding], names: Mapping[str, str], devices: Iterable[Device]
) -> tuple[OrganisationProof, ...]:
    """What each binding points at, by the names of all organisations and the devices of the bound ones."""
    bound: dict[str, list[Device]] = {item: [] for item in bound_organisations(bindings)}
    for device in devices:
        if device.organisation in bound:
            bound[device.organisation].append(device)
    return tuple(
        OrganisationProof(
            organisation=item,
            name=names.get(item),
            devices=len(own),
            main_domain=most_common(device.domain for device in own),
        )
        for item, own in bound.items()
    )


def may(read: Callable[[], object]) -> Fact:
    """Whether a reading is allowed and understood."""
    try:
        read()
    except (VendorForbidden, VendorRefused):
        return Fact.NO
    return Fact.YES


def told(what: str, by: Iterable[bool], *, field: str, page: str) -> Permission:
    """Whether anything tells something at all: by each that was looked at, whether it does; by none nothing is known."""
    looked_at = list(by)
    return Permission(
        name=what,
        present=Fact.of(any(looked_at)) if looked_at else Fact.UNKNOWN,
        purpose="reading",
        remedy=f"Nothing tells it in {field}; docs/vendors/{page}.md says what follows from that.",
    )


def words_known(what: str, seen: Collection[str], strange: Collection[str]) -> Permission:
    """Whether every word that was seen is one we know; of none nothing is known."""
    unknown = (
        f"Unknown: {', '.join(sorted(strange))}. What is told in such words is shown as unknown."
    )
    return Permission(
        name=what,
        present=Fact.of(not strange) if seen else Fact.UNKNOWN,
        purpose="reading",
        remedy=unknown if strange else "None was seen. Check again once there is one.",
    )


def likeliest(listed: Iterable[tuple[str, str]]) -> str:
    """What may be meant where a script of ours is not found: some names with their ids, the likeliest first."""
    likely = sorted(sorted(listed), key=lambda pair: "gatehouse" not in pair[0].lower())
    return ", ".join(f"{name} ({item})" for name, item in likely[:_SEEN]) or "none we may see"
