"""How calls are cut off: the bot dies while one is made, or its answer is lost."""

from typing import NamedTuple

from tests.stories.asking import approve
from tests.stories.record import carried_out, events
from tests.stories.world import World

#: Longer than any test takes: a call that is held goes on when the fault is removed.
HELD_S = 600


class Call(NamedTuple):
    """Which calls a fault shall strike."""

    target: str
    path: str
    method: str


ADD = Call("graph", "/v1.0/groups/*", "PATCH")
APPLY = Call("ninjaone", "*/patch/os/apply", "POST")
QUICK_JOB = Call("datto", "*/quickjob", "PUT")


def states(world: World, request: str) -> list[str]:
    """Every state its targets have been in, in order."""
    return [r["state"] for event in events(world, request) for r in event.get("results", ())]


def kill_during(world: World, call: Call, request: str) -> None:
    """Approve; kill the bot while the call is under way; start it when the call has been carried out."""
    held = world.fault(**call._asdict(), kind="latency", seconds=HELD_S)
    approve(world, "manager", request)
    world.eventually(lambda: world.struck(held), what=f"the call to {call.target}")
    world.bot.kill()
    assert carried_out(world, request, call.target) == []
    world.mend()
    world.eventually(lambda: carried_out(world, request, call.target), what="the work")
    world.start()


def lose(world: World, call: Call, request: str, *, kind: str) -> None:
    """Approve; the call is dropped before or after the work is done."""
    lost = world.fault(**call._asdict(), kind=kind, count=1)
    approve(world, "manager", request)
    world.eventually(lambda: world.struck(lost), what=f"the call to {call.target}")
