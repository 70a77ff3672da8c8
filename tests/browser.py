"""The system's Chromium, driven by Playwright; it speaks to nothing but the addresses a test opens."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.patience import PATIENCE_S

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def _chromium_path() -> str:
    """Skip where there is no Chromium; on CI its absence is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is not None:
        return found
    reason = "Chromium is not installed (Debian, Ubuntu: apt-get install chromium)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Keep it to one module: while it runs, its thread cannot run another event loop."""
    path = _chromium_path()
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        yield browser
        browser.close()
