"""Acting on the page: commands, clicks, choices, modals, Home, and what happens when the app does not answer."""

import re
import socket
from contextlib import suppress
from typing import Any

from playwright.sync_api import Page, expect

from sandbox.app import Options, running
from tests.sandbox.page.seat import Seats, message, post
from tests.sandbox.slack.bot import MANIFEST, NEVER, Bot, eventually
from tests.sandbox.slack.samples import (
    actions,
    button,
    home,
    input_block,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    text_input,
)

Json = dict[str, Any]


def opens(bot: Bot, view: Json) -> None:
    """Answer commands and clicks with this modal, submissions with nothing."""

    def answer(envelope: Json) -> None:
        if (
            "trigger_id" in envelope["payload"]
            and envelope["payload"].get("type") != "view_submission"
        ):
            bot.web.views_open(trigger_id=envelope["payload"]["trigger_id"], view=view)

    bot.answer = answer


def command(page: Page, line: str) -> None:
    page.get_by_label(re.compile("^Message #")).fill(line)
    page.keyboard.press("Enter")


def run_modal(*more: Json) -> Json:
    ticket = input_block(text_input("ticket"), "ticket", hint=plain("As in HALO-4711"))
    reason = input_block(text_input("reason", multiline=True), "reason", optional=True)
    return modal(ticket, reason, *more, callback_id="run", title=plain("Run patches"))


def test_a_command_is_completed_with_its_usage_and_sent(bot: Bot, sit: Seats) -> None:
    page = sit("tech", "acme-dental")
    bot.answer = lambda envelope: {"text": "*12* MFA gaps"}
    page.get_by_label("Message #acme-dental").press_sequentially("/m")
    expect(page.get_by_role("option", name="/mfa")).to_contain_text("gaps [client]")
    page.keyboard.press("Tab")
    expect(page.locator(".usage")).to_have_text("/mfa gaps [client]")
    page.keyboard.type("gaps acme")
    page.keyboard.press("Enter")
    expect(page.locator(".message--ephemeral").last).to_contain_text("12 MFA gaps")
    assert (bot.payload["command"], bot.payload["text"]) == ("/mfa", "gaps acme")


def test_an_unknown_command_is_answered_by_slack_itself(bot: Bot, sit: Seats) -> None:
    page = sit("tech", "acme-dental")
    command(page, "/nonsense now")
    answer = page.locator(".message", has_text="/nonsense is not a valid command")
    expect(answer).to_contain_text("Slackbot")


def test_a_confirmed_click_reaches_the_app_once(bot: Bot, sit: Seats) -> None:
    ask = {"title": plain("Sure?"), "text": mrkdwn("*14* devices"), "confirm": plain("Go"), "deny": plain("No")}  # fmt: skip
    ts = post(bot.web, "acme-dental", actions(button("Approve", confirm=ask)))
    page = sit("manager", "acme-dental")
    approve, dialog = (
        message(page, ts).get_by_role("button", name="Approve"),
        page.get_by_role("dialog"),
    )
    approve.click()
    dialog.get_by_role("button", name="No").click()
    expect(dialog).to_have_count(0)
    approve.click()
    dialog.get_by_role("button", name="Go").click()
    eventually(lambda: [e for e in bot.seen if e["type"] == "interactive"])
    expect(approve).not_to_have_attribute("aria-busy", "true")
    assert [e["payload"]["user"]["id"] for e in bot.seen if e["type"] == "interactive"] == [
        "U0MANAGER1"
    ]


def test_an_unanswered_click_is_told_beneath_the_button(bot: Bot, sit: Seats) -> None:
    ts = post(bot.web, "acme-dental", actions(button("Slow")))
    shown = message(sit("manager", "acme-dental"), ts)
    bot.answer = lambda envelope: NEVER
    shown.get_by_role("button", name="Slow").click()
    expect(shown.get_by_role("button", name="Slow")).to_have_attribute("aria-busy", "true")
    expect(shown.get_by_role("alert")).to_have_text("This app is not responding right now.")
    expect(shown.get_by_role("button", name="Slow")).not_to_have_attribute("aria-busy", "true")


