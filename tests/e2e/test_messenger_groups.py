"""A group of three: two at desks, one with a telephone."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import WIDTHS
from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import enter
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.e2e.talking import hears
from tests.e2e.talking import log
from tests.e2e.talking import row
from tests.e2e.talking import said
from tests.e2e.talking import say
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


@at_a_desk
def test_a_group_from_its_beginning_to_a_removal(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob, charlie = (guest(site, name) for name in ("alice", "bob", "charlie"))
    hers, his, phone = page, open_browser(site.url), open_browser(site.url)
    phone.set_viewport_size({"width": 390, "height": WIDTHS[390]})
    enter(his, bob)
    enter(phone, charlie)
    enter(hers, alice)
    hers.get_by_role("button", name="New conversation").first.click()
    hers.get_by_role("menuitem", name="New group").click()
    hers.get_by_label("Name of the group").fill("Gold diggers")
    _find(hers, bob.name)
    hers.get_by_role("button", name="Create with 1 person").click()
    expect(log(hers)).to_contain_text("You created “Gold diggers”")
    row(his, "Gold diggers").get_by_role("link").click()
    say(his, "Only two of us")
    hears(hers, "Only two of us")

    panel = _panel(hers, "Gold diggers")
    panel.get_by_role("button", name=re.compile("^Members")).click()
    panel.get_by_role("button", name="Add people").click()
    _find(hers, charlie.name)
    hers.get_by_role("dialog").get_by_role("button", name="Add 1 person").click()
    expect(log(his)).to_contain_text(charlie.name)

    # It comes to the telephone by itself.
    row(phone, "Gold diggers").get_by_role("link").click()
    say(phone, "Three now")
    for screen in (hers, his):
        hears(screen, "Three now")
    expect(his.get_by_text("3 members")).to_be_visible()

    _act(panel, bob.name, "Make admin")
    expect(log(his)).to_contain_text("admin")
    his.get_by_role("button", name=re.compile("About this conversation")).click()
    expect(his.get_by_role("button", name="Change name and picture")).to_be_visible()

    _act(panel, charlie.name, "Remove from the group")
    hers.get_by_role("dialog").get_by_role("button", name="Remove from the group").click()
    expect(phone.get_by_text("You are no longer in this group")).to_be_visible()
    panel.get_by_role("button", name="Back").click()
    panel.get_by_role("button", name="Close").click()
    say(hers, "She hears no more")
    expect(row(his, "Gold diggers")).to_contain_text("She hears no more")
    phone.get_by_role("link", name="Back to the conversations").or_(
        phone.get_by_role("link", name="Messages", exact=True)
    ).first.click()
    phone.reload()
    expect(phone.get_by_text("Nobody here yet")).to_be_visible()
    expect(phone.get_by_text("She hears no more")).to_have_count(0)
    kept = phone.evaluate(_ALL_STORED)
    assert "Three now" not in kept
    assert "She hears no more" not in kept


@at_a_desk
def test_a_link_lets_people_in_until_it_is_revoked(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect(r"404 .*/api/messenger/invites/")
    alice, bob, charlie = (guest(site, name) for name in ("alice", "bob", "charlie"))
    room = group(alice, "Open door", bob)
    phone = open_browser(site.url)
    phone.set_viewport_size({"width": 390, "height": WIDTHS[390]})
    enter(page, alice, room)
    enter(phone, charlie)
    panel = _panel(page, "Open door")
    panel.get_by_role("button", name="Invite links").click()
    panel.get_by_role("button", name="Create a link").click()
    expect(page.get_by_text("The link is copied").first).to_be_visible()
    link = urlsplit(str(page.evaluate("navigator.clipboard.readText()"))).path

    phone.goto(link)
    expect(phone.get_by_text("Open door").first).to_be_visible()
    phone.get_by_role("button", name="Join the group").click()
    expect(log(phone)).to_be_visible()
    say(phone, "I came by the link")
    hears(page, "I came by the link")
    assert said(page) == ["I came by the link"]

    panel.get_by_role("button", name="Revoke").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(panel.get_by_text("No links yet")).to_be_visible()
    phone.goto(link)
    expect(phone.get_by_text("This invitation is not valid any more")).to_be_visible()


_ALL_STORED = """async () => {
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const opening = indexedDB.open(name);
    const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
    for (const store of database.objectStoreNames) {
      const asked = database.transaction(store).objectStore(store).getAll();
      found.push(await new Promise((done) => { asked.onsuccess = () => done(asked.result); }));
    }
    database.close();
  }
  return JSON.stringify(found);
}"""
"""Everything that the browser keeps of the messenger."""


def _find(page: Page, name: str) -> None:
    """Choose somebody in the open dialog."""
    page.get_by_label("Find by name").fill(name)
    page.get_by_role("dialog").get_by_role("button", name=re.compile(name)).click()


def _panel(page: Page, name: str) -> Locator:
    page.get_by_role("button", name=re.compile(f"{name}.*About this conversation")).click()
    panel = page.locator("aside").last
    expect(panel.get_by_text("About the group")).to_be_visible()
    return panel


def _act(panel: Locator, name: str, action: str) -> None:
    panel.get_by_role("button", name=f"Actions for {name}").click()
    panel.page.get_by_role("menuitem", name=action).click()
