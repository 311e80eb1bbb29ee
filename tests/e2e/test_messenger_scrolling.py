"""Where one stands in a long conversation: what moves the view, and what must not."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Route
from playwright.sync_api import expect

from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import Guest
from tests.e2e.talking import bubble
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import field
from tests.e2e.talking import guest
from tests.e2e.talking import hears
from tests.e2e.talking import log
from tests.e2e.talking import said
from tests.e2e.talking import say
from tests.e2e.talking import tick
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

PIXELS = 12
"""What may move: a message that turns out not to begin a group gives up the room above it."""


def _write(author: Guest, room: str, lines: range) -> None:
    for number in lines:
        body = {"content": f"line {number}", "client_id": f"{room}-{number}"}
        author.call("POST", f"/messenger/conversations/{room}/messages", body)


def _long_talk(page: Page, site: Server, length: int) -> tuple[Guest, str]:
    """Answers who is on the other side, and the id of a conversation in which alice has said ``length`` lines."""
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    _write(alice, room, range(length))
    enter(page, alice, room)
    expect(bubble(page, f"line {length - 1}")).to_be_in_viewport()
    return bob, room


def _scroll(page: Page, pixels: int) -> None:
    """Turn the wheel over the messages; negative is towards the past."""
    log(page).hover(position={"x": 20, "y": 100})
    page.mouse.wheel(0, pixels)


def _to_the_end(page: Page) -> Locator:
    """The button that leads to the newest message, with or without a number."""
    return page.get_by_role("button", name=re.compile(r"^(Newest|\d+ new)$"))


def _top_of(message: Locator) -> float:
    box = message.bounding_box()
    assert box is not None
    return box["y"]


def _first_in_view(page: Page) -> str:
    """The words of the topmost message that is seen from its beginning."""
    top = _top_of(log(page))
    words = said(page)
    return next(line for line in words if _top_of(bubble(page, line)) >= top)


def _to_line_3(page: Page) -> None:
    """Search, and be shown a line that is far above what is loaded."""
    page.get_by_role("button", name="Search in this conversation").click()
    page.get_by_role("searchbox", name=re.compile("^Search in")).fill("line 3")
    page.get_by_role("list", name="Messages found").get_by_text("line 3", exact=True).click()
    expect(bubble(page, "line 3")).to_be_in_viewport()


def test_older_messages_come_in_above_and_leave_the_place(page: Page, site: Server) -> None:
    _long_talk(page, site, 70)
    delayed: list[Route] = []

    def delay(route: Route) -> None:
        delayed.append(route)

    page.route(re.compile(r"/messages\?.*before_seq="), delay)
    with page.expect_request(re.compile("before_seq=")):
        _scroll(page, -20_000)
    expect(page.get_by_text("Loading older messages…")).to_be_visible()
    first = _first_in_view(page)
    before = _top_of(bubble(page, first))

    for route in delayed:
        route.continue_()
    expect(page.get_by_text("Loading older messages…")).to_be_hidden()
    assert abs(_top_of(bubble(page, first)) - before) <= PIXELS
    # There really is more above it now, up to the very beginning.
    _scroll(page, -20_000)
    expect(bubble(page, "line 0")).to_be_in_viewport()
    expect(page.get_by_text("This is the beginning of your conversation")).to_be_in_viewport()


def test_what_comes_is_followed_at_the_end_and_only_counted_above_it(page: Page, site: Server) -> None:
    bob, room = _long_talk(page, site, 40)
    _write(bob, room, range(40, 45))
    expect(bubble(page, "line 44")).to_be_in_viewport()
    expect(_to_the_end(page)).to_be_hidden()

    _scroll(page, -900)
    expect(_to_the_end(page)).to_have_accessible_name("Newest")
    first = _first_in_view(page)
    before = _top_of(bubble(page, first))
    _write(bob, room, range(45, 48))
    expect(_to_the_end(page)).to_have_accessible_name("3 new")
    assert abs(_top_of(bubble(page, first)) - before) <= PIXELS

    _to_the_end(page).click()
    expect(bubble(page, "line 47")).to_be_in_viewport()
    expect(_to_the_end(page)).to_be_hidden()


@at_a_desk
def test_ones_own_words_are_followed_wherever_one_was_reading(page: Page, site: Server) -> None:
    _long_talk(page, site, 130)
    _scroll(page, -900)
    expect(_to_the_end(page)).to_be_visible()
    say(page, "said from above")
    expect(bubble(page, "said from above")).to_be_in_viewport()
    expect(_to_the_end(page)).to_be_hidden()
    tick(page, "said from above", "Sent")

    # From a window in the past, in which the end is not even loaded.
    _to_line_3(page)
    assert "line 129" not in said(page)
    say(page, "said from the past")
    expect(bubble(page, "said from the past")).to_be_in_viewport()
    expect(bubble(page, "said from above")).to_be_in_viewport()
    expect(_to_the_end(page)).to_be_hidden()


@at_a_desk
def test_from_a_message_found_in_the_past_one_reads_on_to_the_end(page: Page, site: Server) -> None:
    bob, room = _long_talk(page, site, 130)
    _to_line_3(page)
    expect(_to_the_end(page)).to_be_visible()
    _write(bob, room, range(130, 132))
    expect(_to_the_end(page)).to_have_accessible_name("2 new")

    # What is loaded below is not jumped to: every line passes by.
    with page.expect_response(re.compile(r"/messages\?.*after_seq=")):
        _scroll(page, 20_000)
    expect(bubble(page, "line 131")).not_to_be_in_viewport()
    for _ in range(10):
        _scroll(page, 20_000)
        page.wait_for_timeout(300)
        if "line 131" in said(page):
            break
    hears(page, "line 131")
    expect(bubble(page, "line 131")).to_be_in_viewport()
    expect(_to_the_end(page)).to_be_hidden()


@at_a_desk
def test_the_button_leads_from_the_past_to_the_newest(page: Page, site: Server) -> None:
    _long_talk(page, site, 130)
    _to_line_3(page)
    _to_the_end(page).click()
    expect(bubble(page, "line 129")).to_be_in_viewport()
    expect(_to_the_end(page)).to_be_hidden()


@at_a_desk
def test_the_keyboard_walks_through_the_messages_and_back_to_the_field(page: Page, site: Server) -> None:
    _long_talk(page, site, 40)
    messages = page.get_by_role("article")
    log(page).focus()
    page.keyboard.press("ArrowUp")
    expect(messages.filter(has_text="line 39")).to_be_focused()
    for number in range(38, 14, -1):
        page.keyboard.press("ArrowUp")
        current = messages.filter(has=page.get_by_text(f"line {number}", exact=True))
        expect(current).to_be_focused()
    expect(current).to_be_in_viewport(ratio=0.9)

    page.keyboard.press("ArrowDown")
    expect(messages.filter(has_text="line 16")).to_be_focused()
    page.keyboard.press("r")
    expect(page.get_by_text("Reply to yourself")).to_be_visible()
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")

    log(page).focus()
    page.keyboard.press("ArrowUp")
    expect(messages.filter(has_text="line 39")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(field(page)).to_be_focused()
    log(page).focus()
    page.keyboard.press("ArrowUp")
    expect(messages.filter(has_text="line 39")).to_be_focused()
    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()


def test_a_long_message_leaves_its_buttons_in_reach_and_the_end_in_view(page: Page, site: Server) -> None:
    _long_talk(page, site, 20)
    field(page).fill("\n".join(f"verse {number}" for number in range(40)))
    for button in ("Attach files", "Emoji", "Send"):
        expect(page.get_by_role("button", name=button, exact=True)).to_be_in_viewport(ratio=1)
    expect(bubble(page, "line 19")).to_be_in_viewport()
    room = field(page).bounding_box()
    assert room is not None
    assert room["height"] <= 200
    field(page).press("Control+a")
    field(page).press("Delete")
    expect(bubble(page, "line 19")).to_be_in_viewport(ratio=1)


def _to_the_top(page: Page) -> None:
    """What a dragged scroll bar does: the top at once, whatever is under way."""
    log(page).evaluate("box => { box.scrollTop = 0 }")


class Held:
    """Pages of history, kept back until the test lets them go."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.waiting: list[Route] = []
        page.route(re.compile(r"/messages\?.*before_seq="), self._hold)

    def _hold(self, route: Route) -> None:
        self.asked.append(route.request.url)
        self.waiting.append(route)

    def let_go(self) -> None:
        while self.waiting:
            self.waiting.pop().continue_()


