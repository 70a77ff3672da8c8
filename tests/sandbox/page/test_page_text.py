"""Slack's mrkdwn and Markdown as the page formats them; what cannot be formatted stays text."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from sandbox.app import Sandbox
from tests.sandbox.page.seat import Seats

_AS_HTML = """async ([module, name, text]) => {
    const format = (await import(`/page/text/${module}.js`))[name];
    const names = {
        user: (id) => ({ U1: 'Tess Morgan' })[id] ?? null,
        channel: (id) => ({ C1: 'acme-dental' })[id] ?? null,
        me: 'U9',
        now: () => new Date(1764100000000),
    };
    const root = document.createElement('div');
    root.append(format(text, names));
    return root.innerHTML;
}"""
_OUTSIDE = 'target="_blank" rel="noopener noreferrer"'


@pytest.fixture(scope="module")
def page(browser: Browser, shared_sandbox: Sandbox) -> Iterator[Page]:
    seats = Seats(browser, shared_sandbox.url)
    page = seats("tech", "acme-dental")
    page.set_default_timeout(5000)
    yield page
    seats.leave()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _italic_ ~gone~", "<strong>bold</strong> <em>italic</em> <s>gone</s>"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("*a _b_ c*", "<strong>a <em>b</em> c</strong>"),
        ("`*not bold*` &amp;lt;", "<code>*not bold*</code> &amp;lt;"),
        ("```\nx &lt; y\n```", "<pre>x &lt; y</pre>"),
        ("one\ntwo", "one<br>two"),
        ("&gt; quoted\nafter", "<blockquote><div>quoted</div></blockquote>after"),
        ("<@U1> <#C1>", '<span class="mention">@Tess Morgan</span> <a class="mention" href="#" data-channel="C1">#acme-dental</a>'),
        ("<!channel>", '<span class="mention mention--me" data-broadcast="channel">@channel</span>'),
        ("<https://a.example/x_y_z|docs>", f'<a href="https://a.example/x_y_z" {_OUTSIDE}>docs</a>'),
        ("see https://a.example/b.", f'see <a href="https://a.example/b" {_OUTSIDE}>https://a.example/b</a>.'),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("&lt;!channel&gt; &lt;@U1&gt;", "&lt;!channel&gt; &lt;@U1&gt;"),
        (":no_such_emoji: 10:30:00", ":no_such_emoji: 10:30:00"),
        ("<!date^x^{date}|some day>", '<time title="some day">some day</time>'),
    ],
)  # fmt: skip
def test_mrkdwn_is_formatted_as_slack_formats_it(page: Page, text: str, html: str) -> None:
    assert page.evaluate(_AS_HTML, ["mrkdwn", "mrkdwn", text]) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("## Title", '<div class="heading" role="heading" aria-level="4" data-level="2">Title</div>'),
        ("**b** *i* ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("[x](https://a.example)", f'<p><a href="https://a.example" {_OUTSIDE}>x</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
    ],
)  # fmt: skip
def test_markdown_blocks_are_formatted(page: Page, text: str, html: str) -> None:
    assert page.evaluate(_AS_HTML, ["markdown", "markdown", text]) == html


@pytest.mark.parametrize("piece", ["*", "_a ", "<@U", "`x", "*<a>", "~ ~", "[x](", "> ", "**a"])
@pytest.mark.parametrize("module", ["mrkdwn", "markdown"])
def test_no_text_makes_the_page_hang(page: Page, module: str, piece: str) -> None:
    took = page.evaluate(
        f"async (given) => {{ const began = performance.now(); await ({_AS_HTML})(given); return performance.now() - began; }}",
        [module, module, piece * 3000],
    )
    assert took < 2000
