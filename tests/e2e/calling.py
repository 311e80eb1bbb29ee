"""What people do in calls, as steps of a journey; what is heard and seen is asked of the browser's own statistics."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from calls.tests.media_peers import janus_process
from tests.e2e.talking import Guest
from tests.e2e.talking import enter
from tests.kit.processes import Process
from tests.kit.processes import wait_for
from tests.kit.servers import Server
from tests.kit.servers import serving

MEDIA_S = 30
"""How long sound and picture may take on a busy machine; a calm one needs a fraction of a second."""

_CONNECTIONS = """
window.connections = [];
const Original = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""

_RECEIVED = """async () => {
  const sums = [];
  for (const [id, connection] of window.connections.entries()) {
    if (connection.connectionState === "closed") continue;
    const sum = { id, audio: 0, frames: 0, energy: 0, state: connection.connectionState };
    for (const stat of (await connection.getStats()).values()) {
      if (stat.type !== "inbound-rtp") continue;
      if (stat.kind === "audio") { sum.audio += stat.packetsReceived; sum.energy += stat.totalAudioEnergy ?? 0; }
      else sum.frames += stat.framesDecoded ?? 0;
    }
    sums.push(sum);
  }
  return sums;
}"""


_STREAMS = """async () => {
  const streams = [];
  for (const connection of window.connections) {
    if (connection.connectionState === "closed") continue;
    for (const stat of (await connection.getStats()).values()) {
      if (stat.type !== "inbound-rtp") continue;
      const { kind, trackIdentifier: track, packetsReceived: packets } = stat;
      const { framesDecoded: frames = 0, frameHeight: height = 0 } = stat;
      streams.push({ kind, track, packets, frames, height });
    }
  }
  return streams;
}"""


@dataclass(frozen=True, slots=True)
class Site:
    """A site with a Janus of its own."""

    server: Server
    janus: Process


@contextlib.contextmanager
def site_with_janus(folders: pytest.TempPathFactory) -> Iterator[Site]:
    """Both as processes; calls may use it as long as they like."""
    with janus_process(folders.mktemp("janus")) as (media, process):
        given = {
            "JANUS_URL": media.url,
            "JANUS_ADMIN_URL": media.admin_url,
            "JANUS_TOKEN_SECRET": media.token_secret,
            "JANUS_ADMIN_SECRET": media.admin_secret,
            "JANUS_ROOM_KEY": media.room_key,
            "CALL_MINUTES_LIMITED": "false",
            "RATE_LIMIT_ENABLED": "false",
        }
        with serving(folders.mktemp("equipped"), **given) as server:
            yield Site(server, process)


def caller(page: Page, who: Guest, conversation_id: str = "") -> Page:
    """Sign in with a microphone and a camera, and go to a conversation; calls ring here when this returns."""
    page.context.grant_permissions(["microphone", "camera", "clipboard-read", "clipboard-write"])
    page.add_init_script(_CONNECTIONS)
    enter(page, who, conversation_id)
    expect(button(page, "Call")).to_be_enabled()
    return page


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def received(page: Page) -> list[dict[str, Any]]:
    """By connection: packets of sound, decoded pictures."""
    sums: list[dict[str, Any]] = page.evaluate(_RECEIVED)
    return sums


def flows(page: Page, *, others: int = 1, video: bool = False, anew: bool = False) -> None:
    """Wait until sound, and pictures, come from so many others; ``anew``: more than has come until now."""
    before = {one["id"]: one for one in received(page)} if anew else {}
    nothing = {"audio": 0, "frames": 0}
    found: list[dict[str, Any]] = []

    def is_flowing(one: dict[str, Any]) -> bool:
        had = before.get(one["id"], nothing)
        return bool(one["audio"] > had["audio"] + 20 and (not video or one["frames"] > had["frames"] + 5))

    def do_flow() -> bool:
        found[:] = received(page)
        return sum(map(is_flowing, found)) >= others

    wait_for(do_flow, lambda: f"Of {others} others nothing comes: {found}, before {before}.", MEDIA_S)


def streams(page: Page) -> list[dict[str, Any]]:
    """All that comes in, each with its kind, packets, decoded pictures and their height."""
    found: list[dict[str, Any]] = page.evaluate(_STREAMS)
    return found


def all_arrive(page: Page, *, sounds: int, pictures: int, seconds: float = MEDIA_S) -> None:
    """Wait until so many streams of sound, and of pictures, all go on at once: more comes of each than had come."""
    before = {one["track"]: one for one in streams(page)}
    nothing = {"packets": 0, "frames": 0}
    found: list[dict[str, Any]] = []

    def goes_on(one: dict[str, Any]) -> bool:
        had = before.get(one["track"], nothing)
        if one["kind"] == "audio":
            return bool(one["packets"] > had["packets"] + 20)
        return bool(one["frames"] > had["frames"] + 5)

    def do_arrive() -> bool:
        found[:] = streams(page)
        going = [one["kind"] for one in found if goes_on(one)]
        return going.count("audio") >= sounds and going.count("video") >= pictures

    wait_for(do_arrive, lambda: f"Of {sounds} sounds and {pictures} pictures: {found}, before {before}.", seconds)


def ring(page: Page) -> Locator:
    """The banner of a call that rings here."""
    return page.get_by_role("alertdialog")


def screen(page: Page) -> Locator:
    return page.get_by_role("region", name="Call with ")


def bar(page: Page) -> Locator:
    """The line in a conversation while a call is under way there."""
    return page.get_by_role("status").filter(has_text="in the call")


def talking(hers: Page, his: Page) -> None:
    """She calls, he answers, and each hears the other."""
    button(hers, "Call").click()
    button(his, "Answer").click()
    flows(hers)
    flows(his)


def calling(who: Guest) -> list[str]:
    """The devices that are in calls of theirs, as the server keeps them."""
    calls = who.call("GET", "/calls/live")["results"]
    return sorted(one["leg"]["id"] for call in calls for one in call["participants"] if one["leg"])


def hangs_up(page: Page) -> None:
    button(page, "Hang up").click()
    expect(screen(page)).to_have_count(0)
