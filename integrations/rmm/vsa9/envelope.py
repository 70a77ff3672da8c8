"""VSA 9 wraps everything in an object with a code of its own, and HTTP 200 may carry a refusal."""

from dataclasses import replace

from core.errors import MalformedAnswer
from integrations.http import Answer
from integrations.rmm.rows import Row

_CREATED_OR_SO = range(200, 300)


def unwrap(answer: Answer) -> Answer:
    """The answer with the status its body tells, where the body tells a refusal."""
    if not answer.ok:
        return answer
    try:
        body = answer.json()
    except ValueError:
        return answer
    code = _code(body) if isinstance(body, dict) else None
    if code is None or code == 0 or code in _CREATED_OR_SO:
        return answer
    known = code if code in range(400, 600) else _NO_HTTP_STATUS
    return replace(answer, status=known)


#: A code that is no HTTP status refuses all the same, and nothing says that another try would help.
_NO_HTTP_STATUS = 400


def is_success(body: object) -> bool:
    """Whether a body that was not a refusal says so itself; an empty one (204) does by being there."""
    if body is None:
        return True
    if not isinstance(body, dict):
        return False
    return _code(body) is not None or str(body.get("Status")).upper() == "OK"


def result(source: str, body: object, what: str) -> tuple[object, int | None]:
    """The Result of an envelope and its TotalRecords, where that is told. Raises MalformedAnswer."""
    if not isinstance(body, dict) or "Result" not in body:
        raise MalformedAnswer(
            source, f"The answer about {what} is not what VSA wraps its answers in."
        )
    total = _whole(body.get("TotalRecords"))
    return body["Result"], total


def _code(body: Row) -> int | None:
    return _whole(body.get("ResponseCode"))


def _whole(value: object) -> int | None:
    """A number, which comes as one or as text of digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int):
        return value
    digits = value.strip() if isinstance(value, str) else ""
    return int(digits) if digits.isascii() and digits.isdecimal() else None