def test_every_reach_of_the_top_loads_one_page_and_keeps_the_place(page: Page, site: Server) -> None:
    _long_talk(page, site, 260)
    held = Held(page)
    loading = page.get_by_text("Loading older messages…")
    rounds = 0
    while "line 0" not in said(page):
        with page.expect_request(re.compile("before_seq=")):
            _to_the_top(page)
        # Again, while its page is on its way: by wheel, and by the bar.
        _scroll(page, 300)
        _scroll(page, -20_000)
        _to_the_top(page)
        expect(loading).to_be_visible()
        first = _first_in_view(page)
        before = _top_of(bubble(page, first))
        held.let_go()
        expect(loading).to_be_hidden()
        page.wait_for_timeout(500)
        rounds += 1
        assert len(held.asked) == rounds, "one reach of the top, one page"
        assert abs(_top_of(bubble(page, first)) - before) <= PIXELS
        if rounds == 5:
            _to_the_top(page)
            page.wait_for_timeout(100)
            break
    assert rounds == 5
    assert len(set(held.asked)) == rounds
    expect(bubble(page, "line 0")).to_be_in_viewport()


def test_whoever_stays_at_the_top_is_given_the_next_page(page: Page, site: Server) -> None:
    _long_talk(page, site, 160)
    held = Held(page)
    with page.expect_request(re.compile("before_seq=")):
        _to_the_top(page)
    held.let_go()
    for _ in range(40):
        # A hand that keeps pulling the bar up: nothing may be waited for that was not asked for.
        _to_the_top(page)
        page.wait_for_timeout(50)
        held.let_go()
    expect(page.get_by_text("This is the beginning of your conversation")).to_be_in_viewport()


@at_a_desk
def test_a_jump_cancels_what_is_loading_and_lands_lit(page: Page, site: Server) -> None:
    _long_talk(page, site, 130)
    held = Held(page)
    with page.expect_request(re.compile("before_seq=")):
        _to_the_top(page)
    _to_the_top(page)
    _to_line_3(page)
    expect(log(page).locator("[class*=_target_]")).to_contain_text("line 3")
    held.let_go()
    page.wait_for_timeout(500)
    expect(bubble(page, "line 3")).to_be_in_viewport()
