"""/users/{id}/authentication: what somebody registered, and the per-user MFA state (beta only)."""

from typing import Any, get_args

from sandbox.entra.directory import find_user
from sandbox.entra.odata import selected
from sandbox.entra.paging import page
from sandbox.entra.protocol import (
    NO_CONTENT,
    Answer,
    Call,
    Json,
    Operation,
    any_of,
    bad_request,
    forbidden,
)
from sandbox.estate.ids import stable_id
from sandbox.estate.model import PerUserMfa, User
from sandbox.estate.times import stamp

#: Ids that are the same for everybody.
PASSWORD_ID = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105
_PHONES = {
    "mobilePhone": ("mobile", "3179e48a-750b-4051-897c-87b9720928f7"),
    "alternateMobilePhone": ("alternateMobile", "b6332ec1-7057-4abe-9331-3d72feddfe41"),
    "officePhone": ("office", "e37fc753-ff3b-4958-9484-eaa9425c82bc"),
}
_EMAIL_ID = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
_STATES: dict[str, PerUserMfa] = {word: word for word in get_args(PerUserMfa)}


def list_methods(call: Call) -> Answer:
    """Everything registered, the password included; certificates and federation leave nothing here."""
    user = find_user(call.tenant, call.ids["user_id"])
    if selected(call) is not None:
        raise bad_request("Query option 'Select' is not allowed.", "BadRequest")
    rows = [_password(user), *(_method(user, word) for word in user.methods)]
    context = f"users('{user.id}')/authentication/methods"
    return page(call, rows, lambda row: row, context=context, size=100)


def _password(user: User) -> Json:
    return {
        "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
        "id": PASSWORD_ID,
        "password": None,
        "createdDateTime": stamp(user.created),
    }


def _method(user: User, word: str) -> Json:
    """One word of the registration report as the method object behind it."""
    common: dict[str, Any] = {"createdDateTime": stamp(user.created)}
    if word in _PHONES:
        phone_type, phone_id = _PHONES[word]
        sms = "notSupported" if phone_type == "office" else "notAllowedByPolicy"
        return _typed("phone", phone_id, phoneNumber="+1 5550100", phoneType=phone_type,
                      smsSignInState=sms, **common)  # fmt: skip
    if word == "email":
        return _typed("email", _EMAIL_ID, emailAddress="home@mail.example", **common)
    method_id = stable_id(0, user.id, word)
    phone = f"{user.name.split(' ')[0]}'s phone"
    if word == "softwareOneTimePasscode":
        return _typed("softwareOath", method_id, secretKey=None, **common)
    if word == "windowsHelloForBusiness":
        return _typed(word, method_id, displayName="PC", keyStrength="normal", **common)
    if word == "fido2":
        return _typed(word, method_id, displayName="Security key", model="Key 5", aaGuid=None,
                      attestationCertificates=[], attestationLevel="attested", **common)  # fmt: skip
    return _typed("microsoftAuthenticator", method_id, displayName=phone, deviceTag="SoftwareTokenActivated",
                  phoneAppVersion="6.2511.7533", **common)  # fmt: skip


def _typed(type_name: str, method_id: str, **facts: Any) -> Json:
    odata_type = f"#microsoft.graph.{type_name}AuthenticationMethod"
    return {"@odata.type": odata_type, "id": method_id, **facts}


def get_requirements(call: Call) -> Answer:
    user = find_user(call.tenant, call.ids["user_id"])
    context = call.context(f"users('{user.id}')/authentication/requirements")
    return Answer(body={"@odata.context": context, "perUserMfaState": user.per_user_mfa})


def update_requirements(call: Call) -> Answer:
    """Enabling somebody who has a method enforces at once, as Entra does."""
    user = find_user(call.tenant, call.ids["user_id"])
    asked = call.body.get("perUserMfaState") if isinstance(call.body, dict) else None
    state = _STATES.get(str(asked))
    if state is None:
        raise bad_request(f"Invalid value specified for property 'perUserMfaState': {asked!r}.")
    if user.external:
        raise forbidden("directory")
    if state == "enabled" and user.methods and not user.method_disallowed:
        state = "enforced"
    before, user.per_user_mfa = user.per_user_mfa, state
    call.effect("per_user_mfa", [user.id], before=before, after=state)
    return NO_CONTENT


OPERATIONS = (
    Operation(
        method="GET",
        template="/users/{user_id}/authentication/methods",
        handler=list_methods,
        roles=any_of("UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All"),
        options=frozenset({"select"}),
    ),
    Operation(
        method="GET",
        template="/users/{user_id}/authentication/requirements",
        handler=get_requirements,
        roles=any_of("Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"),
        beta_only=True,
    ),
    Operation(
        method="PATCH",
        template="/users/{user_id}/authentication/requirements",
        handler=update_requirements,
        roles=any_of("Policy.ReadWrite.AuthenticationMethod"),
        beta_only=True,
    ),
)
