"""Updates of other makers' software at Automate: whom to ask for them, and what is answered; pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.domain.facts import Fact
from core.domain.patching import SOFTWARE_KEY, Patch, PatchClass, PatchState, Severity
from core.errors import MalformedAnswer
from integrations.rmm.automate.mapping import approval, device_id, moment
from integrations.rmm.rows import Row, count, text

#: Longer than from one scan of ours to the next: what went in meanwhile has to be seen to have.
_PATCHED = timedelta(days=2)
_BEHIND = ("NonCompliantSoftwareCount", "FailedSoftwareCount", "IncorrectSoftwareCount")


def is_worth_asking(stats: Row, now: datetime) -> bool:
    """Whether a computer's stats count software that is behind, or tell that some was brought up to date lately."""
    behind = sum(filter(None, (count(stats.get(field)) for field in _BEHIND)))
    patched = moment(stats.get("LastThirdPartyPatchedDate"))
    return behind > 0 or (patched is not None and now - patched < _PATCHED)


def counted(stats: Row) -> int | None:
    """How many rows a computer has; None where its stats do not say."""
    counts = [count(stats.get(field)) for field in ("CompliantSoftwareCount", *_BEHIND)]
    return None if counts[0] is None else sum(filter(None, counts))


def patches(account: str, source: str, computer_id: str, rows: Iterable[Row]) -> list[Patch]:
    """One for each product that is there: software a policy wants and that is not there misses no update.

    Raises MalformedAnswer where a row has no title.
    """
    there = (row for row in rows if text(row.get("InstalledVersion")))
    return [_patch(account, source, computer_id, row) for row in there]


def _patch(account: str, source: str, computer_id: str, row: Row) -> Patch:
    product = text(row.get("DisplayTitle")) or text(row.get("Title"))
    if not product:
        raise MalformedAnswer(source, "A row of the third-party patches has no Title.")
    state = _state(row)
    title = _title(product, row, state)
    return Patch(
        key=f"{SOFTWARE_KEY}{title.casefold()}",
        device_id=device_id(account, computer_id),
        title=title,
        kb=None,
        severity=Severity.UNRANKED,
        patch_class=PatchClass.UPDATE,
        state=state,
        raw_state=text(row.get("InstallState")),
        installed_at=moment(row.get("InstallDate")) if state is PatchState.INSTALLED else None,
    )


def _state(row: Row) -> PatchState:
    """Whether a product is what the policy wants it to be is told by its compliance alone."""
    if Fact.of(row.get("IsCompliant")) is Fact.YES:
        return PatchState.INSTALLED
    allowed = approval(row)
    if row.get("IsFailed") is True and allowed is not PatchState.REJECTED:
        return PatchState.FAILED
    return allowed if row.get("IsNonCompliant") is True else PatchState.UNKNOWN


def _title(product: str, row: Row, state: PatchState) -> str:
    """The product and its version: the one that is there, or the one it misses."""
    fields = ("ApprovedVersion", "AvailableVersion", "InstalledVersion")
    versions = [text(row.get(field)) for field in fields]
    version = versions[-1] if state is PatchState.INSTALLED else next(filter(None, versions))
    return product if version in product else f"{product} {version}"
