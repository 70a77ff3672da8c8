"""/mfa why: anyone who may read may ask why one account is, or is not, protected."""

from tests.stories.world import Json, World, assert_says, text_of

VENDORS = ("ninjaone",)
CHANNEL = "acme-dental"


def ask(world: World, who: str, address: str) -> Json:
    return world.answered(who, CHANNEL, lambda: world.command(who, CHANNEL, f"/mfa why {address}"))


def test_a_person_is_explained_live_and_from_the_store_when_entra_cannot_be_asked(
    shared_world: World,
) -> None:
    world = shared_world
    address = someone(world)

    live = ask(world, "tech", address.upper())
    assert_says(
        live, address, "Why", "enforced *", "would meet", "report-only, so it demands nothing"
    )

    fault = world.fault(
        target="graph", path="/v1.0/identity/conditionalAccess/evaluate", kind="status", status=403
    )
    stored = ask(world, "tech", address)
    assert world.struck(fault)
    assert_says(stored, address, "Why", "enforced *", "could not be asked")
    world.mend()

    assert_says(ask(world, "tech", "nobody@nowhere.example"), "no account")
    assert_says(ask(world, "tech", ""), "/mfa why ann@acme.example")
    assert world.effects("graph") == []


def someone(world: World) -> str:
    """The first account of the list."""
    shown = world.answered(
        "tech", CHANNEL, lambda: world.command("tech", CHANNEL, "/mfa gaps acme")
    )
    words = text_of(shown)
    return next(word for word in words.split("`") if "@" in word and "#" not in word)
