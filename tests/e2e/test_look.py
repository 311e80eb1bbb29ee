"""Small things of the look that people met: what jumped, stuck together, lay over something, or could not be seen."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import composer
from tests.e2e.steps import questions
from tests.e2e.steps import register
from tests.e2e.steps import wait_for_end
from tests.e2e.talking import RETURN_MS
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import field
from tests.e2e.talking import guest
from tests.e2e.test_messenger_faults import LOST
from tests.e2e.test_messenger_faults import tunnel
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

on_a_phone = pytest.mark.parametrize("width", [390], indirect=True, ids=["390px"])

# How much of the band's middle line, within the window, has no card over it.
_BARE_PART = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const { left, right, top, bottom } = box(".fx-band");
  const turn = Math.tan((parseFloat(getComputedStyle(document.querySelector(".fx-band")).rotate) * Math.PI) / 180);
  const over = [...document.querySelectorAll("main .pitch, main [class*=card]")];
  const cards = over.map((one) => one.getBoundingClientRect());
  const bare = [...Array(innerWidth).keys()].filter((x) => {
    const y = (top + bottom) / 2 + (x - (left + right) / 2) * turn;
    return !cards.some((card) => card.left <= x && x <= card.right && card.top <= y && y <= card.bottom);
  });
  return bare.length / innerWidth;
}"""

# Two borders that meet in a corner, of different widths or colours: the browser joins them in a slant.
_SLANTS = """() => [...document.querySelectorAll("main *")].flatMap((element) => {
  const style = getComputedStyle(element);
  const of = (side) => [parseFloat(style[`border${side}Width`]), style[`border${side}Color`]];
  const sides = ["Top", "Right", "Bottom", "Left"].map(of);
  const meets = sides.some(([width, color], index) => {
    const [next, other] = sides[(index + 1) % 4];
    return width > 0 && next > 0 && (width !== next || color !== other);
  });
  return meets ? [element.outerHTML.slice(0, 120)] : [];
})"""


def _box(one: Locator) -> dict[str, float]:
    box: Any = one.bounding_box()
    assert box is not None
    return {"right": box["x"] + box["width"], "bottom": box["y"] + box["height"], **box}


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    beside = one["right"] <= other["x"] or other["right"] <= one["x"]
    return not (beside or one["bottom"] <= other["y"] or other["bottom"] <= one["y"])


@at_a_desk
def test_prices_stand_at_one_height_however_long_a_name_is(page: Page) -> None:
    page.goto("/pricing")
    names = page.locator(".plans h2")
    before = _box(names.first)["height"]
    names.first.evaluate("(name) => { name.textContent = 'A plan whose name is so long that it takes a second line' }")
    assert _box(names.first)["height"] > before * 1.5
    cards = page.locator(".plans > .card").all()
    tops = [(_box(card)["y"], _box(card.locator(".price"))["y"], _box(card.locator(".button"))["y"]) for card in cards]
    of_the_row = {prices for prices in tops if prices[0] == tops[0][0]}
    assert len([prices for prices in tops if prices[0] == tops[0][0]]) > 1
    assert len(of_the_row) == 1, tops


def test_the_ways_beside_signing_in_stand_apart(page: Page) -> None:
    page.goto("/app/login")
    link, forgot = (
        page.get_by_role("link", name="E-mail me a link"),
        page.get_by_role("link", name="Forgot your password?"),
    )
    expect(link).to_be_visible()
    one, other = _box(link), _box(forgot)
    assert other["x"] - one["right"] >= 16 or other["y"] >= one["bottom"]


@at_a_desk
def test_a_tooltip_leaves_what_it_is_about_and_the_words_below_free(page: Page) -> None:
    register(page)
    page.get_by_role("button", name="Chat settings").click()
    dialog = page.get_by_role("dialog")
    close = dialog.get_by_role("button", name="Close")
    close.hover()
    bubble = page.locator("[role=tooltip]:popover-open")
    expect(bubble).to_have_text("Close")
    words = [close, dialog.get_by_role("heading").first, dialog.locator("p").first]
    assert [one for one in words if _overlap(_box(bubble), _box(one))] == []
    page.keyboard.press("Escape")
    expect(bubble).to_have_count(0)


def test_rows_have_no_slanted_corner_and_the_search_stands_apart(page: Page, site: Server, width: int) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    alice.call("POST", f"/messenger/conversations/{room}/messages", {"content": "gold", "client_id": "look-1"})
    enter(page, alice)
    first = page.get_by_role("listitem").filter(has_text=bob.name)
    expect(first).to_be_visible()
    assert _box(first)["y"] - _box(page.get_by_role("search").get_by_role("searchbox"))["bottom"] >= 8
    assert page.evaluate(_SLANTS) == []
    first.get_by_role("link").click()
    expect(field(page)).to_be_visible()
    assert page.evaluate(_SLANTS) == []


