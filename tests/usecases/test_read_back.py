"""What was sent is followed to its end and read back; what cannot be read is said to be so."""

from core.domain.events import StepResult
from core.domain.remediation import JobState, RequestState, StepState
from core.errors import (
    MalformedAnswer,
    VendorDown,
    VendorNotFound,
)
from core.ports import Report
from tests.usecases.requests_made import (
    Office,
    a_plan,
)


def test_a_job_without_an_end_is_unknown_after_its_time() -> None:
    office = Office()
    office.vendor.reports = [Report(state=JobState.RUNNING)] * 3
    office.vendor.verified = {"ninja:1": StepResult(target="ninja:1", state=StepState.DONE)}
    office.approved()
    office.advance()

    office.clock.move(minutes=241)
    stuck = office.advance()

    assert stuck.state is RequestState.NEEDS_PERSON
    assert stuck.step("ninja:1").state is StepState.UNKNOWN


def test_what_does_not_show_at_the_source_in_time_is_not_verified() -> None:
    office = Office()
    lagging = StepResult(target="ninja:1", state=StepState.DONE, reason="rescan awaited")
    office.vendor.verified = {"ninja:1": lagging}
    office.approved()
    assert office.advance(2).step("ninja:1").state is StepState.DONE

    office.clock.move(minutes=61)
    done = office.advance()

    assert done.step("ninja:1").state is StepState.NOT_VERIFIED
    assert done.step("ninja:1").reason == "rescan awaited"
    assert done.state is RequestState.FAILED


def test_a_device_that_cannot_be_read_back_does_not_hold_up_the_others() -> None:
    office = Office()
    office.vendor.unreadable = {"ninja:1": MalformedAnswer("Vendor")}
    office.approved(a_plan(3))

    open_still = office.advance(2)

    states = [step.state for step in open_still.steps]
    assert states == [StepState.DONE, StepState.VERIFIED, StepState.VERIFIED]
    office.vendor.unreadable = {}
    assert office.advance().state is RequestState.SUCCEEDED


def test_a_device_that_stays_unreadable_while_others_are_read_ends_with_the_reason() -> None:
    office = Office()
    office.vendor.unreadable = {"ninja:1": MalformedAnswer("Vendor")}
    office.vendor.verified = {"ninja:2": StepResult(target="ninja:2", state=StepState.DONE)}
    office.approved(a_plan(2))
    office.advance(2)

    office.clock.move(minutes=61)
    done = office.advance()

    assert done.step("ninja:1").state is StepState.NOT_VERIFIED
    assert done.step("ninja:1").reason.startswith("could not be read back: ")


def test_a_single_device_that_stays_unreadable_ends_too() -> None:
    office = Office()
    office.vendor.unreadable = {"ninja:1": VendorNotFound("Vendor", "HTTP 404")}
    office.approved(a_plan())
    office.advance(2)
    office.clock.move(minutes=61)

    done = office.advance()

    assert done.step("ninja:1").state is StepState.NOT_VERIFIED
    assert done.state is RequestState.FAILED


def test_many_devices_that_cannot_be_read_back_do_not_hide_the_others_for_good() -> None:
    office = Office()
    gone = [f"ninja:{n}" for n in range(1, 8)]
    office.vendor.unreadable = dict.fromkeys(gone, MalformedAnswer("Vendor"))
    office.vendor.verified = {"ninja:9": StepResult(target="ninja:9", state=StepState.DONE)}
    office.approved(a_plan(9))
    for _ in range(9):
        office.advance()
        office.clock.move(minutes=1)
    assert office.stored().step("ninja:8").state is StepState.VERIFIED

    office.clock.move(minutes=61)
    for _ in range(9):
        office.clock.move(minutes=1)
        done = office.advance()
    assert {done.step(device).state for device in gone} == {StepState.NOT_VERIFIED}
    assert done.state.final


def test_a_vendor_of_which_nothing_can_be_read_is_waited_for_and_not_asked_about_everything() -> (
    None
):
    office = Office()
    down = VendorDown("Vendor")
    office.vendor.unreadable = {f"ninja:{n}": down for n in range(1, 9)}
    office.approved(a_plan(8))
    office.advance()
    office.clock.move(minutes=600)
    asked = len(office.vendor.asked_back)

    waiting = office.advance()

    assert {step.state for step in waiting.steps} == {StepState.DONE}
    assert len(office.vendor.asked_back) == asked + 5
    office.vendor.unreadable = {}
    assert office.advance().state is RequestState.SUCCEEDED
