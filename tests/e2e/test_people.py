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
from tests.e2e.talking import choose
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import field
from tests.e2e.talking import group
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
    his.locator("main header h1").click()
    expect(his.get_by_text(f"@{alice.name}")).to_be_visible()
    # What the disk keeps tells it, too.
    his.reload()
    expect(his.get_by_role("heading", name="Аліса 🌿", level=1)).to_be_visible()
    assert log(his).is_visible()


def test_an_at_opens_a_list_of_who_is_there(page: Page, open_browser: OpenBrowser, site: Server, width: int) -> None:
    alice, bob, charlie = (guest(site, name) for name in ("alice", "bob", "charlie"))
    bob.call("PATCH", "/auth/me", {"display_name": "Богдан"})
    room = group(alice, "Tea", bob, charlie)
    hers, his = page, open_browser(site.url)
    hers.set_viewport_size({"width": width, "height": 844})
    enter(his, bob, room)
    enter(hers, alice, room)
    field(hers).press_sequentially("Tea, @бог")
    choices = hers.get_by_role("listbox", name="People here")
    expect(choices.get_by_role("option")).to_have_text([re.compile(f"Богдан@{bob.name}")])
    active = field(hers).get_attribute("aria-activedescendant")
    assert hers.locator(f"[id='{active}']").get_attribute("aria-selected") == "true"
    field(hers).press("Enter")
    expect(field(hers)).to_have_value(f"Tea, @{bob.name} ")
    expect(choices).to_be_hidden()

    field(hers).press_sequentially("and @")
    expect(choices.get_by_role("option")).to_have_count(3)
    field(hers).press("Escape")
    expect(choices).to_be_hidden()
    field(hers).press("Backspace")
    field(hers).press_sequentially("@")
    field(hers).press("ArrowUp")
    expect(choices.get_by_role("option", selected=True)).to_contain_text("Everybody")
    field(hers).press("Tab")
    expect(field(hers)).to_have_value(f"Tea, @{bob.name} and @all ")
    field(hers).press("Enter")
    expect(his.locator("[class*=mentionMe]").filter(has_text="@all")).to_be_visible(timeout=ARRIVAL_MS)
    # Who is no admin says it as a word.
    field(his).press_sequentially("@")
    expect(his.get_by_role("listbox").get_by_role("option")).to_have_count(2)


def test_any_emoji_is_found_by_its_name(page: Page, open_browser: OpenBrowser, site: Server, width: int) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = page, open_browser(site.url)
    hers.set_viewport_size({"width": width, "height": 844})
    enter(his, bob, room)
    enter(hers, alice, room)
    field(hers).press_sequentially("Done :tad")
    expect(hers.get_by_role("listbox", name="Emoji of that name").get_by_role("option").first).to_contain_text(":tada:")
    field(hers).press("Enter")
    expect(field(hers)).to_have_value("Done 🎉 ")
    field(hers).press_sequentially(":rocket:")
    expect(field(hers)).to_have_value("Done 🎉 🚀")
    field(hers).press("Enter")
    expect(bubble(his, "Done 🎉 🚀")).to_be_visible(timeout=ARRIVAL_MS)

    hers.get_by_role("button", name="Emoji").click()
    picker = hers.get_by_role("dialog", name="Emoji")
    picker.get_by_label("Find an emoji").fill("astronaut")
    picker.get_by_label("Skin").select_option(label="✋🏽 Medium")
    picker.get_by_role("button", name="astronaut", exact=True).click()
    expect(field(hers)).to_have_value("🧑🏽‍🚀")

    choose(his, "Done 🎉 🚀", "Another emoji")
    dialog = his.get_by_role("dialog", name="React")
    dialog.get_by_label("Find an emoji").fill("hedgehog")
    dialog.get_by_label("Find an emoji").press("Enter")
    expect(hers.get_by_role("button", name=re.compile("^🦔"))).to_be_visible(timeout=ARRIVAL_MS)
