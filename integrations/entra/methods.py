"""What a user registered, read live: for tenants whose licence does not include the registration report."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.domain.facts import Fact
from core.domain.identity import MfaRegistration, UserId
from core.rules.logic import any_of

Json = dict[str, Any]

_PREFIX = "#microsoft.graph."
_SUFFIX = "AuthenticationMethod"

#: Graph's method types that answer an MFA prompt, in the registration report's words.
_STRONG: Mapping[str, str] = {
    "microsoftAuthenticator": "microsoftAuthenticatorPush",
    "fido2": "fido2",
    "windowsHelloForBusiness": "windowsHelloForBusiness",
    "platformCredential": "macOsSecureEnclaveKey",
    "softwareOath": "softwareOneTimePasscode",
    "hardwareOath": "hardwareOneTimePasscode",
    "external": "externalAuthMethod",
}
_PHONES: Mapping[str, str] = {
    "mobile": "mobilePhone",
    "alternateMobile": "alternateMobilePhone",
    "office": "officePhone",
}
#: Types that do not: a temporary pass is over soon, the others are for resetting a password.
_WEAK: Mapping[str, str] = {
    "email": "email",
    "temporaryAccessPass": "temporaryAccessPass",
    "qrCodePin": "qrCodePin",
}
_PASSWORD = "password"  # noqa: S105 - the name of a method type

#: Which configurations of the methods policy let a method be used; a method not listed needs none.
_GOVERNED_BY: Mapping[str, tuple[str, ...]] = {
    "mobilePhone": ("Sms", "Voice"),
    "alternateMobilePhone": ("Voice",),
    "officePhone": ("Voice",),
    "microsoftAuthenticatorPush": ("MicrosoftAuthenticator",),
    "fido2": ("Fido2",),
    "softwareOneTimePasscode": ("SoftwareOath",),
    "hardwareOneTimePasscode": ("HardwareOath",),
}
_EXTERNAL = "#microsoft.graph.externalAuthenticationMethodConfiguration"
#: Allowed by a configuration whose id differs per tenant.
_UNTRACED = frozenset({"externalAuthMethod"})


#: Configuration id -> whether everybody may use the method; empty where that was not read.
Allowed = Mapping[str, Fact]


def allowed(policy: Json) -> Allowed:
    """What /policies/authenticationMethodsPolicy lets everybody use.

    Until the migration is complete the older MFA and password-reset settings allow methods too, so that
    "disabled" here does not yet mean no.
    """
    migrated = policy.get("policyMigrationState") == "migrationComplete"
    rows = policy.get("authenticationMethodConfigurations")
    return {
        str(row.get("id")): _allowed(row, migrated)
        for row in (rows if isinstance(rows, list) else ())
    }


def _allowed(row: Json, migrated: bool) -> Fact:
    if row.get("state") == "disabled":
        return Fact.NO if migrated else Fact.UNKNOWN
    targets = row.get("includeTargets")
    everyone = isinstance(targets, list) and any(t.get("id") == "all_users" for t in targets)
    enabled = row.get("state") == "enabled" and everyone and not row.get("excludeTargets")
    return Fact.YES if enabled else Fact.UNKNOWN


def unseen(policy: Json) -> tuple[str, ...]:
    """What is allowed to some at least and stands in neither the report nor, for certificates, the lists."""
    rows = policy.get("authenticationMethodConfigurations")
    enabled = (
        [row for row in rows if row.get("state") == "enabled"] if isinstance(rows, list) else []
    )
    return (
        *(
            str(row.get("displayName") or "a method of another maker")
            for row in enabled
            if row.get("@odata.type") == _EXTERNAL
        ),
        *("certificates" for row in enabled if row.get("id") == "X509Certificate" and _strong(row)),
    )


def _strong(certificates: Json) -> bool:
    """Whether a certificate may count as more than one factor; as one alone only where that is told of all."""
    modes = certificates.get("authenticationModeConfiguration")
    if not isinstance(modes, dict):
        return True
    rules = modes.get("rules")
    told = [modes.get("x509CertificateAuthenticationDefaultMode")]
    told += [rule.get("x509CertificateAuthenticationMode") for rule in rules or ()]
    return any(mode != "x509CertificateSingleFactor" for mode in told)


def live_registration(user_id: UserId, rows: Iterable[Json], may_use: Allowed) -> MfaRegistration:
    """What a user's method list says."""
    words, strange = _words(rows)
    strong = [word for word in words if word not in _WEAK.values()]
    return MfaRegistration(
        user_id=user_id,
        registered=Fact.YES if strong else Fact.UNKNOWN if strange else Fact.NO,
        capable=any_of([*(_usable(word, may_use) for word in strong), *strange]),
        methods=tuple(words),
    )


def _words(rows: Iterable[Json]) -> tuple[list[str], list[Fact]]:
    """The methods in the report's words, and an UNKNOWN for each type we have never heard of."""
    words: list[str] = []
    strange: list[Fact] = []
    for row in rows:
        kind = str(row.get("@odata.type")).removeprefix(_PREFIX).removesuffix(_SUFFIX)
        word = _PHONES.get(str(row.get("phoneType"))) if kind == "phone" else None
        word = word or _STRONG.get(kind) or _WEAK.get(kind)
        if word is not None:
            words.append(word)
        elif kind != _PASSWORD:
            strange.append(Fact.UNKNOWN)
    return words, strange


def _usable(word: str, may_use: Allowed) -> Fact:
    if word in _UNTRACED:
        return Fact.UNKNOWN
    keys = _GOVERNED_BY.get(word)
    if keys is None:
        return Fact.YES
    return any_of(may_use.get(key, Fact.UNKNOWN) for key in keys)