def test_menus_are_chosen_from_with_the_keyboard(bot: Bot, sit: Seats) -> None:
    choices = [option("Critical", "c"), option("Important", "i")]
    select = {"type": "static_select", "action_id": "severity", "options": choices, "placeholder": plain("Severity")}  # fmt: skip
    more = {"type": "overflow", "action_id": "more", "options": choices}
    ts = post(bot.web, "acme-dental", section("Filter", accessory=select), actions(more))
    page = sit("manager", "acme-dental")
    menu = message(page, ts).get_by_role("button", name=re.compile("^Severity"))
    menu.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(menu).to_contain_text("Important")
    eventually(lambda: bot.seen and bot.payload.get("actions"))
    assert bot.payload["actions"][0]["selected_option"]["value"] == "i"
    message(page, ts).get_by_role("button", name="More actions").click()
    page.get_by_role("option", name="Critical").click()
    eventually(lambda: bot.payload["actions"][0]["action_id"] == "more")


def test_errors_of_a_submission_stand_beneath_their_field(bot: Bot, sit: Seats) -> None:
    opens(bot, run_modal())
    page = sit("tech", "acme-dental")
    command(page, "/mfa")
    dialog = page.get_by_role("dialog", name="Run patches")
    send, ticket = dialog.get_by_role("button", name="Send"), dialog.get_by_label("Label").first
    send.click()
    expect(dialog.locator(".input--wrong")).to_have_text(
        re.compile("Please complete this required field.")
    )
    bot.answer = lambda envelope: {
        "response_action": "errors",
        "errors": {"ticket": "No such ticket."},
    }
    ticket.fill("HALO-1")
    send.click()
    expect(dialog.get_by_text("No such ticket.")).to_be_visible()
    expect(ticket).to_have_value("HALO-1")
    expect(ticket).to_have_accessible_description("As in HALO-4711 No such ticket.")
    bot.answer = lambda envelope: None
    ticket.fill("HALO-2")
    send.click()
    expect(dialog).to_have_count(0)
    values = bot.payload["view"]["state"]["values"]
    assert values["ticket"]["ticket"]["value"] == "HALO-2"
    assert values["reason"]["reason"]["value"] is None


def test_what_was_typed_outlives_an_update_of_the_modal(bot: Bot, sit: Seats) -> None:
    opens(bot, run_modal())
    page = sit("tech", "acme-dental")
    command(page, "/mfa")
    ticket = page.get_by_role("dialog").get_by_label("Label").first
    ticket.fill("HALO-7")
    view_id = eventually(
        lambda: page.evaluate("fetch('/person/view?as=tech').then((r) => r.json())")
    )["view"]["id"]
    bot.web.views_update(view_id=view_id, view=run_modal(section("Now with a preview")))
    expect(page.get_by_text("Now with a preview")).to_be_visible()
    expect(ticket).to_have_value("HALO-7")
    expect(ticket).to_be_focused()


def test_a_pushed_view_leads_back_to_the_one_beneath(bot: Bot, sit: Seats) -> None:
    opens(bot, run_modal())
    page = sit("tech", "acme-dental")
    command(page, "/mfa")
    page.get_by_role("dialog").get_by_label("Label").first.fill("HALO-7")
    bot.answer = lambda envelope: {"response_action": "push", "view": modal(title=plain("Preview"))}
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("dialog", name="Preview")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    expect(
        page.get_by_role("dialog", name="Run patches").get_by_label("Label").first
    ).to_have_value("HALO-7")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_devices_are_suggested_and_chosen_in_a_modal(bot: Bot, sit: Seats) -> None:
    devices = {"type": "multi_external_select", "action_id": "devices", "min_query_length": 1}
    view = modal(input_block(devices, "devices"), title=plain("Choose"))

    def answer(envelope: Json) -> Json | None:
        payload = envelope["payload"]
        if payload.get("type") == "block_suggestion":
            return {
                "options": [option(f"{payload['value'].upper()}-{n}", f"d{n}") for n in range(3)]
            }
        return None

    opens(bot, view)
    page = sit("tech", "acme-dental")
    command(page, "/mfa")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Label")).click()
    bot.answer = answer
    page.keyboard.type("ws")
    page.get_by_role("option", name="WS-1").click()
    page.get_by_role("option", name="WS-2").click()
    page.keyboard.press("Escape")
    expect(page.locator(".token")).to_have_text(["WS-1", "WS-2"])
    page.get_by_role("button", name="Remove WS-1").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    chosen = bot.payload["view"]["state"]["values"]["devices"]["devices"]["selected_options"]
    assert [each["value"] for each in chosen] == ["d2"]


