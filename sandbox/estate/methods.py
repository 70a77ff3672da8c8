"""What people register for MFA, and which methods a tenant allows."""

from random import Random
from typing import Any

#: How ordinary people are registered, in the registration report's words, with how common each is.
_REGISTRATIONS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (46, ("microsoftAuthenticatorPush", "softwareOneTimePasscode")),
    (16, ("microsoftAuthenticatorPush", "softwareOneTimePasscode", "mobilePhone")),
    (9, ("microsoftAuthenticatorPush", "softwareOneTimePasscode", "windowsHelloForBusiness")),
    (4, ("fido2", "microsoftAuthenticatorPush", "softwareOneTimePasscode")),
    (14, ("mobilePhone",)),
    (3, ("softwareOneTimePasscode",)),
    (6, ()),
    (2, ("email",)),
)

#: Registered years ago; the tenants' methods policy has switched voice calls off since.
NOT_ALLOWED = ["officePhone"]
STRONG = ["microsoftAuthenticatorPush", "softwareOneTimePasscode"]
TEXT_ONLY = ["mobilePhone"]
KEY = ["fido2"]


def registration(rng: Random) -> list[str]:
    """What one ordinary person has registered."""
    weights = [weight for weight, _ in _REGISTRATIONS]
    return list(rng.choices([methods for _, methods in _REGISTRATIONS], weights)[0])


def methods_policy() -> dict[str, Any]:
    """Graph's authenticationMethodsPolicy of a tenant that allows everything but voice and passes."""
    return {
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "Which authentication methods users may register and use.",
        "lastModifiedDateTime": "2025-09-01T08:00:00Z",
        "policyVersion": "1.5",
        "policyMigrationState": "migrationComplete",
        "registrationEnforcement": {
            "authenticationMethodsRegistrationCampaign": {
                "snoozeDurationInDays": 1,
                "state": "default",
                "excludeTargets": [],
                "includeTargets": [
                    {
                        "id": "all_users",
                        "targetType": "group",
                        "targetedAuthenticationMethod": "microsoftAuthenticator",
                    }
                ],
            }
        },
        "authenticationMethodConfigurations": [
            _configuration("Fido2", "fido2", "enabled"),
            _configuration("MicrosoftAuthenticator", "microsoftAuthenticator", "enabled"),
            _configuration("Sms", "sms", "enabled"),
            _configuration("TemporaryAccessPass", "temporaryAccessPass", "disabled"),
            _configuration("SoftwareOath", "softwareOath", "enabled"),
            _configuration("Voice", "voice", "disabled"),
            _configuration("Email", "email", "enabled"),
            _configuration("X509Certificate", "x509Certificate", "disabled"),
        ],
    }


def _configuration(key: str, type_name: str, state: str) -> dict[str, Any]:
    return {
        "@odata.type": f"#microsoft.graph.{type_name}AuthenticationMethodConfiguration",
        "id": key,
        "state": state,
        "excludeTargets": [],
        "includeTargets": [
            {"id": "all_users", "targetType": "group", "isRegistrationRequired": False}
        ],
    }