@at_a_desk
def test_plan_and_payments_is_reached_from_anywhere_and_lit(page: Page) -> None:
    register(page)
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Plan and payments").click()
    page.wait_for_url("**/app/billing")
    lit = page.get_by_role("navigation", name="Main navigation").locator("[aria-current=page]")
    expect(lit).to_have_text(["Usage"])
    page.goto("/app/billing/orders")
    expect(lit).to_have_text(["Usage"])


@on_a_phone
@pytest.mark.parametrize("path", ["/", "/app/login"])
def test_the_band_is_seen_on_a_phone(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator(".fx-band")).to_be_visible()
    assert page.evaluate(_BARE_PART) > 0.5


def _light(pixel: Any) -> float:
    """Relative luminance as WCAG 2 has it."""
    parts = [part / 255 for part in pixel]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    light: float = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return light


def _seen_change(before: bytes, after: bytes) -> int:
    """How many pixels have changed so that one sees it: by 3 to 1 (WCAG 2.4.13)."""
    old, new = (Image.open(io.BytesIO(one)).convert("RGB") for one in (before, after))
    pairs = zip(old.get_flattened_data(), new.get_flattened_data(), strict=True)
    lights = ((_light(one), _light(other)) for one, other in pairs if one != other)
    return sum((max(pair) + 0.05) / (min(pair) + 0.05) >= 3 for pair in lights)


@pytest.mark.parametrize("half", ["chat", "messages"])
def test_one_sees_that_the_field_has_the_focus(page: Page, site: Server, half: str) -> None:
    alice = guest(site, "alice")
    enter(page, alice, direct(alice, guest(site, "bob")))
    if half == "chat":
        page.goto("/app/chat")
    writing = composer(page)
    expect(writing).to_be_visible()
    writing.blur()
    before = writing.screenshot(animations="disabled")
    writing.focus()
    box = _box(writing)
    # A line of two pixels all around.
    assert (
        _seen_change(before, writing.screenshot(animations="disabled")) >= 2 * 2 * (box["width"] + box["height"]) * 0.9
    )


@at_a_desk
def test_whoever_is_signed_in_is_led_into_the_app(page: Page, site: Server, complaints: Complaints) -> None:
    complaints.expect(r"401 .*/api/")  # what was being asked when the session ended
    page.goto("/")
    doors = page.locator("header, main").get_by_role("link", name="Sign in")
    expect(doors).to_have_count(2)
    enter(page, guest(site, "alice"))
    for path, count in (("/", 2), ("/pricing", 1)):
        page.goto(path)
        expect(page.get_by_role("link", name="Open the app")).to_have_count(count)
        expect(page.get_by_role("link", name="Sign in")).to_have_count(0)
    page.get_by_role("link", name="Open the app").click()
    expect(composer(page)).to_be_visible()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/app/login**")
    page.goto("/")
    expect(doors).to_have_count(2)


@at_a_desk
def test_a_question_mark_tells_the_keys_of_both_halves(page: Page) -> None:
    register(page)
    for path in ("/app/chat", "/app/messages", "/app/settings"):
        page.goto(path)
        expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Keys")
        for half in ("Everywhere", "Chats", "Messages"):
            expect(keys.get_by_role("region", name=half, exact=True)).to_be_visible()
        page.keyboard.press("Escape")
        expect(keys).to_be_hidden()


@at_a_desk
def test_a_newcomer_has_questions_to_begin_with(page: Page) -> None:
    register(page)
    starters = page.get_by_role("list", name="Questions to begin with").get_by_role("button")
    expect(starters).to_have_count(4)
    first = starters.first.text_content()
    assert first
    starters.first.click()
    expect(composer(page)).to_have_value(first)
    expect(composer(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(questions(page)).to_contain_text(first)
    wait_for_end(page)


@on_a_phone
def test_one_line_says_that_there_is_no_network(page: Page, site: Server, complaints: Complaints) -> None:
    complaints.expect(LOST)
    alice = guest(site, "alice")
    enter(page, alice, direct(alice, guest(site, "bob")))
    page.goto("/app/messages")
    expect(page.get_by_role("listitem").first).to_be_visible()
    with tunnel(page):
        line = page.get_by_text(re.compile("You are offline|No connection")).filter(visible=True)
        expect(line).to_have_count(1, timeout=RETURN_MS)
        # The socket has been found dead as well by then, and says nothing of its own.
        page.wait_for_timeout(2_000)
        expect(line).to_have_count(1)
        assert _box(line)["height"] <= 96
