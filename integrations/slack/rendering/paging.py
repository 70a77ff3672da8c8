"""Filter menu, paging, refresh and CSV buttons, the same under every list."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from integrations.slack.rendering.blocks import Element, actions, button, option, select
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, ListView

PER_PAGE = 10

T = TypeVar("T")


def page_of(items: Sequence[T], view: ListView) -> Sequence[T]:
    """The items of the page shown; a page that no longer exists shows the last one."""
    page = min(view.page, last_page(items))
    return items[page * PER_PAGE : (page + 1) * PER_PAGE]


def last_page(items: Sequence[object]) -> int:
    return max(0, (len(items) - 1) // PER_PAGE)


def position(items: Sequence[object], view: ListView) -> str:
    """Such as "11 to 20 of 34"."""
    if not items:
        return "none"
    first = min(view.page, last_page(items)) * PER_PAGE
    return f"{first + 1} to {min(first + PER_PAGE, len(items))} of {len(items)}"


def controls(
    view: ListView,
    items: Sequence[object],
    *,
    filters: Mapping[str, str],
    act_list: Act,
    act_back: Act,
    act_filter: Act,
    act_csv: Act,
    more: Sequence[Element] = (),
) -> list[Block]:
    """The rows of controls below a list; `more` come first."""
    chosen = view.filter if view.filter in filters else next(iter(filters))
    options = {
        key: option(words, replace(view, filter=key, page=0).encode())
        for key, words in filters.items()
    }
    which = "mfa" if act_list is Act.MFA_LIST else "patch"
    buttons = [
        *more,
        *_pages(view, items, act_list, act_back),
        button("Refresh", Act.REFRESH, f"{which} {view.encode()}", label="Read the source again"),
        button("CSV", act_csv, view.encode(), label="Get this client's list as a CSV file"),
    ]
    return [
        actions(select(act_filter, "Show", list(options.values()), options[chosen])),
        actions(*buttons),
    ]


def _pages(view: ListView, items: Sequence[object], act_list: Act, act_back: Act) -> list[Element]:
    page, last = min(view.page, last_page(items)), last_page(items)
    pages = []
    if page > 0:
        back = replace(view, page=page - 1)
        pages.append(button("◀ Back", act_back, back.encode(), label="Previous page"))
    if page < last:
        on = replace(view, page=page + 1)
        pages.append(button("More ▶", act_list, on.encode(), label="Next page"))
    return pages
