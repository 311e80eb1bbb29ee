"""What goes wrong on the way, and what must not come of it: nothing lost, nothing twice, nothing out of order."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import RETURN_MS
from tests.e2e.talking import bubble
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

LOST = r"net::ERR_|WebSocket connection|50[0-9] |error occurred when fetching the script"


def _crash(site: Server) -> None:
    """A power cut, and the power back."""
    site.kill()
    site.start()


@contextmanager
def tunnel(page: Page) -> Iterator[None]:
    """No network for this browser."""
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)


def test_what_is_written_in_a_tunnel_arrives_once_and_in_order(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect(LOST)
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = page, open_browser(site.url)
    enter(hers, alice, room)
    enter(his, bob, room)
    say(hers, "before the tunnel")
    hears(his, "before the tunnel")
    with tunnel(hers):
        notice = hers.get_by_text("messages are sent later").filter(visible=True)
        expect(notice).to_be_visible(timeout=RETURN_MS)
        for words in ("first in the dark", "second in the dark"):
            say(hers, words)
            tick(hers, words, "Sending")
        say(his, "are you there?")
        tick(his, "are you there?", "Sent")
        assert alice.stored(room) == ["before the tunnel", "are you there?"]
    hears(hers, "are you there?")
    hears(his, "second in the dark")
    everything = ["before the tunnel", "are you there?", "first in the dark", "second in the dark"]
    tick(hers, "second in the dark", "Read")
    assert alice.stored(room) == everything
    assert said(hers) == said(his) == everything


@at_a_desk
def test_the_end_stays_in_view_when_others_came_before_what_was_waiting(
    page: Page, site: Server, complaints: Complaints
) -> None:
    complaints.expect(LOST)
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    enter(page, alice, room)
    say(page, "before the tunnel")
    tick(page, "before the tunnel", "Sent")
    with tunnel(page):
        say(page, "written in the dark")
        for number in range(12):
            theirs = {"content": f"bob {number}", "client_id": f"bob {number}"}
            bob.call("POST", f"/messenger/conversations/{room}/messages", theirs)
    hears(page, "bob 11")
    tick(page, "written in the dark", "Sent")
    expect(bubble(page, "written in the dark")).to_be_in_viewport()
    assert said(page)[-1] == alice.stored(room)[-1] == "written in the dark"


@at_a_desk
def test_the_queue_outlives_a_reload_and_a_dead_server(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect(LOST)
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    his = open_browser(site.url)
    enter(page, alice, room)
    enter(his, bob, room)
    say(page, "one")
    hears(his, "one")
    site.kill()
    say(page, "two, to nobody")
    say(his, "three, to nobody")
    tick(page, "two, to nobody", "Sending")
    tick(his, "three, to nobody", "Sending")
    # Hers is thrown away and made anew; his finds back by itself.
    page.goto("about:blank")
    site.start()
    page.goto(f"{site.url}/app/messages/{room}")
    for screen in (page, his):
        expect(bubble(screen, "two, to nobody")).to_be_visible(timeout=RETURN_MS)
        expect(bubble(screen, "three, to nobody")).to_be_visible(timeout=RETURN_MS)
    tick(page, "two, to nobody", "Read")
    tick(his, "three, to nobody", "Read")
    kept = alice.stored(room)
    assert sorted(kept) == ["one", "three, to nobody", "two, to nobody"]
    assert said(page) == said(his) == kept


@at_a_desk
def test_a_server_killed_while_both_are_writing(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect(LOST)
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    his = open_browser(site.url)
    enter(page, alice, room)
    enter(his, bob, room)
    # Some are on their way when the process dies, some are written while there is none.
    again = threading.Thread(target=_crash, args=(site,))
    for number in range(14):
        if number == 5:
            again.start()
        for screen, name in ((page, "alice"), (his, "bob")):
            field(screen).fill(f"{name} {number}")
            field(screen).press("Enter")
    again.join()
    for screen, mine, theirs in ((page, "alice", "bob"), (his, "bob", "alice")):
        expect(bubble(screen, f"{theirs} 13")).to_be_visible(timeout=RETURN_MS)
        expect(
            bubble(screen, f"{mine} 13").get_by_role("img", name=re.compile("^(Sent|Delivered|Read)$"))
        ).to_be_visible(timeout=RETURN_MS)
    kept = alice.stored(room)
    for name in ("alice", "bob"):
        assert [words for words in kept if words.startswith(name)] == [f"{name} {number}" for number in range(14)]
    for screen in (page, his):
        shown = said(screen)
        assert shown == kept[-len(shown) :]


@at_a_desk
def test_two_tabs_of_one_person_agree(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    enter(page, alice, room)
    tab = page.context.new_page()
    tab.goto(f"/app/messages/{room}")
    his = open_browser(site.url)
    enter(his, bob)
    say(page, "from one tab")
    hears(tab, "from one tab")
    say(tab, "from the other tab")
    hears(page, "from the other tab")
    expect(row(his, alice.name).get_by_role("img", name="2 unread")).to_be_visible()

    # What is read in one tab is read in the other.
    tab.goto("/app/messages")
    page.goto("/app/settings")
    bob.call("POST", f"/messenger/conversations/{room}/messages", {"content": "for both", "client_id": "both"})
    expect(row(tab, bob.name).get_by_role("img", name="1 unread")).to_be_visible()
    page.goto(f"/app/messages/{room}")
    page.bring_to_front()
    hears(page, "for both")
    expect(row(tab, bob.name).get_by_role("img", name="1 unread")).to_be_hidden()
    assert said(page) == alice.stored(room) == ["from one tab", "from the other tab", "for both"]
