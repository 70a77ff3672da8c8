"""Everything that makes up the sandbox's Slack, in one place the doors share."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.frame.world import World
from sandbox.slack.hooks import Hooks
from sandbox.slack.inputs import Lookup
from sandbox.slack.installation import BOT_SCOPES
from sandbox.slack.model import Json
from sandbox.slack.rates import Rates
from sandbox.slack.sockets import Sockets
from sandbox.slack.triggers import Triggers
from sandbox.slack.views import Views
from sandbox.slack.workspace import Workspace


@dataclass(kw_only=True)
class Slack:
    """The workspace, the app's installation in it, and what is going on between the two.

    `manifest` is the app's manifest as JSON; None stands for an app whose manifest is not known, which may
    use every command and event.
    """

    world: World
    workspace: Workspace
    views: Views
    manifest: Json | None = None
    scopes: tuple[str, ...] = BOT_SCOPES
    rates: Rates = field(default_factory=Rates)
    triggers: Triggers = field(default_factory=Triggers)
    hooks: Hooks = field(default_factory=Hooks)
    sockets: Sockets = field(default_factory=Sockets)
    #: Options the app suggested last: (user, block_id, action_id) -> options.
    suggested: dict[tuple[str, str, str], list[Json]] = field(default_factory=dict)

    @classmethod
    def make(
        cls, world: World, manifest: Json | None = None, scopes: tuple[str, ...] | None = None
    ) -> "Slack":
        """Granted is what `scopes` says, else what the manifest asks for, else the usual set."""
        workspace = Workspace.make(world)
        slack = cls(world=world, workspace=workspace, views=Views(workspace), manifest=manifest)
        asked = slack.feature("oauth_config", "scopes", "bot", default=BOT_SCOPES)
        slack.scopes = tuple(scopes if scopes is not None else asked)
        return slack

    @property
    def now(self) -> float:
        return self.world.clock.timestamp()

    def settle(self, origin: str) -> None:
        """Tell the parts that hand out URLs where the target listens."""
        self.hooks.origin = origin
        self.sockets.origin = origin

    def wait_longer(self, leeway: float) -> None:
        """Give the app so many times the seconds Slack gives it."""
        self.sockets.leeway = self.triggers.leeway = leeway

    def feature(self, *path: str, default: Any = None) -> Any:
        """A value of the manifest by its path, `default` where it is absent."""
        value: Any = self.manifest or {}
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return default if value is None else value

    def lookup(self, user_id: str) -> Lookup:
        """What this person's inputs may refer to."""
        return Lookup(
            user=lambda name: getattr(self.workspace.user(name), "id", None),
            channel=lambda name: getattr(self.workspace.channel(name), "id", None),
            offered=lambda block, action: self.suggested.get((user_id, block, action), []),
        )
