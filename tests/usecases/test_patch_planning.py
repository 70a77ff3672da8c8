"""Which devices a plan of patch work takes, when they have their turns, and what an approver is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain.clients import Client, GroupKind, ServerGroup
from core.domain.facts import Coverage, Fact
from core.domain.findings import DeviceVerdict, PatchSection, Snapshot
from core.domain.patching import (
    SYSTEM_ALONE,
    Capabilities,
    DeviceId,
    DeviceKind,
    DevicePreview,
    Family,
    RebootControl,
    Ring,
)
from core.domain.policy import ApprovalPolicy, RingPolicy
from core.domain.remediation import Action, Direction, JobKind, Options, Plan, RequestState, When
from core.errors import BadInput, Refused
from core.usecases.plan_patches import PatchPlanner
from tests.usecases.requests_made import ACME, MAYA, START, HandClock, Office, a_client

IN_WINDOW = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)


class FakeRmm:
    """Previews what a test sets; everything else of an account is not needed for planning."""

    account = "ninja"
    vendor_name = "NinjaOne"

    def __init__(self, *previews: DevicePreview) -> None:
        self.previews = {preview.device_id: preview for preview in previews}
        self.capabilities = Capabilities(
            scan=True,
            install=True,
            reboot=True,
            reboot_control=RebootControl.VENDOR_POLICY,
            installs_all_approved=True,
        )

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        return {item: self.previews[item] for item in devices if item in self.previews}


def previewed(
    name: str,
    count: int | None,
    *,
    online: Fact = Fact.YES,
    chosen: Mapping[str, str] | None = None,
    owed: Fact = Fact.UNKNOWN,
) -> DevicePreview:
    keys = None if count is None else frozenset(f"KB{n}" for n in range(count))
    kind = DeviceKind.SERVER if name.startswith("SRV") else DeviceKind.WORKSTATION
    return DevicePreview(
        device_id=DeviceId(f"ninja:{name}"),
        name=name,
        kind=kind,
        online=online,
        patch_keys=keys,
        count=count,
        chosen=chosen or {},
        reboot_needed=owed,
    )


def known(rmm: FakeRmm) -> Snapshot:
    devices = tuple(
        DeviceVerdict(
            device_id=p.device_id,
            account="ninja",
            name=p.name,
            kind=p.kind,
            os="Windows",
            online=p.online,
            last_seen=None,
            last_scan=None,
            overdue=Fact.YES,
        )
        for p in rmm.previews.values()
    )
    section = PatchSection(observed_at=START, devices=devices, coverage=Coverage())
    return Snapshot(client=ACME, patches=section)


def planned(
    rmm: FakeRmm,
    *,
    at: datetime = START,
    client: Client | None = None,
    action: Action = Action.INSTALL_PATCHES,
    **options: object,
) -> Plan:
    clock = HandClock()
    clock.time = at
    planner = PatchPlanner(
        rmms={"ninja": rmm},  # type: ignore[dict-item]
        policy=ApprovalPolicy(),
        rings=RingPolicy(),
        clock=clock,
    )
    chosen = Options(**options)  # type: ignore[arg-type]
    return planner.plan(client or a_client(), action, list(rmm.previews), chosen, known(rmm))


def test_servers_the_rmm_may_restart_wait_for_the_maintenance_window() -> None:
    plan = planned(FakeRmm(previewed("WS-1", 3), previewed("SRV-1", 2)))

    assert [target.name for target in plan.targets] == ["WS-1"]
    assert "only in the maintenance window" in plan.skipped[0].reason


def test_what_the_configuration_calls_a_server_is_one_whatever_its_rmm_says() -> None:
    group = ServerGroup(kind=GroupKind.DOMAIN_CONTROLLERS, devices=frozenset({"ws-1", "srv-1"}))
    rmm = FakeRmm(previewed("WS-1", 3), previewed("WS-2", 3), previewed("SRV-1", 2))
    client = replace(a_client(), server_groups=(group,))

    asked_now = planned(rmm, client=client)
    in_window = planned(rmm, client=client, at=IN_WINDOW)

    assert [target.name for target in asked_now.targets] == ["WS-2"]
    assert [target.name for target in in_window.targets] == ["WS-2", "WS-1"]
    assert in_window.skipped[0].name == "SRV-1"
    assert "WS-1" in in_window.skipped[0].reason


def test_servers_asked_for_in_an_open_window_are_bound_to_it() -> None:
    plan = planned(FakeRmm(previewed("WS-1", 3), previewed("SRV-1", 2)), at=IN_WINDOW)
    office = Office(policy=ApprovalPolicy(pending_minutes=600))
    office.clock.time = IN_WINDOW
    office.ask(plan)
    office.clock.time = datetime(2026, 11, 29, 2, 10, tzinfo=UTC)  # the window has ended

    assert plan.options.when is When.WINDOW
    assert "maintenance window only" in plan.warnings[0]
    assert office.decide(MAYA).state is RequestState.SCHEDULED
    office.advance()
    assert office.vendor.sent == []


def test_workstations_asked_for_in_an_open_window_may_run_after_it() -> None:
    assert planned(FakeRmm(previewed("WS-1", 3)), at=IN_WINDOW).options.when is When.NOW


def test_the_card_counts_no_device_whose_updates_are_not_known() -> None:
    rmm = FakeRmm(
        previewed("WS-1", 3), previewed("WS-2", 1), previewed("WS-3", None, online=Fact.NO)
    )

    plan = planned(rmm, wait_for_offline=True)

    assert (
        "NinjaOne installs everything approved when it runs: today that is 4 updates on 2 devices, "
        "and how much that is on 1 device is not known."
    ) in plan.warnings


def test_the_plan_says_who_goes_first_and_that_servers_go_last() -> None:
    names = ("SRV-1", "WS-1", "WS-2")
    plan = planned(FakeRmm(*(previewed(name, 1) for name in names)), when=When.WINDOW)

    assert [(t.name, t.ring) for t in plan.targets] == [
        ("WS-1", Ring.CANARY),
        ("WS-2", Ring.BROAD),
        ("SRV-1", Ring.BROAD),
    ]


def test_a_scan_has_nothing_that_goes_first() -> None:
    rmm = FakeRmm(*(previewed(name, 1) for name in ("SRV-1", "SRV-2", "WS-1")))
    plan = planned(rmm, action=Action.SCAN_PATCHES)

    assert {t.ring for t in plan.targets} == {Ring.BROAD}
    assert len(plan.targets) == 3


def test_servers_that_never_go_in_one_night_are_not_planned_for_one() -> None:
    plan = planned(
        FakeRmm(*(previewed(name, 1) for name in ("SRV-1", "SRV-2", "WS-1"))), when=When.WINDOW
    )

    assert [target.name for target in plan.targets] == ["WS-1", "SRV-1"]
    assert plan.skipped[0].reason.startswith("never in one night with SRV-1; ask for it another")


def test_over_several_nights_all_of_them_are_planned_and_the_later_ones_are_named() -> None:
    rmm = FakeRmm(*(previewed(name, 1) for name in ("SRV-1", "SRV-2", "WS-1")))
    plan = planned(rmm, when=When.WINDOW, nights=2)

    assert [target.name for target in plan.targets] == ["WS-1", "SRV-1", "SRV-2"]
    assert plan.warnings[-1].startswith("Not in the first night")
    assert plan.warnings[-1].endswith(": SRV-2.")


@pytest.mark.parametrize("nights", [0, 4])
def test_no_form_can_ask_for_more_nights_than_the_policy_allows(nights: int) -> None:
    with pytest.raises(BadInput):
        planned(FakeRmm(previewed("WS-1", 1)), when=When.WINDOW, nights=nights)
    with pytest.raises(BadInput):
        planned(FakeRmm(previewed("WS-1", 1)), when=When.NOW, nights=2)


def test_named_updates_are_the_plan_and_told_apart_from_whatever_is_approved() -> None:
    named = {"17": "KB5000001", "7-zip 26.1": "7-Zip 26.1"}
    rmm = FakeRmm(previewed("WS-1", 2, chosen=named), previewed("WS-2", 3))

    plan = planned(rmm)

    assert [target.chosen for target in plan.targets] == [named, {}]
    assert (
        "On 1 device exactly the 2 updates listed there are installed, no others." in plan.warnings
    )
    assert (
        "NinjaOne installs everything approved when it runs: today that is 3 updates on 1 device."
        in plan.warnings
    )


def test_whose_updates_are_installed_is_told_and_is_part_of_what_is_approved() -> None:
    both = frozenset(Family)
    named = replace(previewed("WS-1", 2, chosen={"KB1": "KB1", "KB2": "KB2"}), families=both)
    plan = planned(
        FakeRmm(named, replace(previewed("WS-2", 3), families=both), previewed("WS-3", 1))
    )

    assert [Family.SOFTWARE in target.families for target in plan.targets] == [True, True, False]
    assert any(words.endswith("no others of the system's.") for words in plan.warnings)
    told = (
        "On 2 devices other makers' software is updated, too: whatever is approved of it by then."
    )
    assert told in plan.warnings
    narrowed = tuple(replace(target, families=SYSTEM_ALONE) for target in plan.targets)
    assert replace(plan, targets=narrowed).digest != plan.digest


def test_where_updates_have_to_be_named_a_device_without_names_is_left_out() -> None:
    named = {"17": "KB5000001"}
    rmm = FakeRmm(previewed("WS-1", 1, chosen=named), previewed("WS-2", None))
    rmm.capabilities = Capabilities(install=True, install_chosen=True)

    plan = planned(rmm)

    assert [target.name for target in plan.targets] == ["WS-1"]
    assert [item.reason for item in plan.skipped] == [
        "it is not known which updates it misses, so none can be named to be installed"
    ]
    assert not any("everything approved" in words for words in plan.warnings)
    assert any(words.startswith("On 1 device exactly the 1 update") for words in plan.warnings)


def test_only_devices_that_may_wait_for_a_restart_are_restarted() -> None:
    rmm = FakeRmm(
        previewed("WS-1", None, owed=Fact.YES),
        previewed("WS-2", 3, owed=Fact.NO),
        previewed("WS-3", 0),
    )

    plan = planned(rmm, action=Action.RESTART_DEVICES)

    assert {target.name for target in plan.targets} == {"WS-1", "WS-3"}
    assert [(item.name, item.reason) for item in plan.skipped] == [
        ("WS-2", "it waits for no restart")
    ]
    assert plan.direction is Direction.RAISES
    assert any("loses what is not saved" in words for words in plan.warnings)


def test_a_server_restarts_in_the_window_only_whoever_decides_about_restarts() -> None:
    rmm = FakeRmm(previewed("WS-1", None, owed=Fact.YES), previewed("SRV-1", None, owed=Fact.YES))
    rmm.capabilities = Capabilities(reboot=True, reboot_control=RebootControl.OURS)

    outside = planned(rmm, action=Action.RESTART_DEVICES)
    inside = planned(rmm, action=Action.RESTART_DEVICES, at=IN_WINDOW)

    assert [target.name for target in outside.targets] == ["WS-1"]
    assert "only in the maintenance window" in outside.skipped[0].reason
    assert [target.name for target in inside.targets] == ["WS-1", "SRV-1"]
    assert inside.options.when is When.WINDOW


def test_a_restart_has_rings_and_nights_as_an_install_has() -> None:
    names = ("SRV-1", "SRV-2", "WS-1", "WS-2")
    rmm = FakeRmm(*(previewed(name, None, owed=Fact.YES) for name in names))
    plan = planned(rmm, action=Action.RESTART_DEVICES, when=When.WINDOW)

    assert [(t.name, t.ring) for t in plan.targets] == [
        ("WS-1", Ring.CANARY),
        ("WS-2", Ring.BROAD),
        ("SRV-1", Ring.BROAD),
    ]
    assert plan.skipped[0].reason.startswith("never in one night with SRV-1")


def test_no_restart_is_planned_where_the_vendor_has_no_call_for_it() -> None:
    rmm = FakeRmm(previewed("WS-1", None, owed=Fact.YES))
    rmm.capabilities = Capabilities(scan=True, install=True)

    with pytest.raises(Refused, match="cannot do this"):
        planned(rmm, action=Action.RESTART_DEVICES)


def test_a_window_that_does_not_exist_cannot_be_chosen() -> None:
    with pytest.raises(Refused, match="no maintenance window"):
        planned(
            FakeRmm(previewed("SRV-1", 2)),
            client=a_client(maintenance_window=None),
            when=When.WINDOW,
        )


def test_a_form_for_devices_cannot_ask_for_something_else() -> None:
    with pytest.raises(BadInput):
        planned(FakeRmm(previewed("WS-1", 3)), action=Action.UNDO_ENFORCE_MFA)
