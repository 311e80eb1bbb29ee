"""Calls between real browsers: what one says the other hears, and every way in which a call begins and ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.calling import MEDIA_S
from tests.e2e.calling import bar
from tests.e2e.calling import button
from tests.e2e.calling import caller
from tests.e2e.calling import calling
from tests.e2e.calling import flows
from tests.e2e.calling import hangs_up
from tests.e2e.calling import ring
from tests.e2e.calling import screen
from tests.e2e.calling import talking
from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import direct
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.kit.processes import wait_for
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
    assert alice.call("GET", "/calls/live")["results"][0]["transport"] == "p2p"
    hangs_up(hers)
    expect(screen(his)).to_have_count(0)
    expect(his.get_by_text("The call has ended")).to_be_visible()
    assert alice.call("GET", "/calls/live")["results"] == []


@at_a_desk
def test_answered_on_one_device_it_is_silent_on_the_other(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers = caller(page, alice, room)
    desk, phone = caller(open_browser(site.url), bob, room), caller(open_browser(site.url), bob, room)
    button(hers, "Call").click()
    for device in (desk, phone):
        expect(ring(device)).to_be_visible()
    button(desk, "Answer").click()
    expect(ring(phone)).to_have_count(0)
    flows(hers)
    flows(desk)
    expect(phone.get_by_text("You are in a call on another device")).to_be_visible()
    # It goes over to the other device, and the first one is told.
    button(phone, "Move it here").click()
    flows(phone)
    flows(hers, anew=True)
    expect(desk.get_by_text("You go on with the call on another device")).to_be_visible()
    hangs_up(phone)


_NO_MICROPHONE = """
() => {
  const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.trouble = "";
  navigator.mediaDevices.getUserMedia = (given) =>
    given.audio && window.trouble ? Promise.reject(new DOMException("no", window.trouble)) : asked(given);
}"""


@at_a_desk
def test_a_call_is_declined_or_answered_without_a_microphone(
    page: Page, open_browser: OpenBrowser, site: Server
) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    button(hers, "Video call").click()
    button(his, "Decline").click()
    expect(hers.get_by_text(f"{bob.name} declined")).to_be_visible()
    expect(ring(his)).to_have_count(0)
    # Who would not be heard rings nobody, and is told why.
    his.evaluate(_NO_MICROPHONE)
    begins = "Call"
    for trouble, said in (
        ("NotAllowedError", "The browser was not allowed to use your microphone. Press the lock"),
        ("NotFoundError", "No microphone was found. Plug one in"),
        ("NotReadableError", "Your microphone is used by another program. Close that"),
    ):
        his.evaluate("(trouble) => (window.trouble = trouble)", trouble)
        button(his, begins).click()
        expect(his.get_by_text("Nobody was called")).to_be_visible()
        expect(his.get_by_text(said)).to_be_visible()
        begins = "Call again"
    assert len(alice.call("GET", "/calls?limit=10")["results"]) == 1
    # Once more, from where one was refused; he answers as one who is seen, and not heard.
    button(hers, "Call again").click()
    button(his, "Answer with video").click()
    expect(screen(his)).to_contain_text("Your microphone is used by another program: you are not heard.")
    flows(his)
    flows(hers, video=True)  # silence comes all the same: it is the sign that he is there
    his.evaluate("window.trouble = ''")
    button(his, "Turn the microphone on").click()
    expect(button(his, "Turn the microphone off")).to_be_visible()
    expect(screen(his)).not_to_contain_text("you are not heard")
    hangs_up(hers)


@at_a_desk
def test_two_who_call_each_other_are_in_one_call(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    # By the page itself: one press follows the other before either can know of it.
    for each in (hers, his):
        each.evaluate("document.querySelector('header button[aria-label=\"Call\"]').click()")
    flows(hers)
    flows(his)
    assert len(alice.call("GET", "/calls?limit=10")["results"]) == 1
    hangs_up(his)


_AGREED = """
() => {
  const used = window.connections.findLast((one) => one.connectionState !== "closed");
  return used?.localDescription?.sdp.match(/ice-ufrag:(.+)/)[1] ?? null;
}"""


@at_a_desk
def test_after_a_reload_one_is_back_in_the_same_call(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    """Nor does a network that goes and comes end it: another way is agreed on."""
    complaints.expect("net::ERR_INTERNET_DISCONNECTED")
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    talking(hers, his)
    legs = calling(alice)
    before = hers.evaluate(_AGREED)
    assert before
    for is_away in (True, False):
        hers.context.set_offline(is_away)
    wait_for(lambda: hers.evaluate(_AGREED) not in {before, None}, "No other way is looked for.", MEDIA_S)
    for each in (hers, his):
        flows(each, anew=True)
    for who, other in ((his, hers), (hers, his)):
        who.reload()
        button(who, "Back to the call").first.click()
        flows(who)
        flows(other)
        assert calling(alice) == legs
    hangs_up(hers)


@at_a_desk
def test_a_missed_call_is_told(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    button(hers, "Call").click()
    expect(ring(his)).to_be_visible()
    hangs_up(hers)
    expect(ring(his)).to_have_count(0)
    expect(his.get_by_text(f"Missed call from {alice.name}").first).to_be_visible()
    expect(his.get_by_role("img", name="1 missed call")).to_be_visible()
    his.get_by_role("link", name="Calls").click()
    row = his.get_by_role("listitem").filter(has_text="Missed").filter(has_text=alice.name)
    expect(row).to_be_visible()
    expect(his.get_by_role("img", name="1 missed call")).to_have_count(0)
    wait_for(lambda: bob.call("GET", "/calls/missed")["count"] == 0, "It is still counted.", 10)
    row.get_by_role("button", name=f"Call {alice.name}", exact=True).click()
    expect(ring(hers)).to_be_visible()
    hangs_up(his)


@at_a_desk
def test_a_hang_up_that_was_not_heard_is_told_first(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect("net::ERR_FAILED")
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    talking(hers, his)
    hers.route("**/api/calls/*/end", lambda route: route.abort())
    hangs_up(hers)
    assert calling(alice) != []
    hers.unroute("**/api/calls/*/end")
    hers.reload()
    expect(screen(his)).to_have_count(0)
    wait_for(lambda: calling(alice) == [], "The call runs on.", 10)
    assert hers.evaluate("localStorage.getItem('kintsugi.call.hangups')") is None


@at_a_desk
def test_three_people_of_a_group_hear_and_see_each_other(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob, carol = guest(site, "alice"), guest(site, "bob"), guest(site, "carol")
    room = group(alice, "Kitchen table", bob, carol)
    hers = caller(page, alice, room)
    his, theirs = caller(open_browser(site.url), bob, room), caller(open_browser(site.url), carol, room)
    button(hers, "Video call").click()
    for each in (his, theirs):
        expect(ring(each)).to_contain_text("is calling the group Kitchen table")
    button(his, "Answer with video").click()
    flows(hers, video=True)
    # Once somebody has answered it rings no more; the others come by the line in the conversation.
    expect(ring(theirs)).to_have_count(0)
    expect(bar(theirs)).to_contain_text("A call is under way")
    button(theirs, "Join with video").click()
    for each in (hers, his, theirs):
        flows(each, others=2, video=True)
    hangs_up(hers)
    flows(his, anew=True, video=True)
    hangs_up(his)
    hangs_up(theirs)


_BROKEN_WORDS = """
() => {
  const broken = [];
  const walker = document.createTreeWalker(document.querySelector("[role=alertdialog]"), NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode()); ) {
    if (text.parentElement.closest("button") === null) continue;
    for (const { 0: word, index } of text.data.matchAll(/\\S+/g)) {
      const range = new Range();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word);
    }
  }
  return broken;
}"""


@pytest.mark.parametrize("width", [390], indirect=True, ids=["390px"])
def test_no_word_of_a_ring_is_broken_in_ukrainian(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    bob.call("PATCH", "/auth/me", {"language": "uk"})
    his.reload()
    expect(button(his, "Подзвонити")).to_be_enabled()
    button(hers, "Video call").click()
    expect(button(his, "Відповісти з відео")).to_be_visible()
    assert his.evaluate(_BROKEN_WORDS) == []
    hangs_up(hers)


def test_the_button_for_silence_takes_no_line_of_its_own(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    hers, his = caller(page, alice, room), caller(open_browser(site.url), bob, room)
    button(hers, "Video call").click()
    silence = button(his, "Without sound").bounding_box()
    first = button(his, "Answer with video").bounding_box()
    assert silence and first
    assert silence["y"] + silence["height"] <= first["y"], (silence, first)
    button(his, "Without sound").click()
    expect(button(his, "Without sound")).to_have_count(0)
    expect(ring(his)).to_be_visible()
    hangs_up(hers)
