"""An exemption, from the question over two approvals to the day it is over."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.stories import estate
from tests.stories.asking import APPROVALS, approve, buttons, card, preview_exemption, send_preview
from tests.stories.record import events
from tests.stories.world import Json, World, assert_says, says

CHANNEL, CLIENT, ADA = "acme-dental", "acme", "Ada Lindqvist"
WHY = "Her new key arrives by post"


def gaps(world: World) -> Json:
    return world.answered("tech", CHANNEL, lambda: world.command("tech", CHANNEL, "/mfa gaps acme"))


def local_now(world: World) -> datetime:
    zone = ZoneInfo(estate.company("acme-dental").time_zone)
    return datetime.fromisoformat(world.get("/clock")["now"]).astimezone(zone)


def test_an_exemption_takes_two_approvals_is_counted_out_and_counts_again_when_it_is_over(
    world: World,
) -> None:
    assert_says(gaps(world), ADA)
    last = local_now(world).date() + timedelta(days=1)
    preview = preview_exemption(
        world, "tech", CHANNEL, CLIENT, [ADA], until=last.isoformat(), reason=WHY
    )
    assert_says(preview, "Exempt 1 person from MFA", ADA, "lowers protection", "2 approvals")
    request = send_preview(world, "tech", CHANNEL)

    approve(world, "manager", request)
    card(world, request, "Waiting for approval", "1 of 2 approvals")
    assert_says(gaps(world), ADA)
    approve(world, "manager2", request)
    done = card(world, request, "Done and verified", "exempt to the end of")
    assert buttons(done) == {"undo"}
    granted = [entry for entry in world.audit() if entry["kind"] == "exemption.granted"]
    assert granted[0]["detail"]["exemptions"][0]["approved_by_names"] == [
        "Maya Ortiz",
        "Devon Park",
    ]
    assert events(world, request)[0]["by"] == "tess"

    world.restart_killed()
    shown = gaps(world)
    assert_says(shown, "1 exempt")
    assert not says(shown, ADA)
    why = world.answered(
        "tech", CHANNEL, lambda: world.command("tech", CHANNEL, f"/mfa why {_address(done)}")
    )
    assert_says(why, WHY, "Maya Ortiz and Devon Park", request)
    for who in ("tech", "manager", "manager2"):
        world.reads(who, "@gatehouse", "MFA exemption", "hold", ADA)
    assert says(world.messages("tech", APPROVALS)[-1], request)

    world.advance_to(datetime.combine(last + timedelta(days=1), time(9), local_now(world).tzinfo))
    assert_says(gaps(world), ADA)
    world.reads("tech", CHANNEL, "MFA exemptions", "ended; it counts again", ADA)


def _address(done: Json) -> str:
    text = next(b["text"]["text"] for b in done["blocks"] if ADA in str(b))
    return str(re.findall(r"[\w.]+@[\w.]+", text)[0])
