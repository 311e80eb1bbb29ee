"""Calls where something is missing: a media server for five."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.calling import button
from tests.e2e.calling import caller
from tests.e2e.calling import flows
from tests.e2e.calling import hangs_up
from tests.e2e.calling import ring
from tests.e2e.calling import screen
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.kit.servers import Server

pytestmark = [pytest.mark.e2e, at_a_desk]


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
