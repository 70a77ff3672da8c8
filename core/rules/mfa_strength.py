"""How strong the best of an account's registered methods is."""

from collections.abc import Mapping

from core.domain.facts import Fact
from core.domain.identity import Strength
from core.rules.mfa_ability import Ability

#: The registration report's words in lower case, as far as Microsoft's documents and answers show them.
_STRENGTHS: Mapping[str, Strength] = {
    "fido2": Strength.PHISHING_RESISTANT,
    "fido2securitykey": Strength.PHISHING_RESISTANT,
    "macossecureenclavekey": Strength.PHISHING_RESISTANT,
    "passkeydevicebound": Strength.PHISHING_RESISTANT,
    "passkeydeviceboundauthenticator": Strength.PHISHING_RESISTANT,
    "passkeydeviceboundwindowshello": Strength.PHISHING_RESISTANT,
    "windowshelloforbusiness": Strength.PHISHING_RESISTANT,
    "externalauthmethod": Strength.ORDINARY,
    "hardwareonetimepasscode": Strength.ORDINARY,
    "microsoftauthenticatorpasswordless": Strength.ORDINARY,
    "microsoftauthenticatorpush": Strength.ORDINARY,
    "softwareonetimepasscode": Strength.ORDINARY,
    "alternatemobilephone": Strength.SMS_OR_VOICE_ONLY,
    "mobilephone": Strength.SMS_OR_VOICE_ONLY,
    "officephone": Strength.SMS_OR_VOICE_ONLY,
    # These reset a password or are over soon; they are no lasting answer to a prompt.
    "email": Strength.NONE,
    "password": Strength.NONE,
    "qrcodepin": Strength.NONE,
    "securityquestion": Strength.NONE,
    "temporaryaccesspass": Strength.NONE,
}


def strength_of(ability: Ability) -> Strength:
    """What is surely there counts: a word not known may be stronger, so it never makes "SMS only" or "none"."""
    found = {_STRENGTHS.get(word.lower(), Strength.UNKNOWN) for word in ability.methods}
    for sure in (Strength.PHISHING_RESISTANT, Strength.ORDINARY):
        if sure in found:
            return sure
    if Strength.UNKNOWN in found or ability.elsewhere:
        return Strength.UNKNOWN
    if Strength.SMS_OR_VOICE_ONLY in found:
        return Strength.SMS_OR_VOICE_ONLY
    return Strength.NONE if ability.registered is Fact.NO else Strength.UNKNOWN
