"""A room of the media server on the product's own screens: five people, and a shared screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from calls.tests.media_peers import needs_janus
from tests.e2e.calling import Site
from tests.e2e.calling import all_arrive
from tests.e2e.calling import bar
from tests.e2e.calling import button
from tests.e2e.calling import caller
from tests.e2e.calling import flows
from tests.e2e.calling import hangs_up
from tests.e2e.calling import ring
from tests.e2e.calling import screen
from tests.e2e.calling import site_with_janus
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import Guest
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.kit.processes import wait_for

pytestmark = [pytest.mark.e2e, needs_janus, at_a_desk]

_PEOPLE_S = 90
"""Five pages of one small machine, each of which sends one picture and shows four."""

# Five cameras in a machine of two cores: small pictures, as every one of them is made once and shown four times.
_SMALL = """
const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (given) =>
  asked({ ...given, ...(given.video && { video: { width: 160, height: 90, frameRate: 10 } }) });
"""

# A screen of 1080 lines with text on it that changes: what a page shares, as far as its connections can tell.
_SCREEN = """
navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1920, 1080];
  const pen = canvas.getContext("2d");
  let count = 0;
  const draw = () => {
    pen.fillStyle = "white";
    pen.fillRect(0, 0, 1920, 1080);
    pen.fillStyle = "black";
    pen.font = "16px monospace";
    for (let line = 0; line < 48; line += 1) pen.fillText(`${line} The quick brown fox jumps`, 40, 40 + line * 20);
    pen.fillRect(1800 + (count++ % 20), 1000, 40, 40);
  };
  draw();
  setInterval(draw, 200);
  window.shared = canvas;
  return canvas.captureStream(5);
};
"""

# What of the text arrives: the difference of two pictures of the same place, and of the sent one and a blurred one.
_LEGIBLE = """
async ({ label, sent }) => {
  const video = [...document.querySelectorAll("video")].find((one) => one.getAttribute("aria-label") === label);
  const pixels = (source) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [600, 200];
    const pen = canvas.getContext("2d");
    pen.drawImage(source, 40, 20, 600, 200, 0, 0, 600, 200);
    return [...pen.getImageData(0, 0, 600, 200).data].filter((_, at) => at % 4 === 0);
  };
  if (!video || video.videoHeight !== 1080) return { height: video?.videoHeight ?? 0, likeness: 0 };
  const [a, b] = [pixels(video), sent];
  const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    ab += (a[at] - ma) * (b[at] - mb);
    aa += (a[at] - ma) ** 2;
    bb += (b[at] - mb) ** 2;
  }
  return { height: video.videoHeight, likeness: aa && bb ? ab / Math.sqrt(aa * bb) : 0 };
}
"""
_SENT = """
() => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [600, 200];
  const pen = canvas.getContext("2d");
  pen.drawImage(window.shared, 40, 20, 600, 200, 0, 0, 600, 200);
  return [...pen.getImageData(0, 0, 600, 200).data].filter((_, at) => at % 4 === 0);
}
"""
# The lines to the media server's door, and what begins a session there.
_DOORS = """
window.doors = [];
const Line = window.WebSocket;
window.WebSocket = class extends Line {
  said = [];
  constructor(...given) {
    super(...given);
    if (String(given[0]).includes("/sfu")) window.doors.push(this);
  }
  send(text) {
    super.send(text);
    const { janus } = JSON.parse(text);
    if (["create", "claim"].includes(janus)) this.said.push(janus);
  }
};
"""
_SAID = "window.doors.flatMap(({ said }) => said)"
_LIKENESS = 0.9
"""Of letters of 16 pixels: the same text at 540 lines and back has 0.85, at 360 lines 0.78."""


@pytest.fixture(scope="module")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_with_janus(tmp_path_factory) as site:
        yield site


@dataclass(frozen=True, slots=True)
class Room:
    """A group whose call goes through the media server: the first two in browsers, three who only listen."""

    alice: Guest
    bob: Guest
    hers: Page
    his: Page


@pytest.fixture
def room(equipped: Site, open_browser: OpenBrowser, request: pytest.FixtureRequest) -> Room:
    alice, bob, *others = (guest(equipped.server, name) for name in ("alice", "bob", "c", "d", "e"))
    talk = group(alice, "Five", bob, *others)
    pages = [open_browser(equipped.server.url) for _ in range(2)]
    if script := getattr(request, "param", ""):
        for page in pages:
            page.add_init_script(script)
    hers, his = caller(pages[0], alice, talk), caller(pages[1], bob, talk)
    button(hers, "Call").click()
    expect(ring(his)).to_be_visible()
    (call_id,) = (one["id"] for one in alice.call("GET", "/calls/live")["results"])
    for number, person in enumerate(others):
        person.call("POST", f"/calls/{call_id}/answer", {"device_key": f"d{number}", "audio_on": False})
    button(his, "Join").click()
    for page in pages:
        expect(screen(page).get_by_text("Media server", exact=True)).to_be_visible(timeout=30_000)
        flows(page)
    return Room(alice, bob, hers, his)


@pytest.mark.timeout(300)
def test_five_people_all_hear_and_see_each_other(equipped: Site, open_browser: OpenBrowser) -> None:
    people = [guest(equipped.server, name) for name in ("alice", "bob", "carol", "dave", "erin")]
    talk = group(people[0], "Five", *people[1:])
    pages = [open_browser(equipped.server.url) for _ in people]
    for page, person in zip(pages, people, strict=True):
        page.add_init_script(_SMALL)
        caller(page, person, talk)
    first, second, *later = pages
    button(first, "Video call").click()
    button(second, "Answer with video").click()
    flows(first, video=True)
    for page in later:
        expect(bar(page)).to_contain_text("A call is under way")
        button(page, "Join with video").click()
    for page in pages:
        expect(screen(page).get_by_text("Media server", exact=True)).to_be_visible(timeout=_PEOPLE_S * 1000)
    for page in pages:
        all_arrive(page, sounds=4, pictures=4, seconds=_PEOPLE_S)
    (call,) = people[0].call("GET", "/calls/live")["results"]
    assert (call["transport"], call["provider"], call["status"]) == ("sfu", "janus", "active")
    assert sum(one["leg"] is not None for one in call["participants"]) == 5
    # Who leaves is gone for the others, and they go on.
    hangs_up(first)
    for page in pages[1:]:
        all_arrive(page, sounds=3, pictures=3, seconds=_PEOPLE_S)
    for page in pages[1:]:
        hangs_up(page)


@pytest.mark.parametrize("room", [_SCREEN], indirect=True, ids=["1080 lines"])
def test_text_on_a_shared_screen_can_be_read_by_the_other(room: Room) -> None:
    button(room.hers, "Share the screen").click()
    label = f"Screen of {room.alice.name}"
    expect(room.his.get_by_label(label)).to_be_visible()
    sent = room.hers.evaluate(_SENT)
    found: dict[str, float] = {}

    def is_legible() -> bool:
        found.update(room.his.evaluate(_LEGIBLE, {"label": label, "sent": sent}))
        return found["height"] == 1080 and found["likeness"] > _LIKENESS

    wait_for(is_legible, lambda: str(found), _PEOPLE_S)
    # The sound went on, and with the sharing the picture ends.
    all_arrive(room.his, sounds=1, pictures=1)
    button(room.hers, "Stop sharing the screen").click()
    expect(room.his.get_by_label(label)).to_have_count(0)
    hangs_up(room.hers)
    hangs_up(room.his)


@pytest.mark.parametrize("room", [_DOORS], indirect=True, ids=["doors"])
def test_the_browsers_own_screen_goes_through_the_media_server_though_its_door_breaks(room: Room) -> None:
    """As Chromium gives it where nobody can choose: its own picture of a screen."""
    button(room.hers, "Share the screen").click()
    expect(room.his.get_by_label(f"Screen of {room.alice.name}")).to_be_visible()
    all_arrive(room.his, sounds=1, pictures=1)
    # What they say goes past the door: through the next one the place behind it is claimed, and nothing is set up anew.
    for page in (room.hers, room.his):
        page.evaluate("window.doors.at(-1).close()")
    for page in (room.hers, room.his):
        wait_for(partial(_has_come_back, page), "No place is claimed.", 30)
        assert page.evaluate(_SAID) == ["create", "claim"]
    all_arrive(room.his, sounds=1, pictures=1)
    all_arrive(room.hers, sounds=1, pictures=0)
    hangs_up(room.hers)
    hangs_up(room.his)


def _has_come_back(page: Page) -> bool:
    said: list[str] = page.evaluate(_SAID)
    return len(said) > 1
