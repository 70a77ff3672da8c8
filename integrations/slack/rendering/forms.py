"""Modals: asking, previewing, deciding with a reason, settling."""

from collections.abc import Sequence
from datetime import date, datetime

from core.domain.clients import Client, MaintenanceWindow
from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, DeviceVerdict, MfaVerdict
from core.domain.patching import DeviceKind
from core.domain.remediation import (
    Action,
    Direction,
    Plan,
    Request,
    RequestId,
    StepState,
    When,
)
from core.rules.local_times import local, local_span
from integrations.slack.rendering.blocks import (
    Element,
    context,
    header,
    option,
    section,
)
from integrations.slack.rendering.form_parts import (
    ask_view,
    entry,
    frame,
    pick_many,
    pick_one,
    reason_entry,
    ticks,
    why_entries,
)
from integrations.slack.rendering.ids import Field, Form, Option
from integrations.slack.rendering.message import Block, View
from integrations.slack.rendering.mrkdwn import bold, escape, in_a_row, listed, plural
from integrations.slack.rendering.request_card import LOWERS
from integrations.slack.rendering.request_words import (
    among_them,
    at_once_words,
    exact_change_of,
    headline,
    in_windows,
    title,
)
from integrations.slack.rendering.targets import left_out_text, name_of, plan_text

SHOWN_UNKNOWN, SHOWN_APPROVERS = 30, 6
_ACTION_WORDS = {
    Action.INSTALL_PATCHES: "Install approved updates",
    Action.SCAN_PATCHES: "Only scan for missing updates",
    Action.RESTART_DEVICES: "Restart those that wait for it",
}


_MEANS = (
    option("Through the client's MFA group", Option.MFA_GROUP, "The group's policy asks them"),
    option(
        "Per-user MFA",
        Option.PER_USER,
        "For people without Entra ID P1 whom no policy asks; others are left out",
    ),
)


# Asking.


def patch_form(
    client: Client,
    *,
    devices: Sequence[DeviceVerdict],
    actions: Sequence[Action],
    window: MaintenanceWindow | None,
    nights: int,
    now: datetime,
    channel: str | None,
) -> View:
    """Which devices, what, when, why.

    `devices` and the first of `actions` are chosen beforehand; `nights` may be asked for at most.
    """
    offered = [option(_ACTION_WORDS[action], action) for action in actions]
    blocks = [
        section(bold(client.name)),
        pick_many(Field.DEVICES, "Devices", "Type part of a name", device_options(devices)),
        pick_one(Field.PATCH_ACTION, "What to do", offered),
        pick_one(Field.WHEN, "When", _when_options(window, nights, now)),
        ticks(
            Field.OPTIONS,
            "If a device is offline",
            [
                option(
                    "Wait for it, as long as the approval holds",
                    Option.WAIT_FOR_OFFLINE,
                    "Otherwise it is left out",
                )
            ],
        ),
        *why_entries(needs_ticket=client.needs_ticket),
    ]
    return ask_view(
        Form.PATCH, "Patch request", "Preview", blocks, client=client.key, channel=channel
    )


def mfa_form(
    client: Client, *, users: Sequence[MfaVerdict], mixed: bool, channel: str | None
) -> View:
    """Which people, how, why. `users` are chosen beforehand, and that administrators are signed out.

    `mixed`: there are people to choose who have no licence for conditional access, and others who have.
    """
    admins = option(
        "Sign administrators out everywhere afterwards",
        Option.REVOKE_ADMINS,
        "An open session of theirs is worth the most to a thief",
    )
    blocks = [
        section(bold(client.name)),
        pick_many(Field.USERS, "People", "Type part of a name", user_options(users)),
        *([pick_one(Field.MFA_MEANS, "How", _MEANS)] if mixed else []),
        ticks(
            Field.OPTIONS,
            "Options",
            [
                admins,
                option(
                    "Sign everybody out everywhere afterwards",
                    Option.REVOKE_SESSIONS,
                    "Otherwise open sessions go on until they expire",
                ),
                option(
                    "Include people without a usable method",
                    Option.INCLUDE_WITHOUT_METHOD,
                    "After a notice of some days: whoever signs in first registers",
                ),
            ],
            ticked=[admins],
        ),
        *why_entries(needs_ticket=client.needs_ticket),
    ]
    return ask_view(Form.MFA, "MFA request", "Preview", blocks, client=client.key, channel=channel)


def exempt_form(
    client: Client, *, users: Sequence[MfaVerdict], until: date, last: date, channel: str | None
) -> View:
    """Whom to let off MFA, to the end of which day, why. `users` and `until` are chosen beforehand."""
    day = {"type": "datepicker", "initial_date": until.isoformat()}
    blocks = [
        section(f"{bold(client.name)}\n{LOWERS}"),
        pick_many(Field.EXEMPT_USERS, "People", "Type part of a name", user_options(users)),
        entry(Field.UNTIL, "Exempt to the end of", day),
        context(f"{last.day} {last:%B %Y} is the last day that may be chosen."),
        *why_entries(needs_ticket=client.needs_ticket),
    ]
    return ask_view(
        Form.EXEMPT, "MFA exemption", "Preview", blocks, client=client.key, channel=channel
    )


def device_options(devices: Sequence[DeviceVerdict]) -> list[Element]:
    """Devices as menu options, with what is known of each."""
    return [option(d.name, d.device_id, _device_words(d)) for d in devices[:100]]


