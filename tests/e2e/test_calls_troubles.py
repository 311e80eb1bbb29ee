"""Calls where something is missing: a microphone, a media server for five, a page that dies without a word."""

from __future__ import annotations

import contextlib
import time

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.calling import button
from tests.e2e.calling import caller
from tests.e2e.calling import calling
from tests.e2e.calling import flows
from tests.e2e.calling import hangs_up
from tests.e2e.calling import ring
from tests.e2e.calling import screen
from tests.e2e.calling import talking
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import direct
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.kit.processes import wait_for
from tests.kit.servers import Server

pytestmark = [pytest.mark.e2e, at_a_desk]

_REFUSED = """
navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""
_GONE_S = 35
"""A lease of 30 seconds, and the clock that looks at it."""


def test_whoever_may_not_use_a_microphone_listens(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room, his = direct(alice, bob), open_browser(site.url)
    his.add_init_script(_REFUSED)
    hers = caller(page, alice, room)
    caller(his, bob, room)
    button(hers, "Video call").click()
    button(his, "Answer with video").click()
    expect(screen(his)).to_contain_text("was not allowed to use your microphone: you only listen")
    flows(his, video=True)
    flows(hers)  # silence comes all the same: it is the sign that he is there
    assert len(calling(alice)) == 2
    hangs_up(hers)


def test_with_a_fifth_person_and_no_media_server_pictures_end_and_sound_goes_on(
    page: Page, open_browser: OpenBrowser, site: Server
) -> None:
    alice, bob, *others = (guest(site, name) for name in ("alice", "bob", "c", "d", "e"))
    room = group(alice, "Five", bob, *others)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    button(hers, "Video call").click()
    expect(ring(his)).to_be_visible()
    button(his, "Answer with video").click()
    flows(hers, video=True)
    (call_id,) = (one["id"] for one in alice.call("GET", "/calls/live")["results"])
    for number, person in enumerate(others):  # who say nothing and show nothing
        person.call("POST", f"/calls/{call_id}/answer", {"device_key": f"d{number}", "audio_on": False})
    for each in (hers, his):
        expect(screen(each)).to_contain_text("More than four here talk without video: this server has no media server.")
        expect(button(each, "More than four here talk without video")).to_be_disabled()
        flows(each, anew=True)
    hangs_up(his)
    hangs_up(hers)


def test_a_page_that_dies_is_gone_for_the_other_within_its_lease(
    page: Page, open_browser: OpenBrowser, site: Server
) -> None:
    """Without a farewell: its process is ended, as a telephone does with what it needs no longer."""
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    talking(hers, his)
    died = time.monotonic()
    devtools = his.context.new_cdp_session(his)
    with his.expect_event("crash"), contextlib.suppress(PlaywrightError):
        devtools.send("Page.crash")  # which nobody answers
    his.close()
    expect(screen(hers)).to_have_count(0, timeout=_GONE_S * 1000)
    assert time.monotonic() - died < _GONE_S + 5
    wait_for(lambda: calling(alice) == [], "The call runs on.", 5)
    assert alice.call("GET", "/calls?limit=1")["results"][0]["end_reason"] == "lost"
