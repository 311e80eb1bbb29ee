"""Pictures, files, voices and stories."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import field
from tests.e2e.talking import guest
from tests.e2e.talking import log
from tests.e2e.talking import picture
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def test_a_picture_and_a_file_arrive_and_stay(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    his = open_browser(site.url)
    enter(page, alice, room)
    enter(his, bob, room)
    page.locator("input[type=file]").first.set_input_files(
        [
            picture("holiday.jpg", 1600, 1000),
            FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"Gold in the cracks.\n"),
        ]
    )
    expect(page.get_by_role("list", name="Files to send")).to_contain_text("notes.txt")
    field(page).fill("Look")
    page.get_by_role("button", name="Send", exact=True).click()

    _shown(his.get_by_role("button", name=f"Open the photo of {alice.name}").locator("img"))
    expect(his.get_by_text("Look", exact=True).last).to_be_visible()
    with his.expect_download() as download:
        his.get_by_role("link", name="Download notes.txt").click()
    assert download.value.path().read_bytes() == b"Gold in the cracks.\n"
    # Her own copy of it was only for the time of sending.
    expect(page.get_by_role("link", name="Download notes.txt")).to_have_attribute("href", re.compile("^(?!blob:)"))
    own = page.get_by_role("button", name="Open the photo of You").locator("img")
    expect(own).to_have_attribute("src", re.compile("^(?!blob:)"))
    _shown(own)

    his.get_by_role("button", name=f"Open the photo of {alice.name}").click()
    viewer = his.get_by_role("dialog")
    _shown(viewer.locator("img").first, at_least=1600)
    his.keyboard.press("Escape")
    expect(viewer).to_be_hidden()


@at_a_desk
def test_a_voice_message_can_be_heard(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    his = open_browser(site.url)
    page.context.grant_permissions(["microphone"])
    enter(page, alice, room)
    enter(his, bob, room)
    page.get_by_role("button", name="Record a voice message").click()
    expect(page.get_by_text("0:01", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Send the voice message").click()
    position = log(his).get_by_role("slider", name="Position")
    expect(position).to_be_visible()
    for screen in (page, his):
        expect(log(screen).get_by_role("slider", name="Position")).to_have_attribute(
            "aria-valuetext", re.compile(r"^0:00 / 0:0[1-9]$")
        )
    log(his).get_by_role("button", name="Play").click()
    his.wait_for_function("() => [...document.querySelectorAll('audio')].some((audio) => audio.currentTime > 0.2)")
    # How loud it is comes with the playing; the fake microphone beeps, so its parts differ.
    expect(log(his).locator("svg[data-known=true]")).to_be_visible()
    bars = log(his).locator("svg[data-known=true] rect")
    assert len({bar.get_attribute("height") for bar in bars.all()}) > 1
    log(his).get_by_role("button", name="Speed: 1×").click()
    log(his).get_by_role("button", name="Speed: 1.5×").click()
    expect(log(his).get_by_role("button", name="Speed: 2×")).to_be_visible()
    assert his.evaluate("document.querySelector('audio').playbackRate") == 2
    his.reload()
    log(his).get_by_role("button", name="Play").click()
    expect(log(his).get_by_role("button", name="Speed: 2×")).to_be_visible()
    assert his.evaluate("document.querySelector('audio').playbackRate") == 2


@at_a_desk
def test_a_story_is_seen_counted_and_deleted(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    direct(alice, bob)
    his = open_browser(site.url)
    enter(his, bob)
    enter(page, alice)
    page.get_by_role("button", name="Add a story").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(picture("day.jpg", 900, 1600))
    dialog.get_by_label("Caption").fill("My day")
    dialog.get_by_role("button", name="Publish").click()
    expect(dialog).to_be_hidden()

    his.get_by_role("button", name=f"{alice.name}, 1 story, new").click()
    viewer = his.get_by_role("dialog", name=f"Story of {alice.name}")
    expect(viewer.get_by_text("My day")).to_be_visible()
    _shown(viewer.locator("img").last)
    his.keyboard.press("Escape")
    expect(his.get_by_role("button", name=f"{alice.name}, 1 story", exact=True)).to_be_visible()

    page.get_by_role("button", name="Your story, 1 story").click()
    page.get_by_role("button", name="Views").click()
    views = page.get_by_role("dialog", name="Views")
    expect(views.get_by_text(bob.name)).to_be_visible()
    expect(views.get_by_text("1 view", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete the story").click()
    page.get_by_role("dialog", name="Delete this story?").get_by_role("button", name="Delete the story").click()
    expect(his.get_by_role("button", name=re.compile(f"^{alice.name}, 1 story"))).to_be_hidden()


def _shown(image: Locator, at_least: int = 1) -> None:
    """Wait until a picture is really there, ``at_least`` so many pixels wide."""
    expect(image).to_be_visible()
    image.page.wait_for_function(
        "([img, width]) => img.complete && img.naturalWidth >= width", arg=[image.element_handle(), at_least]
    )


def test_pictures_that_are_sent_together_stand_together(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect(r"ERR_INTERNET_DISCONNECTED|WebSocket")  # whatever the page still asks for when the line goes
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    his = open_browser(site.url)
    enter(page, alice, room)
    enter(his, bob, room)
    page.context.set_offline(True)
    photos = [picture(f"p{number}.jpg", 600 + 40 * number, 500) for number in range(5)]
    page.locator("input[type=file]").first.set_input_files(photos)
    field(page).fill("The whole day")
    page.get_by_role("button", name="Send", exact=True).click()
    own = log(page).get_by_role("list", name="Album of 5")
    expect(own.get_by_role("button")).to_have_count(5)
    page.context.set_offline(False)

    album = log(his).get_by_role("list", name="Album of 5")
    expect(album.get_by_role("button")).to_have_count(5)
    for number in range(5):
        _shown(album.locator("img").nth(number))
    expect(log(his).get_by_text("The whole day")).to_be_visible()
    expect(log(his).get_by_role("article")).to_have_count(1)
    assert his.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Each is a message: it is taken back alone, and opened alone.
    own.get_by_role("button").nth(2).click(button="right")
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(album.get_by_role("button")).to_have_count(4)
    expect(album.get_by_role("img", name="Message deleted")).to_be_visible()
    album.get_by_role("button").last.click()
    _shown(his.get_by_role("dialog").locator("img").first, at_least=700)


def test_a_story_is_answered_in_the_conversation_of_the_two(
    page: Page, open_browser: OpenBrowser, site: Server, width: int
) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    his = open_browser(site.url)
    enter(his, bob)
    enter(page, alice)
    page.get_by_role("button", name="Add a story").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(picture("day.jpg", 900, 1600))
    dialog.get_by_label("Caption").fill("My day")
    dialog.get_by_role("button", name="Publish").click()
    expect(dialog).to_be_hidden()

    his.get_by_role("button", name=f"{alice.name}, 1 story, new").click()
    viewer = his.get_by_role("dialog", name=f"Story of {alice.name}")
    _shown(viewer.locator("img").last)
    viewer.get_by_role("button", name="React with 🔥").click()
    expect(his.get_by_text(f"Sent to {alice.name}").first).to_be_visible()
    answer = viewer.get_by_label(f"Answer {alice.name}")
    answer.fill("Where was that?")
    answer.press("Enter")
    expect(answer).to_have_value("")
    his.keyboard.press("Escape")

    page.goto(f"/app/messages/{room}")
    expect(log(page).get_by_text("Where was that?")).to_be_visible()
    expect(log(page).get_by_text("🔥")).to_be_visible()
    quote = log(page).get_by_role("button", name=re.compile("^Answers a story of"))
    expect(quote).to_have_count(2)
    expect(quote.first).to_contain_text("My day")
    quote.first.click()
    own = page.get_by_role("dialog", name=f"Story of {alice.name}")
    expect(own.get_by_text("My day")).to_be_visible()
    own.get_by_role("button", name="Delete the story").click()
    page.get_by_role("dialog", name="Delete this story?").get_by_role("button", name="Delete the story").click()
    expect(log(page).get_by_text("It is over.")).to_have_count(2)
