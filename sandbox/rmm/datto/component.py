"""The account's components, the one that runs the update script among them."""

from typing import Any

from sandbox.rmm.update_script import NAME, VARIABLES, VERSION

INSTALL_COMPONENT_UID = "5b8f0c1e-7a44-4a0e-9a53-3c2d6d0f9e21"

_OTHER_COMPONENT_UID = "c2a6a1de-1f0b-4a35-8a5e-0b7a1f6f4f10"


def components() -> list[dict[str, Any]]:
    """The account's components as account/components lists them."""
    return [
        {
            "id": 4101,
            "uid": INSTALL_COMPONENT_UID,
            "name": NAME,
            "description": f"Scans for and installs approved Windows updates. Version {VERSION}",
            "categoryCode": "scripts",
            "credentialsRequired": False,
            "variables": [
                _variable(place, name, default)
                for place, (name, default) in enumerate(VARIABLES.items(), 1)
            ],
        },
        {
            "id": 3007,
            "uid": _OTHER_COMPONENT_UID,
            "name": "Clear print queue",
            "description": None,
            "categoryCode": "scripts",
            "credentialsRequired": None,
            "variables": [],
        },
    ]


def name_of(component_uid: str) -> str | None:
    return next((c["name"] for c in components() if c["uid"] == component_uid), None)


def complaint(component_uid: str, variables: dict[str, str]) -> str | None:
    """What is wrong with the variables of a quick job; None where nothing is."""
    component = next(c for c in components() if c["uid"] == component_uid)
    known = {variable["name"] for variable in component["variables"]}
    unknown = sorted(set(variables) - known)
    return f"Unknown variable {unknown[0]}" if unknown else None


def _variable(place: int, name: str, default: str) -> dict[str, Any]:
    return {
        "name": name,
        "defaultVal": default,
        "type": "String",
        "direction": True,
        "description": "As docs/components.md says",
        "variablesIdx": place,
    }
