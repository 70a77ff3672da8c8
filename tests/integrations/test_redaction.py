"""Secrets and tokens never reach a log line."""

import io
import logging

import pytest

from integrations.redaction import HIDDEN, RedactingFilter, redact, redact_logs

JWT = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJncmFwaCJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "token",
    [
        "xoxb-123-abc-DEF",
        "xoxp-9-9",
        "xapp-1-A0-1-deadbeef",
        JWT,
        "https://hooks.slack.com/services/T0/B0/abc",
        "-----BEGIN PRIVATE KEY-----\nMIIE\nabc\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_token_is_hidden(token: str) -> None:
    assert redact(f"before {token} after") == f"before {HIDDEN} after"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefgh12345678",
        "authorization: Basic YWJjZGVmZ2g6aWprbA==",
        "grant_type=x&client_secret=abcdefgh12345678&scope=y",
    ],
)
def test_credentials_in_a_request_are_hidden(text: str) -> None:
    hidden = redact(text)
    assert HIDDEN in hidden
    assert "abcdefgh12345678" not in hidden
    assert "YWJj" not in hidden


def test_a_log_line_shows_no_known_secret_in_message_arguments_or_traceback() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RedactingFilter(["hunter2-hunter2"]))
    logger = logging.getLogger("test_redaction")
    logger.addHandler(handler)
    logger.warning("token %s and %s", "hunter2-hunter2", JWT)
    try:
        int("hunter2-hunter2")
    except ValueError:
        logger.exception("it broke")
    logger.removeHandler(handler)
    said = out.getvalue()
    assert "hunter2" not in said
    assert "eyJ" not in said
    assert "ValueError" in said


def test_every_handler_of_the_root_logger_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    root = logging.getLogger()
    handler = logging.StreamHandler(out)
    monkeypatch.setattr(root, "handlers", [handler])
    redact_logs(["hunter2-hunter2", "ab"])
    logging.getLogger("some.library").warning("hunter2-hunter2 in about")
    assert out.getvalue() == f"{HIDDEN} in about\n"


def test_what_a_name_from_outside_holds_begins_no_new_log_line() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("test_redaction")
    logger.addHandler(handler)
    logger.warning("%s has to wait", "WS-1\n2026 INFO audit: approved\u202e\x1b[2J é")
    logger.removeHandler(handler)
    assert out.getvalue() == "WS-1\\n2026 INFO audit: approved\\u202e\\x1b[2J é has to wait\n"
