"""Whoever hides their address is heard through the relay, and no other address of theirs leaves their device."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import WebSocket
from playwright.sync_api import expect

from calls.tests.media_peers import TURN_SECRET
from calls.tests.media_peers import coturn
from calls.tests.media_peers import needs_coturn
from tests.e2e.calling import button
from tests.e2e.calling import caller
from tests.e2e.calling import flows
from tests.e2e.calling import hangs_up
from tests.e2e.calling import screen
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import direct
from tests.e2e.talking import guest
from tests.kit.servers import Server
from tests.kit.servers import serving

pytestmark = [pytest.mark.e2e, needs_coturn]

_SELECTED = """async () => {
  const found = [];
  for (const connection of window.connections) {
    const stats = await connection.getStats();
    for (const stat of stats.values()) {
      if (stat.type !== "transport" || !stat.selectedCandidatePairId) continue;
      const pair = stats.get(stat.selectedCandidatePairId);
      const [near, far] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
      found.push({ near: near.candidateType, far: far.candidateType });
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with a relay."""
    with coturn(tmp_path_factory.mktemp("coturn")) as (address, port):
        given = {
            "TURN_URLS": f"turn:{address}:{port}?transport=udp",
            "TURN_SECRET": TURN_SECRET,
            "RATE_LIMIT_ENABLED": "false",
        }
        with serving(tmp_path_factory.mktemp("relayed"), **given) as site:
            yield site


class Wire:
    """What a page sends over its sockets."""

    def __init__(self, page: Page) -> None:
        self.frames: list[dict[str, Any]] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda text: self.frames.append(json.loads(text)))

    def candidates(self) -> list[str]:
        """Of every description and every later frame."""
        found = []
        for frame in self.frames:
            payload = frame.get("payload") or {}
            found += re.findall(r"candidate:[^\r\n]+", payload.get("sdp") or "")
            found += [one["candidate"] for one in payload.get("candidates") or [] if one and one["candidate"]]
        return found


@at_a_desk
def test_of_one_who_hides_their_address_only_the_relay_is_seen(relayed: Server, open_browser: OpenBrowser) -> None:
    alice, bob = guest(relayed, "alice"), guest(relayed, "bob")
    room = direct(alice, bob)
    alice.call("PUT", "/calls/settings", {"hide_address": "always", "ring": True})
    bob.call("PUT", "/calls/settings", {"hide_address": "never", "ring": True})
    pages = [open_browser(relayed.url) for _ in range(2)]
    hers_sent, his_sent = (Wire(page) for page in pages)
    hers, his = caller(pages[0], alice, room), caller(pages[1], bob, room)
    button(hers, "Video call").click()
    button(his, "Answer with video").click()
    for page in (hers, his):
        flows(page, video=True)
        expect(screen(page).get_by_text("Relayed", exact=True)).to_be_visible()
    sent = hers_sent.candidates()
    assert sent
    for candidate in sent:
        assert " typ relay " in candidate, sent
        # Where it is asked from is told nobody either.
        assert " raddr 0.0.0.0 " in candidate, sent
    # The looking is good for something: the other one hides nothing.
    assert any(" typ host" in candidate for candidate in his_sent.candidates())
    (used,) = hers.evaluate(_SELECTED)
    assert used["near"] == "relay"
    hangs_up(hers)
