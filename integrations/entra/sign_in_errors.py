"""What Entra's sign-in host means by its codes, as one sentence and one remedy for an operator."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import VendorAuthError, VendorBusy, VendorError
from integrations.http import Answer

SOURCE = "Entra sign-in"


@dataclass(frozen=True, slots=True)
class Saying:
    """One meaning of one or more AADSTS codes. `{...}` are filled with tenant, client_id, app, login."""

    codes: tuple[int, ...]
    sentence: str
    remedy: str


_CONSENT = "An administrator of that tenant has to open {login}/{tenant}/adminconsent?client_id={client_id}"

SAYINGS: tuple[Saying, ...] = (
    Saying((7000229,), "The {app} app is not installed in tenant {tenant}.", _CONSENT),
    Saying(
        (700016,),
        "Tenant {tenant} does not know the {app} app {client_id}.",
        "Check entra.{app}.client_id and the client's tenant_id; if both are right: " + _CONSENT,
    ),
    Saying(
        (7000215,),
        "The client secret of the {app} app is wrong.",
        "Put the secret's value, not its id, where entra.{app}.client_secret points.",
    ),
    Saying(
        (7000222,),
        "The client secret of the {app} app has expired, for every tenant at once.",
        "Make a new secret, or better a certificate, and put it where entra.{app} points.",
    ),
    Saying(
        (700027, 50012, 700030, 700024, 700023),
        "The certificate of the {app} app was not accepted.",
        "Register this very certificate for the app, check that it has not expired, and set the clock.",
    ),
    Saying(
        (7000112, 70001),
        "The {app} app is disabled.",
        "Enable it in its home tenant and under Enterprise applications of tenant {tenant}.",
    ),
    Saying(
        (90002,),
        "There is no tenant {tenant}.",
        "Check the client's tenant_id, and cloud in [entra] if the tenant is in a national cloud.",
    ),
    Saying(
        (90038, 900382, 900432),
        "Tenant {tenant} is in another national cloud.",
        "Set cloud in [entra] to that one; an app registration there is needed too.",
    ),
    Saying(
        (500011, 650052, 650057, 70011, 1002012),
        "Tenant {tenant} does not offer Microsoft Graph to the {app} app.",
        "Check graph_url, and that Microsoft Graph is enabled in that tenant.",
    ),
    Saying((65001, 90094), "Nobody consented to the {app} app in tenant {tenant}.", _CONSENT),
    Saying(
        (90099,),
        "The {app} app is not authorised in tenant {tenant} for partners' delegated access.",
        _CONSENT,
    ),
    Saying(
        (50076, 50079, 50072, 50074, 50158),
        "Entra asks a user for MFA, so this is not an app's own sign-in.",
        "Use an app registration with application permissions for entra.{app}.",
    ),
    Saying(
        (53003, 530032, 53000, 53001, 53011, 530034, 530035),
        "A policy of tenant {tenant} blocked the sign-in.",
        "Look at the sign-in log of the {app} app in that tenant.",
    ),
    Saying(
        (700082, 70008, 50173, 700084),
        "A stored sign-in has ended, so this is not an app's own sign-in.",
        "Use an app registration with application permissions for entra.{app}.",
    ),
    Saying(
        (5000224, 50001),
        "Tenant {tenant} is not available; it may have been deleted.",
        "If this client has left, remove its tenant_id.",
    ),
)

#: Loops, throttles and passing troubles on Microsoft's side.
_PASSING = frozenset({50196, 90055, 90033, 90006, 90012, 90024})

_BY_CODE: Mapping[int, Saying] = {code: saying for saying in SAYINGS for code in saying.codes}


def sign_in_error(
    answer: Answer, *, app: str, client_id: str, tenant: str, login: str
) -> VendorError:
    """The error of a refusal. Decided by `error_codes` alone; the description is for people and changes."""
    body = _json(answer)
    codes = _codes(body)
    code = f"AADSTS{codes[0]}" if codes else str(body.get("error") or f"HTTP {answer.status}")[:80]
    trace = f" ({code}, correlation id {str(body.get('correlation_id') or 'unknown')[:64]})"
    if not _PASSING.isdisjoint(codes):
        words = f"Microsoft's sign-in service is busy{trace}."
        return VendorBusy(SOURCE, words, wait=answer.wait(), status=answer.status, code=code)
    saying = next((_BY_CODE[known] for known in codes if known in _BY_CODE), _UNKNOWN)
    facts = {"app": app, "client_id": client_id, "tenant": tenant, "login": login}
    return VendorAuthError(
        SOURCE,
        saying.sentence.format(**facts).removesuffix(".") + trace + ".",
        remedy=saying.remedy.format(**facts),
        status=answer.status,
        code=code,
    )


_UNKNOWN = Saying(
    (),
    "The {app} app could not sign in to tenant {tenant}.",
    "Look the code up in the sign-in log of the tenant.",
)


def _json(answer: Answer) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _codes(body: Mapping[str, Any]) -> list[int]:
    codes = body.get("error_codes")
    found: Iterable[Any] = codes if isinstance(codes, list) else ()
    return [code for code in found if isinstance(code, int)]
