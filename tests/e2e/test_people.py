"""Who people are to each other: a picture and a name in any script, and how one names them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from core.tests import samples
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import answers
from tests.e2e.steps import wait_for_end
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
    buffer = samples.image("PNG", size=(900, 600))
    chooser.value.set_files({"name": "me.png", "mimeType": "image/png", "buffer": buffer})
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


@at_a_desk
def test_ones_other_devices_show_a_new_name_though_one_talks_with_nobody(
    page: Page, open_browser: OpenBrowser, site: Server
) -> None:
    alice = guest(site, "alice")
    desk, phone = page, open_browser(site.url)
    enter(desk, alice)
    enter(phone, alice)
    tab = phone.context.new_page()
    tab.goto("/app/settings/notices")
    phone.goto("/app/settings/look")
    account = re.compile("^Account: Аліса 🌿$")
    for screen in (phone, tab):
        expect(screen.get_by_role("button", name=f"Account: {alice.name}")).to_be_visible()
        expect(screen.get_by_role("button", name=account)).to_be_hidden()
    desk.goto("/app/settings")
    desk.get_by_label("Name", exact=True).fill("Аліса 🌿")
    desk.get_by_role("button", name="Save").click()
    for screen in (desk, phone, tab):
        expect(screen.get_by_role("button", name=account)).to_be_visible(timeout=ARRIVAL_MS)


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
    hers.get_by_role("button", name="Send", exact=True).click()
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
    hers.get_by_role("button", name="Send", exact=True).click()
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
    expect(dialog.get_by_role("button", name="hedgehog", exact=True)).to_be_visible()
    dialog.get_by_label("Find an emoji").press("Enter")
    expect(hers.get_by_role("button", name=re.compile("^🦔"))).to_be_visible(timeout=ARRIVAL_MS)


def test_one_palette_leads_everywhere(page: Page, site: Server, width: int) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    bob.call("PATCH", "/auth/me", {"display_name": "Богдан"})
    room = direct(bob, alice)
    bob.call("POST", f"/messenger/conversations/{room}/messages", {"content": "Where is the lacquer?"})
    page.set_viewport_size({"width": width, "height": 844})
    enter(page, alice)
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to anything")
    box = palette.get_by_role("combobox")
    expect(box).to_be_focused()
    box.fill("lacquer")
    found = palette.get_by_role("option").filter(has_text="Where is the lacquer?")
    expect(found).to_be_visible()
    expect(palette.get_by_role("option", selected=True)).to_contain_text("lacquer")
    box.press("Enter")
    expect(palette).to_be_hidden()
    expect(bubble(page, "Where is the lacquer?")).to_be_visible()

    # From the other half, to a person by the name they gave themselves.
    page.goto("/app/chat")
    expect(page.get_by_role("list", name="Questions to begin with")).to_be_visible()
    page.keyboard.press("Control+k")
    box.fill("богд")
    expect(palette.get_by_role("option").filter(has_text=f"@{bob.name}")).to_be_visible()
    box.fill("blocked")
    expect(palette.get_by_role("option", selected=True)).to_have_text("Blocked")
    box.press("Enter")
    expect(page.get_by_text("Nobody is blocked")).to_be_visible()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    for part in ("Everywhere", "Chats", "Messages"):
        expect(keys.get_by_role("region", name=part)).to_be_visible()


def test_a_message_goes_to_the_model_and_its_answer_to_people(page: Page, site: Server, width: int) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(bob, alice)
    bob.call("POST", f"/messenger/conversations/{room}/messages", {"content": "What is Kintsugi?"})
    page.set_viewport_size({"width": width, "height": 844})
    enter(page, alice, room)
    choose(page, "What is Kintsugi?", "Ask the AI about this")
    expect(field(page)).to_have_value("About this message:\n\n> What is Kintsugi?\n\n")
    page.get_by_role("button", name="Send", exact=True).click()
    wait_for_end(page)
    answers(page).last.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Send to…").click()
    dialog = page.get_by_role("dialog", name="Send to…")
    dialog.get_by_role("button", name=re.compile(bob.name)).click()
    dialog.get_by_role("button", name="Send to 1").click()
    expect(page.get_by_role("status", name="Notifications")).to_contain_text("Sent to 1 conversation")
    page.wait_for_function("document.title !== ''")
    page.goto(f"/app/messages/{room}")
    expect(page.locator("[data-bubble]").nth(1)).to_contain_text("Kintsugi is", timeout=ARRIVAL_MS)
    assert len(alice.stored(room)) == 2


def test_one_keeps_messages_for_oneself(page: Page, site: Server, width: int) -> None:
    alice = guest(site, "alice")
    page.set_viewport_size({"width": width, "height": 844})
    enter(page, alice)
    page.get_by_role("button", name="Saved messages").click()
    expect(page.get_by_role("heading", name="Saved messages", level=1)).to_be_visible()
    say(page, "Buy gold lacquer")
    expect(bubble(page, "Buy gold lacquer")).to_be_visible()
    page.reload()
    expect(bubble(page, "Buy gold lacquer")).to_be_visible()