def user_options(users: Sequence[MfaVerdict]) -> list[Element]:
    """People as menu options, with what is known of each."""
    return [option(f"{u.name} ({u.upn})", u.user_id, _user_words(u)) for u in users[:100]]


def _device_words(device: DeviceVerdict) -> str:
    worst = device.worst
    parts = [
        "server" if device.kind is DeviceKind.SERVER else "",
        {Fact.YES: "online", Fact.NO: "offline", Fact.UNKNOWN: "online or not: unknown"}[
            device.online
        ],
        f"overdue, {worst.age_days} days" if worst is not None else "",
        "waits for a restart" if DeviceTrouble.WAITING_FOR_REBOOT in device.troubles else "",
        "protected" if device.protected else "",
    ]
    return ", ".join(filter(None, parts))


def _user_words(user: MfaVerdict) -> str:
    able = {Fact.YES: "has a method", Fact.NO: "no usable method", Fact.UNKNOWN: "method unknown"}
    admin = ("admin", "admin of a part", "")[user.rank]
    return ", ".join(filter(None, [admin, able[user.capable]]))


def _when_options(window: MaintenanceWindow | None, nights: int, now: datetime) -> list[Element]:
    options = [option("As soon as it is approved", When.NOW)]
    if window is None:
        return options
    options.append(option("In the next maintenance window", When.WINDOW, _opening(window, now)))
    if nights > 1:
        until = local(window.next_openings(now, nights)[-1][1], window.time_zone)
        several = f"In the next {nights} maintenance windows, as far as it needs them"
        options.append(option(several, Option.SEVERAL_WINDOWS, f"Until {until} at the latest"))
    return options


def _opening(window: MaintenanceWindow, now: datetime) -> str:
    """In the client's own time; menus take no times of the reader's."""
    opens, closes = window.next_opening(now)
    is_open = "Open now: " if opens <= now else ""
    return is_open + local_span(opens, closes, window.time_zone)


# Previewing.


def preview(
    plan: Plan,
    *,
    request_id: RequestId,
    reason: str | None,
    ticket: str | None,
    approvers: Sequence[str],
    approvals_needed: int,
    channel: str | None,
    ask_reason: bool,
    needs_ticket: bool,
) -> View:
    """What would happen, exactly, before anybody is asked."""
    lowers = LOWERS if plan.direction is Direction.LOWERS else ""
    change = [lowers, exact_change_of(plan), among_them(plan), _when(plan)]
    blocks = [
        header(f"{title(plan)} · {plan.client_name}"),
        section("\n".join(filter(None, change))),
        section(plan_text(plan)),
        *_left_out(plan),
        *_warnings(plan),
        *([section(f"*Reason*\n{escape(reason, 500)}")] if reason else []),
        section(_needs(approvers, approvals_needed)),
        *(why_entries(needs_ticket=needs_ticket) if ask_reason else []),
    ]
    return ask_view(
        Form.PREVIEW,
        "Preview",
        "Send for approval",
        blocks,
        client=plan.client,
        channel=channel,
        request=request_id,
        reason=reason,
        ticket=ticket,
    )


def _when(plan: Plan) -> str:
    if plan.options.when is When.NOW:
        return f"It starts {at_once_words(plan, approved=False)}."
    return f"It runs {in_windows(plan)}."


def _left_out(plan: Plan) -> list[Block]:
    text = left_out_text(plan)
    return [section(text)] if text else []


def _warnings(plan: Plan) -> list[Block]:
    words = [f"• {escape(warning, 400)}" for warning in plan.warnings]
    return [section("\n".join(["*Before you send it*", *words]))] if words else []


def _needs(approvers: Sequence[str], needed: int) -> str:
    approvals = plural(needed, "approval")
    if len(approvers) < needed:
        able = plural(len(approvers), "other person", "other people")
        return f"⚠️ It needs *{approvals}*, but {able} may approve here. Ask an owner first."
    who = in_a_row([escape(name) for name in approvers], SHOWN_APPROVERS)
    return f"It needs *{approvals}*. Who can approve it: {who}."


# Deciding and settling.


def deny_form(request: Request, channel: str | None) -> View:
    blocks = [section(bold(f"{request.id}: {headline(request)}", 200)), reason_entry("Why not?")]
    return ask_view(Form.DENY, "Deny", "Deny", blocks, request=request.id, channel=channel)


def settle_form(request: Request, channel: str | None) -> View:
    """A person's word in place of proof."""
    unknown = [
        f"❔ {name_of(request.plan.target(step.target))} {escape(step.reason, 300)}"
        for step in request.steps
        if step.state is StepState.UNKNOWN
    ]
    blocks = [
        section(bold(f"{request.id}: {headline(request)}", 200)),
        section(listed(unknown, SHOWN_UNKNOWN) or "Nothing is unknown any more."),
        pick_one(
            Field.CARRIED_OUT,
            "What did you see at the source, for all of these?",
            [option("It was carried out", "yes"), option("It was not carried out", "no")],
        ),
        reason_entry("How do you know?"),
        context("In the audit log your name and your words take the place of proof."),
    ]
    return ask_view(Form.SETTLE, "Settle", "Settle", blocks, request=request.id, channel=channel)


# Short ones.


def working(name: str) -> View:
    """Shown while something is read."""
    return frame(
        Form.NOTE,
        name,
        [section("⏳ Finding out exactly what would happen. Nothing is changed yet.")],
    )


def note(name: str, sentence: str) -> View:
    """One sentence, and nothing to send."""
    return frame(Form.NOTE, name, [section(f"⚠️ {escape(sentence, 2_500)}")])
