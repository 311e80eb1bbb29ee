"""What lies over a page: where the focus goes afterwards, and what the browser's way back does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import WIDTHS
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import answers
from tests.e2e.steps import ask
from tests.e2e.steps import register
from tests.e2e.steps import turn_to
from tests.e2e.steps import wait_for_end
from tests.e2e.talking import bubble
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import guest
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def _chat(page: Page, question: str) -> None:
    """A chat whose answer has ended, of which the list knows."""
    ask(page, question)
    wait_for_end(page)
    page.wait_for_url("**/app/chat/*")


def _rename(page: Page, width: int) -> None:
    if width < WIDTHS[width]:
        page.get_by_role("button", name="Show chats").click()
    page.get_by_role("button", name="Actions for").last.click()
    page.get_by_role("menuitem", name="Rename").click()


@at_a_desk
def test_the_focus_comes_back_from_a_name_that_was_changed(page: Page, width: int) -> None:
    register(page)
    _chat(page, "What do plans cost?")
    page.get_by_role("button", name="New chat").click()
    _chat(page, "And what does nothing cost?")
    expect(page.get_by_role("button", name="Actions for")).to_have_count(2)
    _rename(page, width)
    page.get_by_role("textbox", name="Title").fill("Seams of gold")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Actions for Seams of gold")).to_be_focused()


@at_a_desk
def test_the_focus_goes_to_the_message_whose_menu_the_mouse_opened(page: Page, site: Server) -> None:
    alice = guest(site, "alice")
    room = direct(alice, guest(site, "bob"))
    alice.call("POST", f"/messenger/conversations/{room}/messages", {"content": "gold", "client_id": "menu-1"})
    enter(page, alice, room)
    page.evaluate("document.activeElement.blur()")
    bubble(page, "gold").click(button="right")
    expect(page.get_by_role("menu", name="Message actions")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu", name="Message actions")).to_be_hidden()
    expect(page.locator("[role=article]:focus")).to_have_count(1)


def test_back_closes_what_lies_over_the_page_and_then_leaves_it(page: Page, width: int) -> None:
    register(page)
    _chat(page, "What do plans cost?")
    turn_to(page, "Settings")
    page.get_by_role("link", name="Chat", exact=True).click()
    page.go_back()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.go_back()
    expect(answers(page)).to_have_count(1)
    chat = page.url
    _rename(page, width)
    expect(page.get_by_role("dialog", name="Rename chat")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog", name="Rename chat")).to_be_hidden()
    assert page.url == chat
    if width < WIDTHS[width]:
        # On a phone the list lies over the conversation as well.
        page.go_back()
        expect(page.get_by_role("heading", name="Chats")).to_be_hidden()
        assert page.url == chat
    # Closed by hand: the next address takes the place of the entry that was for the dialog.
    page.get_by_role("button", name="Chat settings").click()
    page.keyboard.press("Escape")
    turn_to(page, "Usage")
    expect(page.get_by_role("heading", name="Usage")).to_be_visible()
    page.go_back()
    expect(answers(page)).to_have_count(1)
    assert page.url == chat
