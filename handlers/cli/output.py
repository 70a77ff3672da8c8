"""Data goes to stdout, as text or JSON; what is being done goes to stderr."""

import json
import logging
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.logging import RichHandler

from integrations.redaction import redact_logs

progress = Console(stderr=True, highlight=False)


def show_log(level: str, secrets: Iterable[str] = ()) -> None:
    """Log to stderr, with every secret taken out."""
    handler: logging.Handler = (
        RichHandler(console=progress, show_path=False)
        if sys.stderr.isatty()
        else logging.StreamHandler()
    )
    if not sys.stderr.isatty():
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("apscheduler", "slack_bolt", "slack_sdk", "websocket", "msal", "urllib3"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    redact_logs(secrets)


def note(text: str) -> None:
    """One sentence on stderr, in one line however narrow the terminal is."""
    progress.print(text, markup=False, soft_wrap=True)


def say_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
