"""Two people talk, each in a browser of their own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import turn_to
from tests.e2e.talking import bubble
from tests.e2e.talking import choose
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import field
from tests.e2e.talking import guest
from tests.e2e.talking import hears
from tests.e2e.talking import row
from tests.e2e.talking import said
from tests.e2e.talking import say
from tests.e2e.talking import tick
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def test_two_people_find_each_other_and_talk(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    hers, his = page, open_browser(site.url)
    enter(his, bob)
    enter(hers, alice)
    hers.get_by_role("button", name="New conversation").first.click()
    hers.get_by_role("menuitem", name="Find people").click()
    hers.get_by_label("Find by name").fill(bob.name)
    hers.get_by_role("dialog").get_by_role("button", name=re.compile(bob.name)).click()
    say(hers, "Tea at five?")
    tick(hers, "Tea at five?", "Sent")

    # His list shows it unread, with nothing reloaded; reading it turns her tick.
    expect(row(his, alice.name)).to_contain_text("Tea at five?")
    expect(row(his, alice.name).get_by_role("img", name="1 unread")).to_be_visible()
    row(his, alice.name).get_by_role("link").click()
    hears(his, "Tea at five?")
    tick(hers, "Tea at five?", "Read")

    field(his).press_sequentially("With bis")
    expect(hers.get_by_role("region", name="Conversation").get_by_text("writing…")).to_be_visible()
    field(his).press_sequentially("cuits.")
    his.get_by_role("button", name="Send", exact=True).click()
    hears(hers, "With biscuits.")
    expect(hers.get_by_role("region", name="Conversation").get_by_text("writing…")).to_be_hidden()
    tick(his, "With biscuits.", "Read")
    for screen in (hers, his):
        assert said(screen) == ["Tea at five?", "With biscuits."]


@at_a_desk
def test_what_is_said_can_be_answered_changed_marked_and_taken_back(
    page: Page, open_browser: OpenBrowser, site: Server
) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = page, open_browser(site.url)
    enter(hers, alice, room)
    enter(his, bob, room)
    say(hers, "Where is the goold?")
    hears(his, "Where is the goold?")

    choose(his, "Where is the goold?", "Reply")
    say(his, "In the cracks.")
    expect(bubble(hers, "In the cracks.").get_by_role("button", name=re.compile("^In reply to You"))).to_be_visible()
    # Who answers has read.
    tick(hers, "Where is the goold?", "Read")

    choose(hers, "Where is the goold?", "Edit")
    expect(field(hers)).to_have_value("Where is the goold?")
    field(hers).fill("Where is the gold?")
    field(hers).press("Enter")
    hears(his, "Where is the gold?")
    expect(bubble(his, "Where is the gold?")).to_contain_text("edited")
    expect(bubble(his, "In the cracks.")).to_contain_text("Where is the gold?")

    bubble(hers, "In the cracks.").click(button="right")
    hers.get_by_role("menuitemcheckbox", name="React with 🔥").click()
    theirs = his.get_by_role("button", name=re.compile(f"^🔥 1: {alice.name}"))
    expect(theirs).to_be_visible()
    theirs.click()
    expect(hers.get_by_role("button", name=re.compile("^🔥 2: "))).to_be_visible()

    choose(his, "In the cracks.", "Pin")
    expect(hers.get_by_text("Pinned message")).to_be_visible()
    # Found among the pins as well; what lies over the conversation goes away to show it.
    hers.get_by_role("button", name=re.compile("About this conversation")).click()
    hers.get_by_role("button", name="Pinned messages").click()
    hers.get_by_title("Show in the conversation").click()
    expect(hers.get_by_title("Show in the conversation")).to_be_hidden()
    expect(bubble(hers, "In the cracks.")).to_be_in_viewport()

    choose(hers, "Where is the gold?", "Delete")
    hers.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(his.get_by_text("Message deleted").first).to_be_visible()
    expect(his.get_by_text("Where is the gold?")).to_have_count(0)
    assert alice.stored(room) == ["", "In the cracks."]


@at_a_desk
def test_what_was_missed_is_counted_marked_and_found_again(page: Page, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    for number in range(60):
        body = {"content": f"line {number}", "client_id": f"line-{number}"}
        bob.call("POST", f"/messenger/conversations/{room}/messages", body)
    enter(page, alice)
    expect(row(page, bob.name).get_by_role("img", name="60 unread")).to_be_visible()
    row(page, bob.name).get_by_role("link").click()
    expect(page.get_by_role("separator").get_by_text("Unread messages")).to_be_in_viewport()
    expect(bubble(page, "line 0")).to_be_in_viewport()

    page.get_by_role("button", name=re.compile("new$|^Newest$")).click()
    expect(bubble(page, "line 59")).to_be_in_viewport()
    expect(row(page, bob.name).get_by_role("img", name=re.compile("unread"))).to_have_count(0)

    # Found by a word, and shown where it was said.
    page.get_by_role("button", name="Search in this conversation").click()
    page.get_by_role("searchbox", name=re.compile("^Search in")).fill("line 7")
    page.get_by_role("list", name="Messages found").get_by_text("line 7", exact=True).click()
    expect(bubble(page, "line 7")).to_be_in_viewport()

    # A draft waits where it was left.
    field(page).fill("I will answer")
    turn_to(page, "Usage")
    expect(field(page)).to_be_hidden()
    page.get_by_role("link", name="Messages").click()
    expect(row(page, bob.name)).to_contain_text("I will answer")
    row(page, bob.name).get_by_role("link").click()
    expect(field(page)).to_have_value("I will answer")


@at_a_desk
def test_a_conversation_without_a_mouse(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    his = open_browser(site.url)
    enter(his, bob, room)
    enter(page, alice)
    expect(row(page, bob.name)).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Go to anything")).to_be_focused()
    page.keyboard.type(bob.name)
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text(bob.name)
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()
    page.keyboard.type("Written by hand")
    page.keyboard.press("Enter")
    hears(his, "Written by hand")

    # Up to the message, through its menu, and back.
    page.keyboard.press("Shift+Tab")
    for _ in range(8):
        if page.evaluate("document.activeElement.getAttribute('role') === 'log'"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("article").last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemcheckbox", name="React with ❤️")).to_be_focused()
    page.keyboard.press("Enter")
    expect(his.get_by_role("button", name=re.compile(f"^❤️ 1: {alice.name}"))).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_text("Reply to yourself")).to_be_visible()
    page.keyboard.type("And answered")
    page.keyboard.press("Enter")
    hears(his, "And answered")
    page.keyboard.press("ArrowUp")
    expect(field(page)).to_have_value("And answered")
    page.keyboard.press("Escape")
    expect(field(page)).to_have_value("")
