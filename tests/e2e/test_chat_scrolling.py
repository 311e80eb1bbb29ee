"""Where one stands in a chat of a thousand messages: what moves the view, what must not, and what it costs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import Route
from playwright.sync_api import expect

from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import answers
from tests.e2e.steps import composer
from tests.e2e.steps import questions
from tests.e2e.steps import register
from tests.kit.processes import manage
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

PIXELS = 1.5
LONGEST_TASK_MS = 200
_TALK = """
from accounts.models import User
from aichat.models import Chat, ChatMessage, folded
rich = '''
Gold joins the **cracks** of number {turn}, and the seams show.

| part | weight | share |
|---|---|---|
| lacquer | {turn} g | 12 % |
| powder | 3 g | 2 % |

1. mix the two
2. wait, and *wait*
   - a day in summer
   - a week in winter

```python
def seam(bowl, gold={turn}):
    for crack in bowl.cracks:
        yield crack.fill(gold)
```

> What was broken is not hidden. See https://example.org/bowls/{turn} for more.
'''
chat = Chat.objects.create(owner=User.objects.get(username=NAME), title="Long", search_title="long", model="demo")
rows, parent = [], None
for turn in range(TURNS):
    for role in ("user", "assistant"):
        text = f"question {turn}" if role == "user" else f"answer {turn}" + rich.format(turn=turn) * (1 + turn % 3)
        extra = dict(attempt=1, provider="demo", model="demo") if role == "assistant" else {}
        parent = ChatMessage(chat=chat, role=role, content=text, search_text=folded(text), parent=parent, **extra)
        rows.append(parent)
ChatMessage.objects.bulk_create(rows)
chat.active_leaf = rows[-1]
chat.save()
print("chat:", chat.pk)
"""
_WATCH = """
window.shift = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shift += entry.value }))
  .observe({ type: "layout-shift", buffered: true });
"""
_ROOM = "[role=region][aria-label=Conversation]"
_ON_SCREEN = """(name) => {
  const room = document.querySelector("[role=region][aria-label=Conversation]").getBoundingClientRect();
  const rows = [...document.querySelectorAll("[data-index]")].map((row) => [row, row.getBoundingClientRect()]);
  const seen = rows.filter(([, box]) => box.bottom > room.top + 40 && box.top < room.bottom);
  const [row, box] = seen.find(([row]) => name === null || row.dataset.key === name) ?? [];
  return row ? { key: row.dataset.key, top: box.top, count: rows.length } : null;
}"""


def _long_chat(page: Page, site: Server, turns: int) -> None:
    """A newcomer, in front of the end of a chat with so many questions and answers."""
    page.add_init_script(_WATCH)
    person = register(page)
    made = manage("shell", "-c", _TALK.replace("NAME", repr(person.name)).replace("TURNS", str(turns)), env=site.env)
    found = re.search(r"chat: (\S+)", made.stdout)
    assert found, made.stderr
    page.goto(f"/app/chat/{found[1]}")
    expect(answers(page).last).to_contain_text(f"answer {turns - 1}")
    expect(answers(page).last.get_by_role("table").first).to_be_attached()


def _to_the_top(page: Page) -> None:
    page.locator(_ROOM).evaluate("box => { box.scrollTop = 0 }")


def _seen(page: Page, key: str | None = None) -> Any:
    """The first row that is seen, or the one with a key: where it stands, and how many rows are drawn."""
    return page.evaluate(_ON_SCREEN, key)


def _wheel(page: Page, pixels: int) -> None:
    page.locator(_ROOM).hover(position={"x": 200, "y": 120})
    page.mouse.wheel(0, pixels)


def _busiest(trace: bytes) -> float:
    """The longest task of the page in milliseconds of its own work: what others do on this machine does not count."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["tdur"]
        for event in events
        if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in mains and "tdur" in event
    ]
    assert len(tasks) > 100, "the trace holds what the page did"
    return float(max(tasks)) / 1000


