"""Updates of other makers' software at ConnectWise RMM, whose answers are known from one other client alone; pure."""

from collections.abc import Iterable, Iterator, Mapping

from core.domain.patching import SOFTWARE_KEY, Patch, PatchClass, PatchState, Severity
from integrations.rmm.asio.mapping import device_id
from integrations.rmm.rows import Row, count, rows, text

#: What is up to date is not missing; any other word is shown, and called unknown.
_UP_TO_DATE = "uptodate"
_STATES: Mapping[str, PatchState] = {"outofdate": PatchState.PENDING}


def is_behind(row: Row) -> bool:
    """Whether a row of the summary counts updates that wait."""
    return bool(count(row.get("updatesPending")))


def patches(account: str, source: str, endpoint_id: str, told: Iterable[Row]) -> list[Patch]:
    """An endpoint's products that are not up to date. Whether an update is approved is not told."""
    return [
        _patch(account, endpoint_id, product, state)
        for row in told
        for product, state in _behind(source, row)
    ]


def _behind(source: str, row: Row) -> Iterator[tuple[Row, PatchState]]:
    for product in rows(source, row.get("applications") or [], "applications"):
        word = "".join(filter(str.isalpha, text(product.get("status")).lower()))
        if word != _UP_TO_DATE and text(product.get("applicationName")):
            yield product, _STATES.get(word, PatchState.UNKNOWN)


def _patch(account: str, endpoint_id: str, product: Row, state: PatchState) -> Patch:
    title = f"{text(product.get('applicationName'))} {text(product.get('latestVersion'))}".strip()
    return Patch(
        key=f"{SOFTWARE_KEY}{title.casefold()}",
        device_id=device_id(account, endpoint_id),
        title=title,
        kb=None,
        severity=Severity.UNRANKED,
        patch_class=PatchClass.UPDATE,
        state=state,
        raw_state=text(product.get("status")),
    )
