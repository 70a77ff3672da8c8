"""Right before the call: what stands as approved may go, and nothing else."""

from datetime import timedelta

from core.domain.identity import PolicyState
from core.domain.remediation import Direction
from core.rules.policy_templates import NAMES
from tests.integrations.entra.house import House
from tests.integrations.entra.tenant_jobs import (
    ALL,
    a_job,
    created,
    dispatch,
    stepped,
    truly,
    wider,
)


def test_what_stands_as_approved_may_go(house: House) -> None:
    guards = tuple(sorted(house.client().break_glass))
    assert wider(house, created(house)) is None
    flip = stepped(house, "Microsoft", PolicyState.ENABLED, add_excluded=guards)
    assert wider(house, flip) is None


def test_a_policy_that_was_edited_since_is_not_touched(house: House) -> None:
    guards = tuple(sorted(house.client().break_glass))
    flip = stepped(house, "Microsoft", PolicyState.ENABLED, add_excluded=guards)
    truly(house, "Microsoft")["conditions"]["users"]["includeUsers"] = ["All"]
    assert wider(house, flip) == "the policy was edited since"
    truly(house, "Microsoft")["state"] = "disabled"
    assert wider(house, flip) == "the policy is disabled since"


def test_a_policy_is_not_made_beside_one_of_its_kind_or_for_another_list(house: House) -> None:
    assert "changed since" in str(wider(house, created(house, excluded_users=("x",))))
    dispatch(house, a_job(house, created(house)))
    later = house.world.clock.now() + timedelta(minutes=1)
    assert "is there already" in str(wider(house, created(house), made_at=later))


def test_a_first_try_that_shows_late_is_not_taken_for_somebody_elses_policy(house: House) -> None:
    asked = house.world.clock.now() - timedelta(minutes=1)
    dispatch(house, a_job(house, created(house)))
    assert wider(house, created(house), made_at=asked) is None
    truly(house, NAMES[ALL])["conditions"]["users"]["excludeUsers"] = []
    assert "is there already" in str(wider(house, created(house), made_at=asked))


def test_a_policy_that_would_meet_break_glass_is_not_enabled(house: House) -> None:
    flip = stepped(house, "Microsoft", PolicyState.ENABLED)
    assert "would meet a break-glass account" in str(wider(house, flip))
    assert wider(house, flip, direction=Direction.LOWERS) is None


def test_a_broken_break_glass_list_stops_raising_and_never_the_way_back(house: House) -> None:
    house.tenant().users[house.client().break_glass[0]].enabled = False
    assert "empty or broken" in str(wider(house, created(house)))
    back = stepped(house, "Require MFA for everyone", PolicyState.DISABLED)
    assert wider(house, back, direction=Direction.LOWERS) is None


def test_a_policy_is_not_enabled_beside_security_defaults_switched_on_since(house: House) -> None:
    guards = tuple(sorted(house.client().break_glass))
    flip = stepped(house, "Microsoft", PolicyState.ENABLED, add_excluded=guards)
    house.tenant().security_defaults = True
    assert "security defaults are on" in str(wider(house, flip))
