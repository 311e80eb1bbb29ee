"""A keyboard is up, or the page is enlarged: what is read and written keeps its room."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import ViewportSize
from playwright.sync_api import expect

from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import bubble
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import field
from tests.e2e.talking import guest
from tests.e2e.talking import log
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

PHONE_WITH_KEYBOARD: ViewportSize = {"width": 390, "height": 430}
ENLARGED_FOUR_TIMES: ViewportSize = {"width": 320, "height": 256}


def _height(box: Locator) -> float:
    room = box.bounding_box()
    assert room is not None
    return room["height"]


def _has_room(page: Page, box: Locator, send: str) -> None:
    """At both sizes, while one writes and while one reads."""
    for size, least in ((PHONE_WITH_KEYBOARD, 250), (ENLARGED_FOUR_TIMES, 90)):
        page.set_viewport_size(size)
        field(page).focus()
        expect(page.get_by_role("navigation", name="Main navigation")).to_be_hidden()
        assert _height(box) >= least
        field(page).blur()
        expect(page.get_by_role("navigation", name="Main navigation")).to_be_visible()
        assert _height(box) >= least
        for way in (page.get_by_role("button", name=send, exact=True), page.get_by_role("button", name="Attach files")):
            expect(way).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@at_a_desk
def test_a_conversation_keeps_its_room(page: Page, site: Server) -> None:
    alice = guest(site, "alice")
    room = direct(alice, guest(site, "bob"))
    for number in range(12):
        body = {"content": f"line {number}", "client_id": f"small-{number}"}
        alice.call("POST", f"/messenger/conversations/{room}/messages", body)
    enter(page, alice, room)
    expect(bubble(page, "line 11")).to_be_in_viewport()
    _has_room(page, log(page), "Record a voice message")


@at_a_desk
def test_a_chat_keeps_its_room(page: Page, site: Server) -> None:
    enter(page, guest(site, "alice"))
    page.goto("/app/chat")
    field(page).fill("What do plans cost?")
    field(page).press("Enter")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    _has_room(page, page.get_by_role("region", name="Conversation").last, "Send")
