"""Every message and view, ordinary and hostile and huge, is one that Slack takes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View as SdkView

from core.domain.clients import ClientKey
from core.domain.digest import AttentionKind, Numbers
from core.domain.exemptions import Reminder
from core.domain.facts import Fact
from core.domain.findings import DeviceVerdict, MfaVerdict
from core.domain.mfa_history import MfaChange, MfaChangeKind
from core.domain.onboarding import TenantStanding
from core.domain.patching import DeviceId
from core.domain.people import PersonKey, Role
from core.domain.remediation import Action, RequestState
from core.ports import Freeze, Post, PostState
from core.rules.notices import NoticeKind
from core.rules.tenant_offers import Offer
from integrations.slack.rendering import (
    digest as digests,
)
from integrations.slack.rendering import (
    forms,
    freezes,
    guide,
    home,
    mfa_lists,
    notices,
    onboarding,
    patch_lists,
    policy_forms,
    request_card,
    sentences,
    status,
)
from integrations.slack.rendering.ids import Command
from integrations.slack.rendering.message import ListView, Message, View
from tests.rendering import making as make
from tests.rendering.making import ACME, HOSTILE, NOW, WORST
from tests.rendering.slack_limits import (
    characters,
    complaints_about_message,
    complaints_about_options,
    complaints_about_view,
)

Made = Callable[[], Message | View]
NAMES = {"hostile": HOSTILE, "worst": WORST, "empty": "", "long": "x" * 80}
#: 500 characters, each of which grows in JSON.
LONG_REASON = '\u20ac\U0001f600\n"' * 125
FROZEN = Freeze(at=NOW, by=None, by_name=HOSTILE, why=HOSTILE * 20, unfreeze_name=WORST)


def cards() -> Iterator[tuple[str, Made]]:
    for state in RequestState:
        one = make.request(state)
        yield f"card {state}", partial(request_card.card, one, now=NOW)
        for kind in NoticeKind:
            if kind is not NoticeKind.DECIDED or state not in make.UNDECIDED:
                yield f"{kind} notice {state}", partial(notices.notice, one, kind, now=NOW)
    for action in Action:
        of = make.plan(action=action)
        yield f"card {action}", partial(request_card.card, make.request(of=of), now=NOW)


def huge_cards() -> Iterator[tuple[str, Made]]:
    for (label, name), state in product(NAMES.items(), RequestState):
        one = make.huge_request(state, name)
        yield f"huge {label} card {state}", partial(request_card.card, one, now=NOW)
        for kind in (NoticeKind.FINISHED, NoticeKind.APPROVAL_WANTED):
            yield f"huge {label} {kind} {state}", partial(notices.notice, one, kind, now=NOW)


def lists() -> Iterator[tuple[str, Made]]:
    for label, name in NAMES.items():
        client = make.client(name=name, key=ClientKey("k" * 80))
        full = make.full_snapshot(1_000, name)
        for chosen in mfa_lists.FILTERS:
            view = ListView(client=client.key, filter=chosen, page=3)
            yield (
                f"{label} gaps {chosen}",
                partial(
                    mfa_lists.gaps, client, full, view, now=NOW, may_enforce=True, may_exempt=True
                ),
            )
        for chosen in patch_lists.FILTERS:
            view = ListView(client=client.key, filter=chosen, page=3)
            yield (
                f"{label} overdue {chosen}",
                partial(
                    patch_lists.overdue,
                    client,
                    full,
                    view,
                    now=NOW,
                    may_request=True,
                    vendor_names={"ninja": name},
                ),
            )
        rows = [(client, make.full_snapshot(3, name)), (client, None)] * 30
        yield f"{label} mfa overview", partial(mfa_lists.overview, rows, now=NOW)
        yield f"{label} patch overview", partial(patch_lists.overview, rows, now=NOW)
        running = [make.huge_request(RequestState.RUNNING, name)] * 60
        yield (
            f"{label} status",
            partial(
                status.status, frozen=FROZEN, open_requests=running, rows=rows, sockets=3, now=NOW
            ),
        )


def unread_lists() -> Iterator[tuple[str, Made]]:
    view = ListView(client=ACME)
    failing = make.coverage(make.unread("mfa: users"), make.unread("patches: devices"))
    for label, one in (("not yet", make.snapshot()), ("never", make.snapshot(failing=failing))):
        yield (
            f"gaps {label} read",
            partial(
                mfa_lists.gaps, make.client(), one, view, now=NOW, may_enforce=True, may_exempt=True
            ),
        )
        yield (
            f"devices {label} read",
            partial(
                patch_lists.overdue,
                make.client(),
                one,
                view,
                now=NOW,
                may_request=True,
                vendor_names={},
            ),
        )


def digest_messages() -> Iterator[tuple[str, Made]]:
    for (label, name), count in product(NAMES.items(), (1, 4, 12, 60)):
        unread = make.coverage(*[make.unread(name, reason=name * 9)] * 9)
        read = make.client_digest(client_name=name, coverage=unread)
        never = replace(read, now=Numbers(), mfa_observed_at=None, patches_observed_at=None)
        parts = [
            replace(one, client=ClientKey(f"c{n}")) for n, one in enumerate([read, never] * count)
        ]
        kinds = list(AttentionKind)[:3]
        lines = (make.request_line(client_name=name, counts=name * 3),) * 60
        made = make.digest(
            *parts[:count],
            channel=name or "c",
            frozen=True,
            compared_with=NOW.date(),
            changes=tuple(
                MfaChange(kind=k, client=ClientKey("c0"), subject=name, detail=name * 5)
                for k in MfaChangeKind
            ),
            ending=(make.exemption(name, reason=name * 5),) * 9,
            ended=(make.exemption(name, reason=name * 5),) * 9,
            attention=tuple(make.attention(k, subject=name, detail=name * 5) for k in kinds),
            running=lines,
            pending=lines,
            finished=lines,
        )
        yield f"{label} digest of {count}", partial(digests.digest_message, made)


def form_views() -> Iterator[tuple[str, Made]]:
    for label, name in NAMES.items():
        client = make.client(name=name, needs_ticket=True)
        window = make.window(time_zone="America/Argentina/ComodRivadavia")
        yield f"{label} patch form", partial(
            forms.patch_form, client, devices=devices(name)[:20],
            actions=(Action.INSTALL_PATCHES, Action.SCAN_PATCHES, Action.RESTART_DEVICES),
            window=window, nights=3, now=NOW, channel="C0CLIENT001",
        )  # fmt: skip
        yield (
            f"{label} mfa form",
            partial(forms.mfa_form, client, users=users(name)[:20], mixed=True, channel=None),
        )
        yield f"{label} exempt form", partial(
            forms.exempt_form, client, users=users(name)[:1], until=NOW.date(), last=NOW.date(), channel=None,
        )  # fmt: skip
        big = make.huge_request(RequestState.NEEDS_PERSON, name)
        for ask in (True, False):
            yield f"{label} preview {ask}", partial(
                forms.preview, big.plan, request_id=big.id, reason=LONG_REASON, ticket="\U0001f600" * 50,
                approvers=[name] * 30, approvals_needed=2, channel="C0CLIENT001", ask_reason=ask, needs_ticket=True,
            )  # fmt: skip
        tenant_wide = [
            Offer(action=Action.PROMOTE_POLICY, subject=f"p{n}", title=name * 3, refusal=why)
            for n in range(60)
            for why in (None, name * 9)
        ]
        for offers in (tenant_wide, tenant_wide[1::2], tenant_wide[::2]):
            yield (
                f"{label} policy form of {len(offers)}",
                partial(policy_forms.policy_form, client, offers, None),
            )
        yield f"{label} settle", partial(forms.settle_form, big, "C1")
        yield f"{label} deny", partial(forms.deny_form, big, None)
        yield f"{label} note", partial(forms.note, "Not possible", name * 60)
    yield "working", partial(forms.working, "Patch request")


def homes() -> Iterator[tuple[str, Made]]:
    for label, name in NAMES.items():
        many = [make.huge_request(RequestState.PENDING, name)] * 60
        yield (
            f"{label} home",
            partial(
                home.home,
                person=make.person(name=name),
                waiting=many,
                mine=many,
                done=many,
                frozen=FROZEN,
                now=NOW,
            ),
        )
        yield f"{label} stranger", partial(home.stranger, f"No. {name * 30}")


def small_ones() -> Iterator[tuple[str, Made]]:
    for label, name in NAMES.items():
        yield f"{label} refusal", partial(sentences.refusal, f"No: {name * 60}")
        yield f"{label} info", partial(sentences.info, f"Yes: {name * 60}")
        lost = Post(
            key=f"digest:{name}:2026-11-23", state=PostState.UNKNOWN, channel="C0CLIENT001", at=NOW
        )
        due = Reminder(
            key="k",
            to=PersonKey("tess"),
            client_name=name,
            exemptions=(make.exemption(name, reason=name * 9),) * 50,
        )
        yield f"{label} reminder", partial(notices.reminder, due)
        yield f"{label} lost", partial(notices.lost_post, lost)
        standing = TenantStanding(
            client=ACME,
            client_name=name,
            readable=True,
            break_glass_valid=False,
            writable=False,
            expires_days=9,
            problems=((name * 9, name * 9),) * 3,
            surplus=(name,) * 9,
        )
        yield f"{label} tenants", partial(onboarding.onboarding, [standing] * 60)
    over = replace(FROZEN, ended_name=HOSTILE, ended_at=NOW)
    for label, freeze in (("standing", FROZEN), ("ended", over)):
        yield f"{label} freeze", partial(freezes.freeze_card, freeze)
        yield f"{label} unfreeze asked", partial(freezes.unfreeze_asked, freeze)
        yield f"{label} unfrozen", partial(freezes.unfrozen, freeze)
    for role in (None, *Role):
        yield f"help {role}", partial(guide.help_message, role)
    for command in Command:
        yield f"usage {command}", partial(guide.usage, command)


def devices(name: str) -> list[DeviceVerdict]:
    return [make.device(name, make.line(), device_id=DeviceId(f"ninja:{n}")) for n in range(1_000)]


def users(name: str) -> list[MfaVerdict]:
    return [make.verdict(name, user_id=f"u{n}", upn=name, admin=True) for n in range(1_000)]


SOURCES = (cards, huge_cards, lists, unread_lists, digest_messages, form_views, homes, small_ones)
EVERYTHING = [made for source in SOURCES for made in source()]


@pytest.mark.parametrize(
    "made", [made for _, made in EVERYTHING], ids=[name for name, _ in EVERYTHING]
)
def test_slack_takes(made: Made) -> None:
    one = made()
    if isinstance(one, Message):
        assert complaints_about_message(one.text, one.blocks) == []
        blocks: list[Any] = [*one.blocks]
    else:
        assert complaints_about_view(one) == []
        SdkView(**one).to_dict()
        blocks = one["blocks"]
    for block in blocks:
        known = Block.parse(block)
        assert known is not None
        known.validate_json()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_slack_takes_suggestions_of_a_thousand(name: str) -> None:
    assert complaints_about_options(forms.device_options(devices(name))) == []
    assert complaints_about_options(forms.user_options(users(name))) == []


def test_an_ordinary_full_page_is_far_from_what_was_seen_to_be_refused() -> None:
    """A report tells of 15.5 KB of JSON that went through and 17.7 KB that did not."""
    late = (make.line(), make.line("Microsoft Edge"), make.line(".NET Framework cumulative"))
    machines = [make.device(f"DESKTOP-4F7K2{n}", *late, online=Fact.NO) for n in range(100)]
    page = patch_lists.overdue(
        make.client(),
        make.snapshot(patches=make.patches(*machines)),
        ListView(client=ACME, page=2),
        now=NOW,
        may_request=True,
        vendor_names={"ninja": "NinjaOne"},
    )
    assert len(json.dumps(list(page.blocks), ensure_ascii=False).encode()) < 15_000
    assert characters(page.blocks) < 6_000
