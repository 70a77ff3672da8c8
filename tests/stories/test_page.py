"""The whole way on the page, in a real browser: from the digest's button to a verified card, on a phone too."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import chromium
from tests.sandbox.page.seat import Seats
from tests.stories.asking import REQUEST_ID
from tests.stories.record import ended
from tests.stories.world import World


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def sit(browser: Browser, world: World) -> Iterator[Seats]:
    seats = Seats(browser, world.url)
    yield seats
    seats.leave()


def last_message(page: Page, words: str) -> Locator:
    return page.locator("#messages .message", has_text=words).last


def choose(page: Page, form: Locator, label: str, *names: str) -> None:
    """Type part of each name into a menu and take what it offers."""
    form.get_by_role("button", name=re.compile(f"^{label}")).click()
    for name in names:
        page.get_by_role("combobox", name=f"Search: {label}").fill(name)
        page.get_by_role("option", name=re.compile(name)).click()
    page.keyboard.press("Escape")


def test_from_the_digest_to_a_verified_card(world: World, sit: Seats, tmp_path: Path) -> None:
    def picture(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png")

    page = sit("tech", "acme-dental")
    digest = last_message(page, "Acme Dental Group")
    expect(digest).to_contain_text("MFA gaps")
    picture(page, "1-digest")
    digest.get_by_role("button", name="Enforce MFA").click()

    form = page.get_by_role("dialog", name="MFA request")
    expect(form).to_be_visible()
    chosen = form.get_by_role("button", name=re.compile("^Remove "))
    for _ in range(chosen.count()):
        chosen.first.click()
    choose(page, form, "People", "Ada Lindqvist", "Chidi Kaplan")
    form.get_by_label("Sign everybody out everywhere afterwards").check()
    form.get_by_label("Why?").fill("Both were named in today's digest")
    picture(page, "2-form")
    form.get_by_role("button", name="Preview").click()

    preview = page.get_by_role("dialog", name="Preview")
    expect(preview).to_contain_text("Enforce MFA for 2 people")
    expect(preview).to_contain_text("Maya Ortiz")
    picture(page, "3-preview")
    preview.get_by_role("button", name="Send for approval").click()
    told = last_message(page, "waits for approval")
    expect(told).to_be_visible()
    found = REQUEST_ID.search(told.inner_text())
    assert found is not None
    request = found.group()
    picture(page, "4-sent")

    phone = sit("manager", "@gatehouse", phone=True)
    asked = last_message(phone, "Enforce MFA for 2 people")
    expect(asked).to_contain_text("Ada Lindqvist")
    picture(phone, "5-asked-on-a-phone")
    asked.get_by_role("button", name="Approve").click()
    phone.get_by_role("dialog").get_by_role("button", name="Approve").click()
    assert ended(world, request) == "succeeded"
    expect(asked).to_contain_text("Done and verified")
    picture(phone, "6-verified-on-a-phone")

    approvals = sit("tech", "gatehouse-approvals")
    card = last_message(approvals, "Enforce MFA for 2 people")
    expect(card).to_contain_text("Done and verified")
    expect(card.get_by_role("button", name=f"Ask to undo {request}")).to_be_visible()
    picture(approvals, "7-card")
    (added,) = world.effects("graph", "add_member")
    assert len(added["target_ids"]) == 2
