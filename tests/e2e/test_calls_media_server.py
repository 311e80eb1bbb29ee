"""Calls on the product's own screens through a real Janus: for want of another way, and back when it is gone."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect
from websockets.sync.client import connect

from calls.tests.media_peers import needs_janus
from tests.e2e.calling import Site
from tests.e2e.calling import button
from tests.e2e.calling import caller
from tests.e2e.calling import flows
from tests.e2e.calling import hangs_up
from tests.e2e.calling import ring
from tests.e2e.calling import screen
from tests.e2e.calling import site_with_janus
from tests.e2e.calling import talking
from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import Guest
from tests.e2e.talking import direct
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.kit.processes import wait_for

pytestmark = [pytest.mark.e2e, needs_janus, at_a_desk]

_MOST_SILENCE_MS = 1_000
_COUNT = itertools.count(1)

# What a firewall between two networks does to them: no candidate of the other device arrives. Janus's is let through.
_CUT_OFF = """
const remote = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (given) {
  const isServer = given.sdp.includes("s=VideoRoom");
  const sdp = isServer ? given.sdp : given.sdp.replace(/a=candidate:.*\\r\\n/g, "");
  return remote.call(this, { type: given.type, sdp });
};
RTCPeerConnection.prototype.addIceCandidate = () => Promise.resolve();
"""

# The longest time without new sound in what the player of the other leg plays, whichever connection it comes by.
_LISTEN = """
() => {
  const heard = (window.heard = { longest: 0, looks: 0, tracks: new Set(), isOver: false });
  const last = new Map();
  let since = performance.now();
  const look = async () => {
    const player = document.querySelector("audio[data-leg]");
    const played = player?.srcObject?.getAudioTracks()[0];
    for (const connection of window.connections) {
      if (connection.connectionState === "closed") continue;
      for (const { track } of connection.getReceivers()) {
        if (track.kind !== "audio") continue;
        for (const stat of (await connection.getStats(track)).values()) {
          if (stat.type !== "inbound-rtp") continue;
          const decoded = (stat.totalSamplesReceived ?? 0) - (stat.concealedSamples ?? 0);
          const grew = decoded > (last.get(track.id) ?? decoded);
          last.set(track.id, decoded);
          if (track !== played) continue;
          heard.tracks.add(track.id);
          if (!grew) continue;
          heard.longest = Math.max(heard.longest, performance.now() - since);
          since = performance.now();
        }
      }
    }
    heard.looks += 1;
    if (heard.isOver) heard.longest = Math.max(heard.longest, performance.now() - since);
    else setTimeout(look, 20);
  };
  void look();
}
"""
_LISTENED = """
() => {
  window.heard.isOver = true;
  return { longest: window.heard.longest, looks: window.heard.looks, tracks: window.heard.tracks.size };
}
"""


@pytest.fixture(scope="module")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_with_janus(tmp_path_factory) as site:
        yield site


@dataclass(frozen=True, slots=True)
class Two:
    """Two people, each in a browser of their own, in their conversation."""

    alice: Guest
    bob: Guest
    hers: Page
    his: Page

    def call(self) -> dict[str, Any]:
        found: dict[str, Any] = self.alice.call("GET", "/calls/live")["results"][0]
        return found

    def goes_through(self, transport: str) -> None:
        wait_for(lambda: self.call()["transport"] == transport, lambda: str(self.call()), 40)

    def say_that_nothing_is_heard(self) -> None:
        """Both ask for another way, as their devices would, until the call takes it.

        Their pages do hear each other: the sign of life of one that comes between the two requests takes the first one
        back. Devices ask again as well.
        """
        call = self.call()
        with contextlib.ExitStack() as stack:
            asks = [stack.enter_context(_asking(who, call)) for who in (self.alice, self.bob)]
            wait_for(lambda: [ask() for ask in asks][-1] == "sfu", lambda: str(self.call()), 20)


@pytest.fixture
def two(equipped: Site, open_browser: OpenBrowser, request: pytest.FixtureRequest) -> Two:
    alice, bob = guest(equipped.server, "alice"), guest(equipped.server, "bob")
    room = direct(alice, bob)
    pages = [open_browser(equipped.server.url) for _ in range(2)]
    for page in pages:
        if script := getattr(request, "param", ""):
            page.add_init_script(script)
    return Two(alice, bob, caller(pages[0], alice, room), caller(pages[1], bob, room))


@pytest.mark.parametrize("two", [_CUT_OFF], indirect=True, ids=["cut off"])
def test_without_a_way_between_them_two_talk_through_the_media_server(two: Two) -> None:
    button(two.hers, "Video call").click()
    button(two.his, "Answer with video").click()
    two.goes_through("sfu")
    for page in (two.hers, two.his):
        flows(page, video=True)
        expect(screen(page).get_by_text("Media server", exact=True)).to_be_visible()
    call = two.call()
    assert (call["generation"], call["provider"], call["notice"]) == (2, "janus", None)
    wait_for(lambda: two.call()["status"] == "active", lambda: str(two.call()))
    hangs_up(two.hers)
    expect(screen(two.his)).to_have_count(0)


def test_a_call_that_moves_to_the_media_server_is_heard_all_the_while(two: Two) -> None:
    talking(two.hers, two.his)
    pages = (two.hers, two.his)
    for page in pages:
        page.evaluate(_LISTEN)
    two.say_that_nothing_is_heard()
    two.goes_through("sfu")
    for page in pages:
        expect(screen(page).get_by_text("Media server", exact=True)).to_be_visible(timeout=30_000)
        flows(page, anew=True)
        # The connection between the devices is given up in the end.
        wait_for(partial(_has_two_connections, page), "The connection between the devices stays open.", 30)
    heard = [page.evaluate(_LISTENED) for page in pages]
    for one in heard:
        assert one["tracks"] == 2, heard
        assert one["looks"] > 20, heard
        assert one["longest"] < _MOST_SILENCE_MS, heard
    print("longest silence, ms:", [round(one["longest"]) for one in heard])
    hangs_up(two.his)


def test_when_the_media_server_dies_the_talk_goes_on(two: Two, equipped: Site, complaints: Complaints) -> None:
    complaints.expect("WebSocket connection|the server responded with a status of (409|503)")
    talking(two.hers, two.his)
    two.say_that_nothing_is_heard()
    for page in (two.hers, two.his):
        expect(screen(page).get_by_text("Media server", exact=True)).to_be_visible(timeout=30_000)
        flows(page, anew=True)
        # The move is over: until then they hear each other by the old way, and miss nothing.
        wait_for(partial(_has_two_connections, page), "The connection between the devices stays open.", 30)
    equipped.janus.kill()
    began = time.monotonic()
    try:
        two.goes_through("p2p")
        for page in (two.hers, two.his):
            expect(screen(page).get_by_text("Direct", exact=True)).to_be_visible(timeout=30_000)
            flows(page, anew=True)
            expect(screen(page)).to_contain_text("The media server does not answer; you talk directly.")
    finally:
        equipped.janus.start()
    assert time.monotonic() - began < 60
    hangs_up(two.hers)


def test_a_small_tile_is_sent_the_small_picture(equipped: Site, open_browser: OpenBrowser) -> None:
    alice, *present, bob = (guest(equipped.server, name) for name in ("alice", "c", "d", "e", "f", "bob"))
    room = group(alice, "Six", *present, bob)
    pages = [open_browser(equipped.server.url) for _ in range(2)]
    hers, his = caller(pages[0], alice, room), caller(pages[1], bob, room)
    button(hers, "Video call").click()
    expect(ring(his)).to_be_visible()
    (call_id,) = (one["id"] for one in alice.call("GET", "/calls/live")["results"])
    for number, person in enumerate(present):  # who say nothing and show nothing
        person.call("POST", f"/calls/{call_id}/answer", {"device_key": f"d{number}", "audio_on": False})
    button(his, "Join with video").click()
    # She stands first, and large, as she is who speaks; he came last and muted.
    wait_for(lambda: _heights(his) == [360], lambda: f"he sees {_heights(his)}", 40)
    wait_for(lambda: _heights(hers) == [180], lambda: f"she sees {_heights(hers)}", 50)
    hangs_up(his)
    hangs_up(hers)


@contextlib.contextmanager
def _asking(who: Guest, call: dict[str, Any]) -> Iterator[Callable[[], str]]:
    """What asks for another way in the name of their device, and gives the one that the call takes then."""
    leg = next(one["leg"] for one in call["participants"] if one["user"]["id"] == who.id)
    payload = {"call_id": call["id"], "leg_id": leg["id"], "generation": call["generation"], "reason": "no_media"}
    with connect(f"{who.site.replace('http', 'ws')}/ws?token={who.token}") as socket:

        def ask() -> str:
            frame = {"type": "call.fallback", "id": f"f{next(_COUNT)}", "payload": payload}
            socket.send(json.dumps(frame))
            while (answer := json.loads(socket.recv(10))).get("id") != frame["id"]:
                pass
            assert answer["type"] == "ok", answer
            return str(answer["payload"]["call"]["transport"])

        yield ask


def _heights(page: Page) -> list[int]:
    """Of the pictures that arrive at the moment."""
    found: list[int] = page.evaluate(
        """async () => {
          const found = [];
          for (const connection of window.connections) {
            for (const one of (await connection.getStats()).values()) {
              const isPicture = one.type === "inbound-rtp" && one.kind === "video";
              if (isPicture && one.framesDecoded > 0) found.push(one.frameHeight);
            }
          }
          return found;
        }"""
    )
    return found


def _has_two_connections(page: Page) -> bool:
    """To the media server and from it."""
    count: int = page.evaluate("window.connections.filter((one) => one.connectionState !== 'closed').length")
    return count == 2