@at_a_desk
def test_a_thousand_messages_are_read_from_the_end_to_the_beginning(page: Page, site: Server, browser: Browser) -> None:
    _long_chat(page, site, 500)
    page.evaluate("() => { window.shift = 0 }")
    browser.start_tracing(page=page, categories=["toplevel", "disabled-by-default-devtools.timeline"])
    most = 0
    for _ in range(600):
        _wheel(page, -4_000)
        page.wait_for_timeout(30)
        row = _seen(page)
        most = max(most, row["count"] if row else 0)
        if questions(page).filter(has_text=re.compile(r"question 0$")).count():
            break
    _to_the_top(page)
    expect(page.get_by_text("question 0", exact=True)).to_be_in_viewport()
    busiest = _busiest(browser.stop_tracing())
    assert most < 30, "only what is near the view is drawn"
    assert page.evaluate("document.querySelectorAll('*').length") < 2_500
    assert busiest <= LONGEST_TASK_MS
    assert page.evaluate("window.shift") <= 0.02


def test_every_reach_of_the_top_loads_one_page_and_keeps_the_place(page: Page, site: Server) -> None:
    _long_chat(page, site, 90)
    waiting: list[Route] = []
    asked: list[str] = []

    def hold(route: Route) -> None:
        asked.append(route.request.url)
        waiting.append(route)

    page.route(re.compile(r"/messages\?.*cursor="), hold)
    loading = page.get_by_text("Loading older messages…")
    for rounds in range(1, 4):
        with page.expect_request(re.compile("cursor=")):
            _to_the_top(page)
        _wheel(page, 300)
        _wheel(page, -20_000)
        _to_the_top(page)
        expect(loading).to_be_visible()
        page.wait_for_timeout(300)
        before = _seen(page)
        waiting.pop().continue_()
        expect(loading).to_be_hidden()
        page.wait_for_timeout(500)
        after = _seen(page, before["key"])
        assert len(asked) == rounds, "one reach of the top, one page"
        assert after is not None, "what was read is still on the screen"
        assert abs(after["top"] - before["top"]) <= PIXELS


@at_a_desk
def test_a_page_that_does_not_come_is_said_and_asked_for_again(page: Page, site: Server, complaints: Any) -> None:
    complaints.expect(r"net::ERR_|cursor=")
    _long_chat(page, site, 60)
    page.route(re.compile(r"/messages\?.*cursor="), lambda route: route.abort())
    _to_the_top(page)
    alert = page.get_by_role("alert").or_(page.get_by_text("Older messages did not come"))
    expect(alert.first).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Older messages did not come")).to_be_hidden()


@at_a_desk
def test_words_that_are_being_written_anew_outlive_reading_elsewhere(page: Page, site: Server) -> None:
    _long_chat(page, site, 40)
    questions(page).last.get_by_role("button", name="Edit").click()
    page.get_by_label("Edit message").fill("half a thought")
    composer(page).focus()
    _to_the_top(page)
    page.wait_for_timeout(500)
    _to_the_top(page)
    page.wait_for_timeout(300)
    page.locator(_ROOM).evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(page.get_by_label("Edit message")).to_have_value("half a thought")


@at_a_desk
def test_an_answer_is_followed_at_the_end_and_leaves_alone_who_reads_above(page: Page, site: Server) -> None:
    _long_chat(page, site, 30)
    composer(page).fill("Show me a table of providers and some code")
    composer(page).press("Enter")
    expect(answers(page).last).to_have_attribute("aria-busy", "true")
    expect(answers(page).last).to_be_in_viewport()
    _wheel(page, -3_000)
    expect(page.get_by_role("button", name="Jump to the latest")).to_be_visible()
    page.wait_for_timeout(300)
    before = _seen(page)
    page.wait_for_timeout(1_500)
    after = _seen(page, before["key"])
    assert after is not None
    assert abs(after["top"] - before["top"]) <= PIXELS
    page.get_by_role("button", name="Jump to the latest").click()
    expect(answers(page).last.get_by_role("button", name="Answer again")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Jump to the latest")).to_be_hidden()
