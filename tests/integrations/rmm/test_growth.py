"""Whether an install would now take more than what was approved."""

from datetime import UTC, datetime

from core.domain.clients import ClientKey
from core.domain.patching import DeviceId, Patch, PatchClass, PatchState, Severity
from core.domain.remediation import Action, Direction, Options, Plan, Target
from integrations.rmm.growth import Growth, grown_counts

A, B = DeviceId("ninja:1"), DeviceId("ninja:2")


def patch(device: DeviceId, key: str, kind: PatchClass = PatchClass.SECURITY) -> Patch:
    return Patch(
        key=key,
        device_id=device,
        title=f"Update {key}",
        kb=key,
        severity=Severity.LOW,
        patch_class=kind,
        state=PatchState.APPROVED,
    )


def plan(basis: int | None = 4) -> Plan:
    """Two devices with as many updates each as `basis` says."""
    keys = None if basis is None else frozenset(f"KB{n}" for n in range(basis))
    return Plan(
        client=ClientKey("acme"),
        client_name="Acme",
        account="ninja",
        action=Action.INSTALL_PATCHES,
        direction=Direction.RAISES,
        options=Options(),
        targets=tuple(Target(id=item, name=item, basis=keys, count=basis) for item in (A, B)),
        made_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def now(added: int, kind: PatchClass = PatchClass.SECURITY) -> dict[DeviceId, list[Patch]]:
    """What is approved now: all of the basis, and so many more on the first device."""
    listed = [patch(A, f"KB{n}") for n in range(4)] + [
        patch(A, f"N{n}", kind) for n in range(added)
    ]
    return {A: listed, B: [patch(B, f"KB{n}") for n in range(4)]}


def test_growth_up_to_the_share_is_what_was_approved() -> None:
    assert Growth(plan(), [A], 25).wider(now(2)) is None


def test_growth_beyond_the_share_is_wider() -> None:
    wider = Growth(plan(), [A], 25).wider(now(3))
    assert wider is not None
    assert "3 updates were approved in the RMM since, on top of 8" in wider


def test_updates_that_went_in_meanwhile_do_not_make_room_for_others() -> None:
    assert Growth(plan(), [A], 25).wider({A: [patch(A, f"N{n}") for n in range(3)]}) is not None


def test_no_growth_is_allowed_at_nought_percent() -> None:
    assert Growth(plan(), [A], 0).wider(now(0)) is None
    assert Growth(plan(), [A], 0).wider(now(1)) is not None


def test_one_new_driver_or_feature_update_is_always_wider() -> None:
    driver = Growth(plan(), [A], 25).wider(now(1, PatchClass.DRIVER))
    assert driver == "A driver was approved since: Update N0."
    feature = Growth(plan(), [A], 25).wider(now(1, PatchClass.FEATURE))
    assert feature == "A feature update was approved since: Update N0."


def test_driver_on_another_device_waits_for_that_devices_turn() -> None:
    assert Growth(plan(), [B], 25).wider(now(1, PatchClass.DRIVER)) is None


def test_driver_that_was_in_the_plan_is_not_new() -> None:
    approved = {A: [patch(A, "KB0", PatchClass.DRIVER)]}
    assert Growth(plan(), [A], 25).wider(approved) is None


def test_device_whose_updates_were_not_known_cannot_grow() -> None:
    assert Growth(plan(None), [A], 25).wider(now(3)) is None
    assert grown_counts(plan(None), {A: 50}, 25) is None


def test_counts_grow_over_the_whole_plan() -> None:
    assert grown_counts(plan(), {A: 6, B: 4}, 25) is None
    assert grown_counts(plan(), {A: 7, B: 4}, 25) is not None
    # What one device has less does not make room on another.
    assert grown_counts(plan(), {A: 7, B: 0}, 25) is not None
    assert grown_counts(plan(), {}, 25) is None
