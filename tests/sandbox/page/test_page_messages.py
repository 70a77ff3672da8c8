"""Reading on the page: cards, threads, what only one person sees, files, narrow windows."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.sandbox.page.seat import Seats, message, post
from tests.sandbox.slack.bot import Bot, People
from tests.sandbox.slack.samples import actions, button, mrkdwn, plain, section

Json = dict[str, Any]
HOSTILE = '<img src=x onerror="window.pwned = true">'


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def table(*rows: list[str]) -> Json:
    return {"type": "table", "rows": [[raw(cell) for cell in row] for row in rows]}


def card() -> list[Json]:
    return [
        {"type": "header", "text": plain("12 devices are overdue")},
        section("*Acme Dental* since <!date^1764021600^{date_num}|then>", fields=[mrkdwn("*Oldest*\n41 days")]),
        {"type": "divider"},
        table(["Device", "State"], ["ACME-WS-014", "online"]),
        actions(button("Approve", style="primary"), button("Deny", "deny", style="danger")),
        {"type": "context", "elements": [mrkdwn(":warning: expires in _60 minutes_")]},
    ]  # fmt: skip


def test_a_card_shows_every_block_the_bot_uses(bot: Bot, sit: Seats) -> None:
    ts = post(bot.web, "acme-dental", *card())
    shown = message(sit("manager", "acme-dental"), ts)
    expect(shown.get_by_role("heading", name="12 devices are overdue")).to_be_visible()
    expect(shown.locator("strong", has_text="Acme Dental")).to_be_visible()
    expect(shown.locator("time", has_text=re.compile(r"2025-11-2\d"))).to_be_visible()
    expect(shown.get_by_role("cell", name="ACME-WS-014")).to_be_visible()
    expect(shown.get_by_role("button", name="Approve")).to_have_class(re.compile("primary"))
    expect(shown.get_by_role("button", name="Deny")).to_have_class(re.compile("danger"))
    expect(shown.locator(".context")).to_have_text("⚠️ expires in 60 minutes")
    expect(shown.locator(".app-tag")).to_have_text("APP")
    expect(shown.locator(".unknown")).to_have_count(0)


def test_a_block_the_page_cannot_draw_is_named(bot: Bot, sit: Seats) -> None:
    ts = post(bot.web, "acme-dental", {"type": "card", "title": plain("News")})
    expect(message(sit("manager", "acme-dental"), ts).locator(".unknown")).to_contain_text('"card"')


def test_text_from_outside_stays_text(bot: Bot, sit: Seats) -> None:
    escaped = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
    ts = post(
        bot.web,
        "acme-dental",
        {"type": "header", "text": plain(HOSTILE)},
        section(f"{escaped} &lt;!channel&gt; <javascript:alert(1)|click>"),
        table([HOSTILE, "<!channel>"], ["<@U0MANAGER1>", "*not bold*"]),
        actions(button(HOSTILE, accessibility_label=HOSTILE)),
    )
    page = sit("manager", "acme-dental")
    shown = message(page, ts)
    expect(shown.locator(".header-text")).to_have_text(HOSTILE)
    expect(shown.locator(".block--section .rich")).to_contain_text(f"{HOSTILE} <!channel> ")
    expect(shown.get_by_role("cell", name="<@U0MANAGER1>", exact=True)).to_be_visible()
    expect(shown.get_by_role("columnheader", name="<!channel>", exact=True)).to_be_visible()
    expect(shown.locator("img, script, .mention, strong, a")).to_have_count(0)
    assert page.evaluate("window.pwned") is None


def test_a_person_cannot_write_markup_into_the_page(bot: Bot, people: People, sit: Seats) -> None:
    page = sit("tech", "acme-dental")
    page.get_by_label("Message #acme-dental").fill(f"{HOSTILE} <!everyone>")
    page.keyboard.press("Enter")
    expect(page.locator(".message").last).to_contain_text(f"{HOSTILE} <!everyone>")
    expect(page.locator(".message img, .message .mention")).to_have_count(0)
    assert page.evaluate("window.pwned") is None


def test_a_thread_opens_beside_the_channel(bot: Bot, people: People, sit: Seats) -> None:
    ts = post(bot.web, "acme-dental", section("Job 7 runs"))
    post(bot.web, "acme-dental", text="6 of 14 verified", thread_ts=ts)
    page = sit("tech", "acme-dental")
    message(page, ts).get_by_role("button", name=re.compile("1 reply")).click()
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_text("Job 7 runs")).to_be_visible()
    expect(thread.get_by_text("6 of 14 verified")).to_be_visible()
    thread.get_by_label("Reply…").fill("Thanks")
    page.keyboard.press("Enter")
    expect(thread.locator(".message")).to_have_count(3)
    expect(message(page, ts).get_by_role("button", name=re.compile("2 replies"))).to_be_visible()


def test_an_ephemeral_message_is_seen_by_one_person_only(bot: Bot, sit: Seats) -> None:
    ts = post(bot.web, "acme-dental", section("For all"))
    tech, manager = sit("tech", "acme-dental"), sit("manager", "acme-dental")
    channel = bot.web.users_conversations()["channels"]
    acme = next(row["id"] for row in channel if row["name"] == "acme-dental")
    bot.web.chat_postEphemeral(channel=acme, user="U0TECH0001", text="You may not approve this.")
    own = tech.locator(".message", has_text="You may not approve this.")
    expect(own).to_contain_text("Only visible to you")
    expect(message(manager, ts)).to_be_visible()
    manager.reload()
    expect(message(manager, ts)).to_be_visible()
    expect(manager.get_by_text("You may not approve this.")).to_have_count(0)


def test_a_change_appears_without_reloading(bot: Bot, sit: Seats) -> None:
    ts = post(bot.web, "acme-dental", section("Pending"))
    page = sit("manager", "acme-dental")
    expect(message(page, ts)).to_contain_text("Pending")
    acme = page.evaluate("document.querySelector('.channel[aria-current]').id").removeprefix(
        "channel-"
    )
    bot.web.chat_update(channel=acme, ts=ts, text="Done", blocks=[section("Done")])
    expect(message(page, ts)).to_contain_text("Done(edited)")


def test_news_in_another_channel_is_marked_until_it_is_opened(bot: Bot, sit: Seats) -> None:
    page = sit("viewer", "acme-dental")
    post(bot.web, "gatehouse-approvals", section("A request"))
    row = page.get_by_role("navigation").get_by_role("button", name="gatehouse-approvals")
    expect(row.get_by_role("img", name="unread")).to_be_visible()
    row.click()
    expect(page.locator(".message", has_text="A request").last).to_be_visible()
    expect(row.get_by_role("img", name="unread")).to_have_count(0)


def test_a_csv_file_is_shown_with_its_first_rows(bot: Bot, sit: Seats) -> None:
    rows = bot.web.users_conversations()["channels"]
    acme = next(row["id"] for row in rows if row["name"] == "acme-dental")
    content = 'Device,Note\nACME-WS-001,"late, ""very"" late"\nACME-WS-002,<b>x</b>\n'
    bot.web.files_upload_v2(channel=acme, filename="overdue.csv", content=content, title="Overdue")
    file = sit("manager", "acme-dental").get_by_role("region", name="overdue.csv", exact=True)
    expect(file).to_contain_text("Overdue")
    expect(file.get_by_role("cell", name='late, "very" late')).to_be_visible()
    expect(file.get_by_role("cell", name="<b>x</b>")).to_be_visible()


def test_a_deactivated_person_is_told_why_nothing_is_there(sit: Seats) -> None:
    page = sit("deactivated", "acme-dental", settle=False)
    expect(page.get_by_text("The account of Dana Cole is deactivated.")).to_be_visible()


def test_a_long_channel_begins_at_its_end_and_shows_more_on_demand(
    bot: Bot, people: People, sit: Seats
) -> None:
    for number in range(160):
        people.post("/person/message", as_="tech", channel="general", text=f"Line {number}")
    page = sit("manager", "general")
    expect(page.get_by_text("Line 159")).to_be_in_viewport()
    page.locator("#messages").evaluate("node => { node.scrollTop = 0; }")
    page.get_by_role("button", name="Show earlier messages").click()
    expect(page.get_by_text("Line 0", exact=True)).to_be_attached()


def test_a_phone_never_scrolls_sideways(bot: Bot, sit: Seats) -> None:
    wide = table(["Device" * 5] * 8, ["ACME-WS-0123456789"] * 8)
    post(bot.web, "gatehouse-approvals", section("`" + "x" * 200 + "`"), wide, *card())
    page = sit("manager", "acme-dental", phone=True)
    page.get_by_role("button", name="Channels").click()
    page.get_by_role("button", name="gatehouse-approvals").click()
    expect(page.get_by_role("button", name="Approve").last).to_be_in_viewport()
    sideways = """[document.documentElement, ...document.querySelectorAll('.scroller')]
        .map((node) => node.scrollWidth - node.clientWidth)"""
    assert max(page.evaluate(sideways)) <= 0
    height = page.get_by_role("button", name="Approve").last.bounding_box()
    assert height is not None
    assert height["height"] >= 36
