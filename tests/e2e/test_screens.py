"""Every screen of ours: axe finds no barrier, and nothing that stands there moves while the rest arrives."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pprint import pformat
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import ViewportSize
from playwright.sync_api import expect

from tests.e2e.axe import barriers
from tests.e2e.conftest import WIDTHS
from tests.e2e.conftest import Complaints
from tests.e2e.steps import ask
from tests.e2e.steps import register
from tests.e2e.talking import Guest
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.e2e.talking import picture
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

MOST_SHIFT = 0.02
"""Sum of all layout shifts of a screen that nobody caused by a press; 0.1 is what others call good."""
WITH_KEYBOARD: ViewportSize = {"width": 390, "height": 430}
_WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const moved = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? node?.nodeName ?? "gone");
    window.shifts.push([entry.value, moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
_AT_REST = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""

PUBLIC = ["/", "/pricing", "/app/login", "/app/register", "/app/forgot", "/app/nowhere"]
SIGNED_IN = [
    "/app/chat",
    "/app/messages",
    "/app/calls",
    "/app/agents",
    "/app/agents/templates/clerk",
    "/app/translate",
    "/app/translate/files",
    "/app/translate/glossaries",
    "/app/translate/history",
    "/app/usage",
    "/app/billing",
    "/app/billing/orders",
    "/app/settings",
    "/app/settings/email",
    "/app/settings/sessions",
    "/app/settings/password",
    "/app/settings/notices",
    "/app/settings/calls",
    "/app/settings/blocked",
    "/app/settings/look",
    "/app/settings/chats",
    "/app/settings/data",
    "/app/nowhere",
]


def _rest(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate(_AT_REST)


def _shift(page: Page) -> tuple[float, list[Any]]:
    shifts: list[Any] = page.evaluate("window.shifts")
    return sum(value for value, _ in shifts), shifts


def _open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("main").get_by_role("heading").first).to_be_visible()
    _rest(page)


def _judge(page: Page, name: str, faults: dict[str, Any], *, moved: bool = True) -> None:
    """Note what is wrong with the screen as it stands."""
    if found := barriers(page):
        faults[f"{name} (axe)"] = found
    if moved and (shift := _shift(page))[0] > MOST_SHIFT:
        faults[f"{name} (shift)"] = shift


def _judge_each(page: Page, paths: list[str], width: int, faults: dict[str, Any]) -> None:
    for path in paths:
        _open(page, path)
        _judge(page, path, faults)
        if width < WIDTHS[width]:
            with _keyboard_up(page, width):
                _open(page, path)
                if (shift := _shift(page))[0] > MOST_SHIFT:
                    faults[f"{path} at 390×430 (shift)"] = shift


@contextmanager
def _keyboard_up(page: Page, width: int) -> Iterator[None]:
    page.set_viewport_size(WITH_KEYBOARD)
    yield
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})


@pytest.fixture
def watched(page: Page, complaints: Complaints) -> Page:
    complaints.expect(r"404 .*/app/nowhere")  # it is no page, and says so
    page.add_init_script(_WATCH)
    return page


def test_pages_for_everybody(watched: Page, width: int) -> None:
    faults: dict[str, Any] = {}
    _judge_each(watched, PUBLIC, width, faults)
    assert not faults, pformat(faults, width=200)


def _talk(site: Server) -> tuple[Guest, str, str]:
    """Somebody with a group and a direct conversation in which all kinds of lines stand."""
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room, table = direct(alice, bob), group(alice, "Kitchen table", bob)
    for number in range(30):
        who = (alice, bob)[number % 2]
        body = {"content": f"line {number}: **gold** in the `cracks`", "client_id": f"screens-{number}"}
        who.call("POST", f"/messenger/conversations/{room}/messages", body)
        who.call("POST", f"/messenger/conversations/{table}/messages", body | {"client_id": f"table-{number}"})
    return alice, room, table


@pytest.mark.timeout(300)  # more than twenty pages, each read by axe
def test_pages_of_an_account(watched: Page, site: Server, width: int) -> None:
    alice, room, table = _talk(site)
    enter(watched, alice)
    faults: dict[str, Any] = {}
    _judge_each(watched, [*SIGNED_IN, f"/app/messages/{room}", f"/app/messages/{table}"], width, faults)
    assert not faults, pformat(faults, width=200)


def test_what_lies_over_the_messages(watched: Page, site: Server, width: int) -> None:
    page = watched
    alice, _, table = _talk(site)
    enter(page, alice, table)
    faults: dict[str, Any] = {}

    def over(name: str, opened: Callable[[], None]) -> None:
        opened()
        _rest(page)
        # What moves by a press is no shift.
        _judge(page, name, faults, moved=False)
        page.keyboard.press("Escape")

    over("message menu", lambda: page.locator("[data-bubble]").last.click(button="right"))
    over("more", page.locator("header").get_by_role("button", name="More", exact=True).click)
    page.get_by_role("button", name=re.compile("Kitchen table.*About this conversation")).click()
    expect(page.get_by_role("heading", name="Kitchen table").last).to_be_visible()
    _rest(page)
    _judge(page, "group panel", faults, moved=False)
    page.goto("/app/messages")
    page.get_by_role("button", name="New conversation").first.click()
    over("new group", lambda: page.get_by_role("menuitem", name="New group").click())
    assert not faults, pformat(faults, width=200)


def test_a_chat_with_an_answer(watched: Page, width: int) -> None:
    page = watched
    register(page)
    ask(page, "What do plans cost?")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    page.wait_for_url("**/app/chat/*")
    faults: dict[str, Any] = {}
    _judge_each(page, [page.url], width, faults)
    page.get_by_role("button", name=re.compile("^Model: ")).click()
    expect(page.get_by_label("Search models")).to_be_visible()
    _rest(page)
    _judge(page, "model menu", faults, moved=False)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Chat settings").click()
    _rest(page)
    _judge(page, "chat settings", faults, moved=False)
    page.keyboard.press("Escape")
    if width < WIDTHS[width]:
        page.get_by_role("button", name="Show chats").click()
    page.get_by_role("button", name="Actions for").first.click()
    page.get_by_role("menuitem", name="Rename").click()
    _judge(page, "rename", faults, moved=False)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert not faults, pformat(faults, width=200)


def test_the_demo_takes_a_payment_in_the_looks_of_the_house(watched: Page, width: int) -> None:
    page = watched
    register(page)
    page.goto("/app/billing")
    page.get_by_role("button", name="Choose Premium Starter").click()
    page.get_by_role("dialog").get_by_role("button", name="Go to payment").click()
    page.wait_for_url("**/billing/demo/checkout/**")
    _rest(page)
    faults: dict[str, Any] = {}
    _judge(page, "demo checkout", faults)
    expect(page.get_by_text("$9.99 a month")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert not faults, pformat(faults, width=200)


def test_viewers_and_forwarding(watched: Page, site: Server, width: int) -> None:
    page = watched
    alice, _, table = _talk(site)
    enter(page, alice, table)
    page.locator("input[type=file]").first.set_input_files(picture("holiday.jpg", 800, 500))
    page.get_by_role("button", name="Send", exact=True).click()
    faults: dict[str, Any] = {}
    photo = page.get_by_role("button", name="Open the photo of You")
    photo.click()
    expect(page.get_by_role("dialog").locator("img").first).to_be_visible()
    _rest(page)
    _judge(page, "media viewer", faults, moved=False)
    page.keyboard.press("Escape")

    page.locator("[data-bubble]").last.click(button="right")
    page.get_by_role("menuitem", name="Forward", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    _rest(page)
    _judge(page, "forward", faults, moved=False)
    page.keyboard.press("Escape")

    page.goto("/app/messages")
    page.get_by_role("button", name="Add a story").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(picture("day.jpg", 450, 800))
    dialog.get_by_label("Caption").fill("My day")
    _judge(page, "new story", faults, moved=False)
    dialog.get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Your story, 1 story").click()
    expect(page.get_by_role("dialog").get_by_text("My day")).to_be_visible()
    _rest(page)
    _judge(page, "story viewer", faults, moved=False)
    assert not faults, pformat(faults, width=200)


def test_the_pages_of_the_api_can_be_read_and_pressed(page: Page) -> None:
    """Colours and sizes are ours; that its rows are buttons with buttons in them is the package's."""
    page.goto("/api/docs")
    page.locator(".opblock-tag", has_text="core").click()
    expect(page.get_by_text("/api/config", exact=True).first).to_be_visible()
    assert [one for one in barriers(page) if one.startswith(("color-contrast", "target-size"))] == []
