"""What the audit log says of one request, whatever the cards say."""

from datetime import datetime

from tests.stories.world import Json, World


def events(world: World, request: str, kind: str | None = None) -> list[Json]:
    """Everything that happened to a request, in order."""
    found = [
        line["detail"]["event"]
        for line in world.audit()
        if line["kind"].startswith("request.") and line["detail"]["request"] == request
    ]
    return [event for event in found if kind in (None, event["type"])]


def ended(world: World, request: str) -> str:
    """The state it ended in, once it has."""

    def look() -> str | None:
        last = events(world, request)[-1]
        if last["type"] == "decided":
            return "denied" if last["decision"]["verdict"] == "deny" else None
        return str(last["state"]) if last["type"] in ("finished", "closed") else None

    return world.eventually(look, what=f"the end of {request}")


def steps(world: World, request: str) -> dict[str, tuple[str, str]]:
    """By a target's name: its last state, and why."""
    happened = events(world, request)
    names = {target["id"]: target["name"] for target in happened[0]["plan"]["targets"]}
    last: dict[str, tuple[str, str]] = {}
    for event in happened:
        for result in event.get("results", ()):
            last[names[result["target"]]] = (result["state"], result["reason"])
    return last


def targets(world: World, request: str) -> dict[str, str]:
    """The plan's targets: name by the id that the source knows them by."""
    plan = events(world, request)[0]["plan"]
    return {target["id"].rpartition(":")[2]: target["name"] for target in plan["targets"]}


def carried_out(world: World, request: str, target: str, kind: str | None = None) -> list[str]:
    """What was really done to the request's targets since it began to run: their names, in order.

    A scan is one, though NinjaOne takes a second call for other makers' software.
    """
    names = targets(world, request)
    began = (*events(world, request, "started"), *events(world, request))[0]
    since = datetime.fromisoformat(began["at"])
    return [
        names[item]
        for effect in world.effects(target, kind)
        if datetime.fromisoformat(effect["at"]) >= since and effect["kind"] != "software_patch_scan"
        for item in effect["target_ids"]
        if item in names
    ]


def refusals(world: World) -> list[tuple[str, str]]:
    """Who was refused, and why."""
    return [(line["actor"], line["detail"]["why"]) for line in world.audit("refused")]
