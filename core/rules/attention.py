"""What needs a person first: a few named items, the most urgent kind of them leading."""

from collections.abc import Iterable, Iterator, Mapping

from core.domain.clients import Client, ClientKey
from core.domain.digest import Attention, AttentionKind
from core.domain.facts import Fact
from core.domain.findings import (
    DeviceTrouble,
    DeviceVerdict,
    MfaSection,
    MfaVerdict,
    PatchSection,
    Requirement,
    Snapshot,
)
from core.domain.patching import DeviceKind
from core.domain.remediation import Request, RequestState
from core.rules.binding import mismatch
from core.rules.notice_period import day_words
from core.rules.numbers import admins_without_mfa

MOST = 3
_HELD_UP = {
    DeviceTrouble.INSTALL_FAILED: (AttentionKind.INSTALL_FAILED, "an install failed"),
    DeviceTrouble.STUCK: (
        AttentionKind.INSTALL_STUCK,
        "online and scanned, but an approved update does not get installed",
    ),
    DeviceTrouble.SUPERSEDED: (
        AttentionKind.APPROVAL_SUPERSEDED,
        "what is approved was replaced by a release that is not",
    ),
}
#: By whether a part of the tenant is all they administer.
_ADMINS = {
    False: AttentionKind.ADMIN_WITHOUT_MFA,
    True: AttentionKind.PART_ADMIN_WITHOUT_MFA,
}
_NOT_DEMANDED = {
    Requirement.PARTIAL: "MFA is demanded only sometimes",
    Requirement.EXCLUDED: "a policy's exclusion spares it MFA",
    Requirement.REPORT_ONLY: "its MFA policy is report-only",
}


def needs_person_first(
    clients: Iterable[tuple[Client, Snapshot]], requests: Iterable[Request], *, most: int = MOST
) -> tuple[Attention, ...]:
    """At most `most` items over all these clients. Within a kind, the sections' own order holds.

    No client is named but these: whoever reads of them may not know of the others.
    """
    shown = list(clients)
    names = {client.key: client.name for client, _ in shown}
    found = [item for client, snapshot in shown for item in _of_client(client, snapshot)]
    found += [_stuck(r) for r in requests if _is_stuck(r) and r.plan.client in names]
    found += [item for client, snapshot in shown for item in _listed_twice(client, snapshot, names)]
    order = list(AttentionKind)
    return tuple(sorted(found, key=lambda item: order.index(item.kind))[:most])


def _of_client(client: Client, snapshot: Snapshot) -> Iterator[Attention]:
    wrong = mismatch(snapshot.mfa, snapshot.patches, client)
    if wrong is not None:
        yield _item(AttentionKind.WRONG_BINDING, client, client.name, wrong)
    if snapshot.mfa is not None:
        yield from _of_accounts(client, snapshot.mfa)
    if snapshot.patches is not None:
        yield from _of_devices(client, snapshot.patches)


def _of_accounts(client: Client, section: MfaSection) -> Iterator[Attention]:
    admins = admins_without_mfa(section)
    for verdict in admins:
        yield _item(_ADMINS[verdict.part_admin], client, verdict.upn, shortcoming(verdict))
    yield from _break_glass(client, section)
    exposed = (Requirement.UNCOVERED, Requirement.EXCLUDED, Requirement.REPORT_ONLY)
    for verdict in section.gaps():
        if verdict.requirement in exposed and verdict not in admins and not verdict.held_out:
            yield _item(AttentionKind.USER_UNCOVERED, client, verdict.upn, shortcoming(verdict))


def _break_glass(client: Client, section: MfaSection) -> Iterator[Attention]:
    """A list that is empty or broken forbids enforcement, and may lock everybody out one day."""
    kind = AttentionKind.BREAK_GLASS
    if not client.break_glass:
        yield _item(kind, client, client.name, "no break-glass accounts are configured")
    if not section.coverage.covers("users"):
        return
    verdicts = {str(verdict.user_id): verdict for verdict in section.verdicts}
    for user_id in client.break_glass:
        verdict = verdicts.get(user_id)
        if verdict is None:
            yield _item(kind, client, user_id, "this break-glass account does not exist")
        elif verdict.enabled is Fact.NO:
            yield _item(kind, client, verdict.upn, "this break-glass account is disabled")
        elif verdict.capable is Fact.NO:
            yield _item(kind, client, verdict.upn, "this break-glass account has no method")


def _of_devices(client: Client, section: PatchSection) -> Iterator[Attention]:
    for device in section.overdue():
        yield _item(_overdue_kind(device), client, device.name, _overdue_words(device))
    ended = [d for d in section.devices if DeviceTrouble.END_OF_LIFE in d.troubles]
    for device in sorted(ended, key=lambda d: d.kind is DeviceKind.WORKSTATION):
        yield _item(AttentionKind.END_OF_LIFE, client, device.name, f"{device.os}: no more updates")
    for device in section.devices:
        for trouble, (kind, words) in _HELD_UP.items():
            if trouble in device.troubles and device.overdue is not Fact.YES:
                yield _item(kind, client, device.name, words)


def _listed_twice(
    client: Client, snapshot: Snapshot, names: Mapping[ClientKey, str]
) -> Iterator[Attention]:
    """One of the organisations that list it is wrong, which only who answers for all of them can mend."""
    for device in snapshot.patches.devices if snapshot.patches is not None else ():
        others = [names[key] for key in device.also_under if key in names]
        if others:
            words = f"listed under {' and '.join(others)}, too"
            yield _item(AttentionKind.LISTED_TWICE, client, device.name, words)


def _overdue_kind(device: DeviceVerdict) -> AttentionKind:
    if device.kind is DeviceKind.WORKSTATION:
        return AttentionKind.DEVICE_OVERDUE
    return AttentionKind.SERVER_OVERDUE


def _overdue_words(device: DeviceVerdict) -> str:
    worst = device.worst
    if worst is None:
        return "overdue"
    return f"{worst.line}: {worst.age_days} days old, {worst.allowed_days} allowed"


def _is_stuck(request: Request) -> bool:
    return request.state is RequestState.NEEDS_PERSON


def _stuck(request: Request) -> Attention:
    return Attention(
        kind=AttentionKind.NEEDS_PERSON,
        client=request.plan.client,
        subject=request.id,
        detail=request.note or "waits for a person's word",
    )


def _item(kind: AttentionKind, client: Client, subject: str, detail: str) -> Attention:
    return Attention(kind=kind, client=client.key, subject=subject, detail=detail)


def shortcoming(verdict: MfaVerdict) -> str:
    """What the account lacks, as the end of a sentence."""
    wants = []
    if verdict.notice is not None and verdict.enforced is not Fact.YES:
        until, request = day_words(verdict.notice.until), verdict.notice.request
        wants.append(f"MFA is not demanded until {until}, as {request} announced")
    elif verdict.enforced is Fact.NO:
        wants.append(_NOT_DEMANDED.get(verdict.requirement, "nothing demands MFA"))
    if verdict.capable is Fact.NO:
        wants.append("no usable method is registered")
    return " and ".join(wants) or "could not be read in full"
