"""What passes between the product and the stand-ins and stands in no description, with the reason and its source."""

_TOKEN = "The description begins behind the sign-in; reference rmm.md"
_ASIO = "The published file knows neither this path of version 2 nor running scripts; reference rmm.md 5"
_TRAP = "Served to show what a forgotten /$ref would delete; reference entra.md 2 (a)"
_SLICE = "Published, and left out of the slice (reference entra.md)"

#: By target: method and path -> why it is served though it is not described, and where it is written down.
OPERATIONS: dict[str, dict[str, str]] = {
    "ninjaone": {"POST /ws/oauth/token": f"{_TOKEN} 6"},
    "datto": {"POST /auth/oauth/token": f"{_TOKEN} 1"},
    "asio": {
        "POST /api/platform/v2/device/categories/{}/endpoints": _ASIO,
        "GET /api/platform/v2/device/endpoints/heartbeat": _ASIO,
        "POST /api/platform/v2/os-patching/compliance/summary": _ASIO,
        "POST /api/platform/v2/third-party-patching/compliance/summary": f"{_ASIO}.3",
        "POST /api/platform/v2/third-party-patching/patch/details": f"{_ASIO}.3",
        "GET /api/platform/v1/automation/tasks/{}/instances/summary": _ASIO,
        "GET /api/platform/v1/automation/tasks/{}/instances/{}/results": _ASIO,
        "POST /api/platform/v1/automation/endpoints/schedule-tasks": _ASIO,
        "POST /api/platform/v2/automation/endpoints/schedule-tasks": _ASIO,
    },
    "automate": {},
    "tactical": {},
    "syncro": {},
    "graph": {
        "GET /devices": f"{_SLICE}: device-list; read for users' devices that no RMM knows",
        "GET /domains": f"{_SLICE}: domain-list; a read app may have nothing else to be proved by",
        "GET /groups/{}/appRoleAssignments": (
            f"{_SLICE}: group-list-approleassignments; a group that grants more than MFA is refused"
        ),
        "GET /groups/{}/transitiveMembers/microsoft.graph.user": f"{_SLICE} with the cast; 1.8 step C",
        "GET /users/{}/mailboxSettings/userPurpose": f"{_SLICE}; 1.16",
        "DELETE /users/{}": _TRAP,
        "DELETE /groups/{}/members/{}": _TRAP,
    },
}

#: Query parameters that a described operation takes and the description leaves out.
PARAMETERS: dict[str, dict[str, str]] = {
    "asio": {
        "GET /api/platform/v1/company/companies?page": (
            "Further pages are asked for at the address that the Link header tells; reference rmm.md 5.2"
        ),
    },
    "syncro": {
        "GET /api/v1/customer_assets/{}/patches?page": (
            "The answer tells of further pages and nothing says how they are asked for: as everywhere else; "
            "reference rmm.md 9"
        ),
    },
}
