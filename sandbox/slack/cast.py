"""Who is in the workspace and which channels it has: the same people for every seed."""

from collections.abc import Iterable

from sandbox.slack.installation import BOT_HANDLE, BOT_NAME, BOT_USER_ID, OTHER_TEAM_ID
from sandbox.slack.model import Channel, User

STAFF = ("tech", "tech2", "manager", "manager2", "viewer")


def people() -> list[User]:
    return [
        User(id="U0TECH0001", handle="tess", name="Tess Morgan", email="tess@harborit.example", role="tech"),
        User(id="U0TECH0002", handle="theo", name="Theo Park", email="devon@harborit.example", role="tech2"),
        User(id="U0MANAGER1", handle="maya", name="Maya Ortiz", email="maya@harborit.example", role="manager", admin=True),
        User(id="U0MANAGER2", handle="devon", name="Devon Park", email="devon@harborit.example", role="manager2"),
        User(id="U0VIEWER01", handle="vik", name="Vik Shah", email="vik@harborit.example", role="viewer"),
        User(id="U0GUEST001", handle="gail", name="Gail Reed", email="gail@acmedental.example", role="guest", guest=True),
        User(id="U0EXTERN01", handle="eli", name="Eli Stone", email="eli@othermsp.example", role="external", team_id=OTHER_TEAM_ID),
        User(id="U0DEACTIV1", handle="dana", name="Dana Cole", email="dana@harborit.example", role="deactivated", deleted=True),
    ]  # fmt: skip


def machines() -> list[User]:
    return [
        User(id=BOT_USER_ID, handle=BOT_HANDLE, name=BOT_NAME, email=None, role="bot", bot=True),
        User(id="USLACKBOT", handle="slackbot", name="Slackbot", email=None, role="slackbot"),
    ]


def channels(company_channels: Iterable[str], made_at: int) -> list[Channel]:
    """The companies' channels (the bot is in all), approvals, general and the shared one."""
    staff = [user.id for user in people() if user.role in STAFF]
    guest = [user.id for user in people() if user.role == "guest"]
    external = [user.id for user in people() if user.role == "external"]
    with_bot = [*staff, BOT_USER_ID]
    rooms = [
        Channel(id=f"C0CLIENT{index:03}", name=name, members=list(with_bot))
        for index, name in enumerate(company_channels, 1)
    ]
    for room in rooms:
        room.members += guest if room.name == "acme-dental" else []
    rooms += [
        Channel(id="C0APPROVAL", name="gatehouse-approvals", kind="group", members=list(with_bot)),
        Channel(id="C0GENERAL1", name="general", members=list(staff), general=True),
        Channel(
            id="C0SHARED01",
            name="client-shared",
            members=[*with_bot, *external],
            shared_with=[OTHER_TEAM_ID],
        ),
        Channel(id="C0OLDTALK1", name="old-projects", members=list(with_bot), archived=True),
    ]
    for room in rooms:
        room.made_at = made_at
    return rooms
