"""Cedar & Finch Architects: no premium licence, no security defaults, per-user MFA for some."""

from sandbox.estate.draft import Draft
from sandbox.estate.methods import STRONG, TEXT_ONLY
from sandbox.estate.people import (
    Department,
    break_glass,
    guest,
    leavers,
    person,
    room,
    service,
    shared_mailbox,
    staff,
)
from sandbox.estate.roles import GLOBAL_ADMINISTRATOR

DEPARTMENTS = (
    Department(name="Studio", size=10, titles=("Architect", "Architectural technologist")),
    Department(name="Visualisation", size=4, titles=("3D artist", "Model maker")),
    Department(name="Office", size=3, titles=("Studio manager", "Bookkeeper")),
)


def cedar_finch(draft: Draft) -> None:
    break_glass(draft)
    person(draft, "Delphine Crane", department="Office", title="Partner", methods=list(STRONG),
           roles=[GLOBAL_ADMINISTRATOR], per_user_mfa="enforced")  # fmt: skip
    person(draft, "Silvan Finchley", department="Office", title="Partner", methods=[],
           roles=[GLOBAL_ADMINISTRATOR])  # fmt: skip
    service(draft, "Plotter", "scanner")
    shared_mailbox(draft, "Studio", "studio", enabled=True)
    room(draft, "Model room", "room-models")
    guest(draft, "Orla Tiernan", "structuralpartner.example")
    leavers(draft, 2)
    staff(draft, DEPARTMENTS)
    studio = draft.of("Studio")
    for user in studio[:5]:
        user.per_user_mfa, user.methods = "enforced", list(STRONG)
    # Switched on, and has not registered yet: whoever signs in first does.
    studio[5].per_user_mfa, studio[5].methods = "enabled", []
    studio[6].per_user_mfa, studio[6].methods = "enforced", list(TEXT_ONLY)
    draft.group("Studio", studio)
