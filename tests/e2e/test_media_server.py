"""Sound and pictures of real browsers through a real Janus, by the door alone: no library, no secret in the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page

from calls.tests.media_peers import janus
from calls.tests.media_peers import needs_janus
from tests.e2e.talking import Guest
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.kit.processes import wait_for
from tests.kit.servers import Server
from tests.kit.servers import serving

pytestmark = [pytest.mark.e2e, needs_janus]

# A device as small as it can be: publish what one has, follow who is there, count what arrives.
_ENTER = """
async (url) => {
  const me = (window.me = { next: 0, waiting: new Map(), feeds: new Set(), closed: 0, secrets: [] });
  const socket = new WebSocket(location.origin.replace("http", "ws") + url, "janus-protocol");
  await new Promise((open, fail) => { socket.onopen = open; socket.onerror = fail; });
  socket.onclose = (event) => { me.closed = event.code; };
  const ask = (frame) => {
    const transaction = `t${++me.next}`;
    socket.send(JSON.stringify({ ...frame, transaction, ...(me.session && { session_id: me.session }) }));
    return new Promise((answer, fail) => me.waiting.set(transaction, { answer, fail }));
  };
  const say = (handle_id, body, jsep) => ask({ janus: "message", handle_id, body, ...(jsep && { jsep }) });
  const attach = async () => (await ask({ janus: "attach", plugin: "janus.plugin.videoroom" })).data.id;
  const connection = (handle_id) => {
    const made = new RTCPeerConnection();
    made.onicecandidate = ({ candidate }) =>
      ask({ janus: "trickle", handle_id, candidate: candidate ?? { completed: true } });
    return made;
  };
  const take = async (jsep) => {
    await me.down.setRemoteDescription(jsep);
    await me.down.setLocalDescription();
    await say(me.sub, { request: "start" }, me.down.localDescription);
  };
  const follow = async (publishers) => {
    const streams = publishers.filter(({ id }) => !me.feeds.has(id)).map(({ id }) => ({ feed: id }));
    if (streams.length === 0) return;
    for (const { feed } of streams) me.feeds.add(feed);
    if (!me.down) { me.sub = await attach(); me.down = connection(me.sub); me.down.ontrack = ({ track }) => {
      const element = document.createElement(track.kind);
      element.muted = true; element.autoplay = true; element.srcObject = new MediaStream([track]);
      document.body.append(element);
    }; await take((await say(me.sub, { request: "join", ptype: "subscriber", streams })).jsep); return; }
    const { jsep } = await say(me.sub, { request: "subscribe", streams });
    if (jsep) await take(jsep);
  };
  socket.onmessage = ({ data }) => {
    me.secrets.push(data);
    const frame = JSON.parse(data);
    const waiting = me.waiting.get(frame.transaction);
    if (waiting && frame.janus !== "ack") {
      me.waiting.delete(frame.transaction);
      const failed = frame.error ?? frame.plugindata?.data.error;
      failed ? waiting.fail(new Error(JSON.stringify(frame))) : waiting.answer(frame);
    } else if (frame.plugindata?.data.publishers) {
      me.chain = (me.chain ?? Promise.resolve()).then(() => follow(frame.plugindata.data.publishers));
    }
  };
  me.session = (await ask({ janus: "create" })).data.id;
  const main = await attach();
  const joined = await say(main, { request: "join", ptype: "publisher" });
  const local = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 160, height: 90 } });
  me.up = connection(main);
  for (const track of local.getTracks()) me.up.addTrack(track, local);
  await me.up.setLocalDescription();
  const { jsep } = await say(main, { request: "publish" }, me.up.localDescription);
  await me.up.setRemoteDescription(jsep);
  me.chain = (me.chain ?? Promise.resolve()).then(() => follow(joined.plugindata.data.publishers ?? []));
}
"""
_ARRIVED = """
async () => {
  const sum = { audio: 0, frames: 0 };
  for (const one of (await window.me.down?.getStats())?.values() ?? []) {
    if (one.type !== "inbound-rtp") continue;
    if (one.kind === "audio") sum.audio += one.packetsReceived;
    else sum.frames += one.framesDecoded;
  }
  return sum;
}
"""


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with a Janus."""
    with janus(tmp_path_factory.mktemp("janus")) as media:
        given = {
            "JANUS_URL": media.url,
            "JANUS_ADMIN_URL": media.admin_url,
            "JANUS_TOKEN_SECRET": media.token_secret,
            "JANUS_ADMIN_SECRET": media.admin_secret,
            "JANUS_ROOM_KEY": media.room_key,
            "CALL_MINUTES_LIMITED": "false",
            "RATE_LIMIT_ENABLED": "false",
        }
        with serving(tmp_path_factory.mktemp("talkative"), **given) as site:
            yield site


@pytest.fixture
def pages(browser: Browser, talkative: Server) -> Iterator[list[Page]]:
    """Two browsers of two people."""
    contexts = [browser.new_context() for _ in range(2)]
    for context in contexts:
        context.grant_permissions(["microphone", "camera"], origin=talkative.url)
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(talkative.url)
    yield pages
    for context in contexts:
        context.close()


def _way_in(person: Guest, call_id: str, leg_id: str) -> str:
    given = person.call("POST", f"/calls/{call_id}/sfu", {"leg_id": leg_id})
    assert (given["provider"], given["token"]) == ("janus", None)
    return str(given["url"])


def _arrived(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(_ARRIVED)
    return found


def test_two_browsers_hear_and_see_each_other_until_one_is_thrown_out(talkative: Server, pages: list[Page]) -> None:
    people = [guest(talkative, f"caller{number}") for number in range(5)]
    owner, *others = people
    conversation = group(owner, "Five", *others)
    begun = owner.call(
        "POST", "/calls/initiate", {"conversation_id": conversation, "call_type": "video", "device_key": "d0"}
    )
    call_id = begun["call"]["id"]
    legs = [begun["leg"]["id"]]
    for number, person in enumerate(others, 1):
        came = person.call("POST", f"/calls/{call_id}/answer", {"device_key": f"d{number}"})
        legs.append(came["leg"]["id"])
    assert owner.call("GET", f"/calls/{call_id}/status")["transport"] == "sfu"
    for person, leg, page in zip(people, legs, pages, strict=False):
        page.evaluate(_ENTER, _way_in(person, call_id, leg))

    def both_hear_and_see() -> bool:
        return all(found["audio"] > 50 and found["frames"] > 10 for found in map(_arrived, pages))

    wait_for(both_hear_and_see, lambda: str([_arrived(page) for page in pages]))
    said = " ".join(text for page in pages for text in page.evaluate("() => window.me.secrets"))
    assert "janus.plugin.videoroom," not in said  # how a token begins, behind its time

    staying, out = pages
    owner.call("DELETE", f"/messenger/conversations/{conversation}/participants/{others[0].id}")
    wait_for(lambda: out.evaluate("() => window.me.closed") == 4003, "the door stayed open")

    def is_silent() -> bool:
        before = _arrived(out)
        out.wait_for_timeout(300)
        return _arrived(out) == before

    wait_for(is_silent, "whoever was thrown out hears on")
    assert staying.evaluate("() => window.me.closed") == 0
