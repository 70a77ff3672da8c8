"""The morning's digest: once per channel and date, whatever happens."""

import json
import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.stories import estate
from tests.stories.asking import approve, ask_mfa, card
from tests.stories.conftest import MakeWorld
from tests.stories.world import Json, World, assert_says, says, text_of

CHANNEL = "acme-dental"
EVERY_CHANNEL = ("acme-dental", "blue-river-law", "cedar-finch", "harbor-internal",
                 "kestrel-logistics", "orchard-care")  # fmt: skip


def digests(world: World, channel: str = CHANNEL) -> list[Json]:
    return [m for m in world.messages("tech", channel) if says(m, "/gatehouse help", "MFA")]


def posted(world: World, count: int, channel: str = CHANNEL) -> list[Json]:
    """The channel's digests once there are so many."""
    return world.eventually(
        lambda: found if len(found := digests(world, channel)) == count else None,
        what=f"digest {count} of #{channel}",
    )


def local_day(world: World) -> str:
    zone = ZoneInfo(estate.company("acme-dental").time_zone)
    now = datetime.fromisoformat(world.get("/clock")["now"]).astimezone(zone)
    return f"{now:%A %d %B}"


def until_tomorrow(world: World) -> float:
    """Seconds until the next local day's digest is due."""
    zone = ZoneInfo(estate.company("acme-dental").time_zone)
    now = datetime.fromisoformat(world.get("/clock")["now"]).astimezone(zone)
    due = datetime.combine(now.date() + timedelta(days=1), time(7, 31), zone)
    return (due - now).total_seconds()


def mfa_read_at(digest: Json) -> str:
    """When what it says of MFA was read, as a timestamp."""
    found = re.search(r"MFA gaps?[^\n]*? read <!date\^(\d+)", text_of(digest).replace("\\n", "\n"))
    assert found is not None, text_of(digest)
    return found.group(1)


def test_every_channel_gets_one_digest_a_day_and_the_next_one_tells_the_change(
    world: World,
) -> None:
    for channel in EVERY_CHANNEL:
        (first,) = posted(world, 1, channel)
        assert_says(first, "no comparison yet")
    (first,) = digests(world)
    assert_says(first, local_day(world), "Needs a person", "from NinjaOne", "waiting for a restart")
    world.restart_killed()
    again = world.word("digest", "--channel", CHANNEL)
    assert again.returncode == 1
    assert "posted already" in again.stderr

    request = ask_mfa(world, "tech", CHANNEL, "acme", ["Ada Lindqvist", "Chidi Kaplan"])
    approve(world, "manager", request)
    card(world, request, "Done and verified")
    # Who was changed is looked at again; tomorrow comes too soon for that only here.
    world.eventually(lambda: "Scanned 1 clients" in world.bot.said(), what="the second look")
    assert len(digests(world)) == 1
    world.advance(until_tomorrow(world))
    first, second = posted(world, 2)
    assert_says(second, local_day(world), "▼ 2 fewer")

    # What could not be read the day after is named, with the age of what is shown.
    world.fault(target="graph", kind="status", status=503)
    scanned = world.word("scan")
    assert scanned.returncode == 1
    assert all(client["not_read"] for client in json.loads(scanned.stdout))
    world.advance(until_tomorrow(world))
    _, second, third = posted(world, 3)
    assert_says(third, "Not read", "Entra", "since", "(unchanged)")
    assert mfa_read_at(third) == mfa_read_at(second)


def test_slack_is_down_at_the_time_and_the_digest_is_posted_once_when_it_is_back(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    world.fault(target="slack", kind="status", status=503)
    world.bot.start()
    world.wait_for_scan()
    world.eventually(lambda: "could not be posted" in world.bot.said(), what="the first attempt")
    assert digests(world) == []
    world.mend()
    for channel in EVERY_CHANNEL:
        posted(world, 1, channel)
    world.restart_killed()
    world.advance(60)
    shown = ask_mfa(world, "tech", CHANNEL, "acme", ["Ada Lindqvist"])
    card(world, shown)
    assert [len(digests(world, channel)) for channel in EVERY_CHANNEL] == [1] * 6


def test_a_digest_whose_answer_was_lost_is_not_posted_again(make_world: MakeWorld) -> None:
    world = make_world()
    world.fault(target="slack", path="/api/chat.postMessage", kind="drop_after", count=1)
    world.start()
    for channel in EVERY_CHANNEL:
        posted(world, 1, channel)
    world.reads("manager", "@gatehouse", "Did the digest of", "arrive")
    world.restart_killed()
    request = ask_mfa(world, "tech", CHANNEL, "acme", ["Ada Lindqvist"])
    card(world, request)
    assert [len(digests(world, channel)) for channel in EVERY_CHANNEL] == [1] * 6
