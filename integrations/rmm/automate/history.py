"""Lines of Automate's patch history as updates that went in or failed; pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from core.domain.patching import DeviceId, Patch, PatchClass, PatchState, Severity
from integrations.rmm.automate.mapping import article, device_id, ident, key, moment, part
from integrations.rmm.rows import Row, count, text
from integrations.rmm.titles import class_in, kb_in

#: Operations and results have the numbers of the Windows Update Agent: 1 installs; 2 is success, 3 success
#: with errors, 4 failure, 5 an abort.
_INSTALLS = 1
_OUTCOMES: Mapping[int, PatchState] = {
    2: PatchState.INSTALLED,
    3: PatchState.INSTALLED,
    4: PatchState.FAILED,
    5: PatchState.FAILED,
}


def attempts(account: str, source: str, rows: Iterable[Row]) -> list[Patch]:
    """Installs that came to an end, oldest first; definitions come daily and are nobody's doing.

    `installed_at` is when it was tried, whatever came of it. Raises MalformedAnswer.
    """
    found = sorted(_attempts(account, source, rows), key=lambda pair: pair[0])
    return [item for _, item in found if _counts(item)]


def by_device(patches: Iterable[Patch]) -> dict[DeviceId, list[Patch]]:
    found: dict[DeviceId, list[Patch]] = {}
    for item in patches:
        found.setdefault(item.device_id, []).append(item)
    return found


def _attempts(account: str, source: str, rows: Iterable[Row]) -> Iterator[tuple[datetime, Patch]]:
    for row in rows:
        told, at = part(row, "PatchHistoryTitle"), moment(row.get("ActionDate"))
        title = text(told.get("Title"))
        state = _OUTCOMES.get(_code(row, "ResultCode"))
        if _code(row, "OperationCode") != _INSTALLS or state is None or not title or at is None:
            continue
        kb = article(told.get("KnowledgeBaseId")) or kb_in(title)
        tried = Patch(
            key=key(kb, title),
            device_id=device_id(account, ident(source, row, "ComputerId", "patch history")),
            title=title,
            kb=kb,
            severity=Severity.UNRANKED,
            patch_class=class_in(title) or PatchClass.UNKNOWN,
            state=state,
            raw_state=text(part(row, "ResultCode").get("Name")),
            installed_at=at,
        )
        yield at, tried


def _code(row: Row, field: str) -> int:
    return count(part(row, field).get("Id")) or 0


def _counts(patch: Patch) -> bool:
    return patch.patch_class is not PatchClass.DEFINITION
