"""Entra's three built-in authentication strengths, as Graph writes them."""

from typing import Any

MFA = "00000000-0000-0000-0000-000000000002"
PASSWORDLESS = "00000000-0000-0000-0000-000000000003"
PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004"

_RESISTANT = ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"]
_PASSWORDLESS = [*_RESISTANT, "deviceBasedPush"]
_ANY_MFA = [
    *_PASSWORDLESS,
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
]


def _built_in(strength_id: str, name: str, combinations: list[str]) -> dict[str, Any]:
    return {
        "id": strength_id,
        "createdDateTime": "2021-12-01T00:00:00Z",
        "modifiedDateTime": "2021-12-01T00:00:00Z",
        "displayName": name,
        "description": f"Combinations of methods that satisfy {name}",
        "policyType": "builtIn",
        "requirementsSatisfied": "mfa",
        "allowedCombinations": list(combinations),
        "combinationConfigurations": [],
    }


def built_in_strengths() -> list[dict[str, Any]]:
    """A fresh copy of all three."""
    return [
        _built_in(MFA, "Multifactor authentication", _ANY_MFA),
        _built_in(PASSWORDLESS, "Passwordless MFA", _PASSWORDLESS),
        _built_in(PHISHING_RESISTANT, "Phishing-resistant MFA", _RESISTANT),
    ]


def strength(strength_id: str) -> dict[str, Any] | None:
    return next((item for item in built_in_strengths() if item["id"] == strength_id), None)
