"""Calls between real browsers: what one says the other hears, and every way in which a call begins and ends."""

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
from tests.e2e.talking import direct
from tests.e2e.talking import guest
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def test_two_people_see_and_hear_each_other(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    button(hers, "Video call").click()
    expect(ring(his)).to_contain_text(f"{alice.name} is calling with video")
    button(his, "Answer with video").click()
    expect(ring(his)).to_have_count(0)
    flows(hers, video=True)
    flows(his, video=True)
    expect(screen(hers).get_by_text("Direct", exact=True)).to_be_visible()
    hangs_up(hers)
    expect(screen(his)).to_have_count(0)
    expect(his.get_by_text("The call has ended")).to_be_visible()
