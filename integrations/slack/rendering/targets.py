"""The targets of a plan or a request in as few lines as tell it all, what went wrong first."""

from collections.abc import Mapping, Sequence

from core.domain.patching import Family, Ring
from core.domain.remediation import Action, Plan, Request, Step, StepState, Target
from integrations.slack.rendering.mrkdwn import (
    INDENT,
    clock_time,
    code,
    escape,
    in_a_row,
    plural,
    unmarked,
)

#: Of the updates that are named, so many, each in so many characters.
_SHOWN_UPDATES, _ROOM_OF_AN_UPDATE = 3, 40

#: Up to so many targets get a line each; of more, only those with something to be known.
A_LINE_EACH, IN_A_ROW = 12, 5
#: Characters.
ROOM, ROOM_LEFT_OUT, ROOM_OF_A_GROUP = 2_200, 700, 700

#: A line, and how many targets it tells about.
Line = tuple[str, int]

#: What deserves to be read first comes first.
STEP_WORDS: Mapping[StepState, tuple[str, str]] = {
    StepState.UNKNOWN: ("❔", "unknown"),
    StepState.FAILED: ("❌", "failed"),
    StepState.NOT_VERIFIED: ("⚠️", "not verified"),
    StepState.WAITING: ("⏸️", "waiting"),
    StepState.RUNNING: ("🔄", "running"),
    StepState.DISPATCHED: ("📤", "sent, not begun yet"),
    StepState.DISPATCHING: ("📤", "being sent"),
    StepState.DONE: ("🔎", "done, being checked"),
    StepState.PLANNED: ("▫️", "not sent yet"),
    StepState.SKIPPED: ("⏭️", "skipped"),
    StepState.VERIFIED: ("✅", "verified"),
}


def targets_text(request: Request) -> str:
    """Before any work: who or what it is for. From then on: how they stand."""
    return plan_text(request.plan) if request.started_at is None else outcome_text(request)


def plan_text(plan: Plan, room: int = ROOM) -> str:
    """Every target, with what is to be known of it."""
    each = len(plan.targets) <= A_LINE_EACH
    alone = [t for t in plan.targets if each or _marks(t)]
    others = [t for t in plan.targets if not each and not _marks(t)]
    rows = [others[start : start + IN_A_ROW] for start in range(0, len(others), IN_A_ROW)]
    lines = [(f"• {', '.join(_planned(plan, t) for t in row)}", len(row)) for row in rows]
    return _within([*((f"• {_planned(plan, t)}", 1) for t in alone), *lines], room)


def outcome_text(request: Request) -> str:
    """Targets that stand alike share a line; what needs a look comes first."""
    together: dict[tuple[StepState, str], list[Step]] = {}
    for step in request.steps:
        together.setdefault((step.state, step.reason), []).append(step)
    order = list(STEP_WORDS)
    groups = sorted(together.items(), key=lambda group: order.index(group[0][0]))
    lines = [
        (_group(request.plan, state, reason, steps), len(steps))
        for (state, reason), steps in groups
    ]
    return _within(lines, ROOM)


def left_out_text(plan: Plan) -> str:
    """What was chosen and is not part of the plan, and why; empty where all of it is."""
    reasons: dict[str, list[str]] = {}
    for item in plan.skipped:
        reasons.setdefault(item.reason, []).append(code(item.name))
    lines = [(_left_out(reason, names), len(names)) for reason, names in reasons.items()]
    return _within(lines, ROOM_LEFT_OUT)


def _left_out(reason: str, names: Sequence[str]) -> str:
    who = in_a_row(names, 10, room=ROOM_LEFT_OUT // 2)
    return f"⏭️ *{len(names)} left out*: {who}{_because(reason, 200)}"


def _within(lines: Sequence[Line], room: int) -> str:
    """The lines that fit, and how many targets are not told about."""
    shown: list[str] = []
    left = sum(count for _, count in lines)
    for line, count in lines:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
        left -= count
    return "\n".join([*shown, f"_and {left} more_"] if left else shown)


def _group(plan: Plan, state: StepState, reason: str, steps: Sequence[Step]) -> str:
    icon, word = STEP_WORDS[state]
    names = [_name_of(plan, step) for step in steps]
    most = 6 if state is StepState.VERIFIED else 20
    who = in_a_row(names, most, room=ROOM_OF_A_GROUP)
    return f"{icon} *{len(steps)} {word}*: {who}{_because(reason, 300)}"


def _name_of(plan: Plan, step: Step) -> str:
    name = name_of(plan.target(step.target))
    return f"{name} (offline since {clock_time(step.away_since)})" if step.away_since else name


def _because(reason: str, limit: int) -> str:
    return f"\n{INDENT}{escape(reason, limit)}" if reason else ""


def _planned(plan: Plan, target: Target) -> str:
    marks = _marks(target)
    if target.chosen:
        names = [escape(name, _ROOM_OF_AN_UPDATE) for name in target.chosen.values()]
        marks.append(in_a_row(names, _SHOWN_UPDATES))
    elif plan.action is Action.INSTALL_PATCHES and target.count is not None:
        marks.append(f"{plural(target.count, 'update')} today")
    if Family.SOFTWARE in target.families:
        marks.append("other makers' too")
    return f"{name_of(target)}{' (' + ', '.join(marks) + ')' if marks else ''}"


def name_of(target: Target) -> str:
    """A name as code; of a person only the sign-in name is, so that a row of them breaks between words."""
    for alias in target.aliases:
        name, found, _ = target.name.partition(f" ({alias})")
        if found:
            return f"{unmarked(name)} {code(alias)}"
    return code(target.name)


def _marks(target: Target) -> list[str]:
    if "state" in target.before:
        return [f"now: {target.before['state']}"]
    marks = {
        "goes first": target.ring is Ring.CANARY,
        "server": target.is_server,
        "admin": target.is_admin,
        "offline now": not target.online,
        "no usable method yet": not target.capable,
    }
    return [mark for mark, so in marks.items() if so]
