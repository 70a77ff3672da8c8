"""No secret may be read anywhere: not in a log, not in the data, not in what anybody sees in the chat."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.stories.world import World

#: The beginning of every JSON Web Token, which is what Entra's access tokens are.
TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{20,}")
PEOPLE = ("tech", "tech2", "manager", "manager2", "viewer", "guest", "external")


def secrets_of(folder: Path) -> Iterator[bytes]:
    """Every secret of a configuration; of a key each line, because any of them gives it away."""
    for file in (folder / "secrets").iterdir():
        content = file.read_bytes()
        key = re.search(rb"BEGIN (?:\w+ )?PRIVATE KEY-+\n(.+?)\n-+END", content, re.DOTALL)
        yield from key.group(1).split(b"\n") if key is not None else [content.strip()]


def everything_readable(world: World) -> Iterator[tuple[str, bytes]]:
    """Where it stands, and what stands there."""
    yield "the bot's log", world.bot.said().encode()
    yield "what words of the command line said", "".join(world.heard).encode()
    for file in (world.folder / "data").rglob("*"):
        # The bot goes on working: what was there a moment ago may be gone.
        with suppress(FileNotFoundError):
            if file.is_file():
                yield str(file), file.read_bytes()
    for who in PEOPLE:
        for channel in world.get("/person/channels", **{"as": who})["channels"]:
            shown = world.http.get(
                f"{world.url}/person/messages", params={"as": who, "channel": channel["id"]}
            )
            yield f"#{channel['name']} as {who} sees it", shown.content


def assert_no_secret_is_readable(world: World) -> None:
    secrets = list(secrets_of(world.folder))
    assert len(secrets) > 6
    for place, content in everything_readable(world):
        assert not any(secret in content for secret in secrets), f"a secret stands in {place}"
        assert TOKEN.search(content) is None, f"an access token stands in {place}"