def test_a_modal_of_a_hundred_blocks_keeps_its_buttons_in_sight(bot: Bot, sit: Seats) -> None:
    opens(bot, modal(*[section(f"Row {number}") for number in range(100)], title=plain("Long")))
    page = sit("tech", "acme-dental", phone=True)
    command(page, "/mfa")
    expect(page.locator("dialog .block")).to_have_count(100)
    expect(page.get_by_role("dialog").get_by_role("button", name="Send")).to_be_in_viewport()
    page.get_by_text("Row 99").scroll_into_view_if_needed()
    expect(page.get_by_text("Row 99")).to_be_in_viewport()
    expect(page.get_by_role("dialog").get_by_role("button", name="Send")).to_be_in_viewport()


def test_home_is_published_when_it_is_opened(bot: Bot, sit: Seats) -> None:
    def answer(envelope: Json) -> None:
        event = envelope["payload"].get("event", {})
        if event.get("type") == "app_home_opened":
            view = home(section("2 requests wait for you"), actions(button("Show them")))
            bot.web.views_publish(user_id=event["user"], view=view)

    bot.answer = answer
    page = sit("manager", "@gatehouse")
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_text("2 requests wait for you")).to_be_visible()
    page.get_by_role("button", name="Show them").click()
    eventually(lambda: bot.payload.get("type") == "block_actions")
    assert bot.payload["view"]["type"] == "home"


def test_another_person_is_one_click_away(bot: Bot, sit: Seats) -> None:
    post(bot.web, "acme-dental", section("Hello"))
    page = sit("tech", "acme-dental")
    page.get_by_role("button", name=re.compile("You act as Tess Morgan")).click()
    page.get_by_role("menuitemradio", name=re.compile("Gail Reed")).click()
    expect(page.get_by_role("button", name=re.compile("You act as Gail Reed"))).to_be_visible()
    expect(page.locator(".channel")).to_have_text(["acme-dental"])
    expect(page).to_have_url(re.compile("as=guest&channel=acme-dental"))


def test_the_clock_is_moved_from_the_page(bot: Bot, sit: Seats) -> None:
    page = sit("tech", "acme-dental")
    before = page.evaluate("fetch('/clock').then((answer) => answer.json())")["offset_s"]
    page.get_by_role("button", name="Sandbox").click()
    page.get_by_role("button", name="+ 1 hour").click()
    eventually(lambda: page.evaluate("fetch('/clock').then((answer) => answer.json())")["offset_s"] == before + 3600)  # fmt: skip


def port_nobody_is_given() -> int:
    """A free one below those that the system hands out, so that it is still free after a restart."""
    for port in range(32_000, 1_024, -1):
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def test_the_page_comes_back_by_itself_after_a_restart(sit: Seats, browser: Any) -> None:
    port = port_nobody_is_given()
    with running(Options(port=port, clients=1, manifest=MANIFEST)) as first:
        page = Seats(browser, first.url)("tech", "@gatehouse")
    expect(page.get_by_text("The sandbox does not answer.")).to_be_visible()
    with running(Options(port=port, clients=1, manifest=MANIFEST)) as second, Bot(second) as bot:
        direct = bot.web.conversations_open(users="U0TECH0001")["channel"]["id"]
        bot.web.chat_postMessage(channel=direct, text="Back again")
        expect(page.get_by_text("Back again")).to_be_visible()
        expect(page.get_by_text("The sandbox does not answer.")).to_have_count(0)
        page.context.close()
