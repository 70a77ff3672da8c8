"""Slack's rate limits by the clock, without waiting."""

import pytest

from sandbox.slack.errors import RateLimitedError
from sandbox.slack.rates import PER_MINUTE, Rates, Tier


@pytest.mark.parametrize("tier", PER_MINUTE)
def test_a_minute_holds_as_many_calls_as_the_tier_says(tier: Tier) -> None:
    rates = Rates()
    for number in range(PER_MINUTE[tier]):
        rates.spend("some.method", tier, 1000 + number / 1000)
    with pytest.raises(RateLimitedError) as refused:
        rates.spend("some.method", tier, 1010)
    assert refused.value.retry_after == 50
    rates.spend("some.method", tier, 1060)


def test_methods_do_not_share_their_minute() -> None:
    rates = Rates()
    rates.spend("one.method", "t1", 1000)
    rates.spend("another.method", "t1", 1000)


def test_a_refused_call_does_not_lengthen_the_wait() -> None:
    rates = Rates()
    rates.spend("some.method", "t1", 1000)
    for second in range(1, 60):
        with pytest.raises(RateLimitedError):
            rates.spend("some.method", "t1", 1000 + second)
    rates.spend("some.method", "t1", 1060)


def test_a_channel_takes_a_burst_of_five_posts_and_then_one_a_second() -> None:
    rates = Rates()
    for _ in range(5):
        rates.spend_post("C1", 1000)
    with pytest.raises(RateLimitedError) as refused:
        rates.spend_post("C1", 1000.2)
    assert refused.value.retry_after == 1
    rates.spend_post("C2", 1000.2)
    rates.spend_post("C1", 1001)
    with pytest.raises(RateLimitedError):
        rates.spend_post("C1", 1001.5)


def test_the_workspace_takes_three_hundred_posts_a_minute() -> None:
    rates = Rates()
    for number in range(300):
        rates.spend_post(f"C{number}", 1000)
    with pytest.raises(RateLimitedError):
        rates.spend_post("C300", 1001)
    rates.spend_post("C300", 1060)
