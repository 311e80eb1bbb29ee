"""Who people are to each other: a picture and a name in any script, and how one names them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from core.tests import samples
from tests.e2e.conftest import OpenBrowser
from tests.e2e.talking import ARRIVAL_MS
from tests.e2e.talking import bubble
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import guest
from tests.e2e.talking import log
from tests.e2e.talking import say
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def test_a_picture_and_a_name_reach_who_knows_one(
    page: Page, open_browser: OpenBrowser, site: Server, width: int
) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = page, open_browser(site.url)
    enter(his, bob, room)
    enter(hers, alice, room)
    say(hers, "Who am I?")
    expect(bubble(his, "Who am I?")).to_be_visible(timeout=ARRIVAL_MS)
    hers.set_viewport_size({"width": width, "height": 844})
    hers.goto("/app/settings")
    with hers.expect_file_chooser() as chooser:
        hers.get_by_role("button", name="Choose a picture").click()
    picture = {"name": "me.png", "mimeType": "image/png", "buffer": samples.image("PNG", size=(900, 600))}
    chooser.value.set_files([picture])
    frame = hers.get_by_role("application", name=re.compile("^The part that is shown"))
    frame.focus()
    hers.keyboard.press("+")
    hers.keyboard.press("ArrowLeft")
    expect(hers.get_by_role("slider", name="How near")).to_have_value("1.1")
    hers.get_by_role("button", name="Use this part").click()
    expect(hers.get_by_role("button", name="Remove the picture")).to_be_visible()
    expect(hers.get_by_role("status", name="Notifications")).to_contain_text("Saved")
    expect(his.locator("main header img")).to_be_visible(timeout=ARRIVAL_MS)

    hers.get_by_label("Name", exact=True).fill("Аліса 🌿")
    hers.get_by_role("button", name="Save").click()
    expect(his.get_by_role("heading", name="Аліса 🌿", level=1)).to_be_visible(timeout=ARRIVAL_MS)
    his.get_by_role("button", name=re.compile("Аліса")).first.click()
    expect(his.get_by_text(f"@{alice.name}")).to_be_visible()
    # What the disk keeps tells it, too.
    his.reload()
    expect(his.get_by_role("heading", name="Аліса 🌿", level=1)).to_be_visible()
    assert log(his).is_visible()
