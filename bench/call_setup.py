"""From the press on "Answer" until the first sound is decoded, beside a page that does the same with nothing around it.

    python -m bench.call_setup [--calls 30]

Two signed-in pages of the built client call each other, and two bare ones: a WebSocket that hands everything on, one
connection, an offer with candidates as they are found. Both ask for the microphone after the press, as the product
does: whoever answers makes the others fall silent first. In turns, in one browser, on devices that Chromium plays.
Sound counts as decoded when samples were received that were not made up.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import threading
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from aiohttp import WSMsgType
from aiohttp import web
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import expect
from playwright.sync_api import sync_playwright

from bench.harness import set_up
from tests.e2e.calling import button
from tests.e2e.calling import caller
from tests.e2e.calling import hangs_up
from tests.e2e.calling import screen
from tests.e2e.conftest import launched
from tests.e2e.conftest import whole_chromium
from tests.e2e.talking import direct
from tests.e2e.talking import guest
from tests.kit.processes import free_port
from tests.kit.servers import serving

MOST_RATIO, MOST_MORE_MS = 1.3, 300
_PATIENCE_MS = 30_000

# Begins with the press and ends with the first sample of a connection that was not there before.
_MEASURE = """
window.connections ??= [];
window.measure = (press) => {
  const known = new Set(window.connections);
  const begun = performance.now();
  press();
  return new Promise((done, fail) => {
    const look = async () => {
      if (performance.now() - begun > 30000) return fail(new Error("no sound came"));
      for (const connection of window.connections) {
        if (known.has(connection) || connection.connectionState === "closed") continue;
        for (const stat of (await connection.getStats()).values()) {
          if (stat.type !== "inbound-rtp" || stat.kind !== "audio") continue;
          if ((stat.totalSamplesReceived ?? 0) > (stat.concealedSamples ?? 0)) return done(performance.now() - begun);
        }
      }
      setTimeout(look, 5);
    };
    void look();
  });
};
"""
_PRESS = """() => window.measure(() => [...document.querySelectorAll("[role=alertdialog] button")]
  .find((one) => one.textContent.trim() === "Answer").click())"""

_BARE = """<!doctype html><title>Bare</title><script>
const socket = new WebSocket(location.href.replace("http", "ws") + "ws");
const tell = (said) => socket.send(JSON.stringify(said));
window.connections = [];
let local, connection, early;
const connect = async () => {
  local = await navigator.mediaDevices.getUserMedia({ audio: true });
  connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  window.connections.push(connection);
  early = [];
  connection.onicecandidate = ({ candidate }) => candidate && tell({ candidate });
  connection.ontrack = ({ track }) => {
    const player = document.createElement("audio");
    player.srcObject = new MediaStream([track]);
    document.body.append(player);
    void player.play();
  };
  for (const track of local.getTracks()) connection.addTrack(track, local);
};
const end = () => {
  for (const track of local?.getTracks() ?? []) track.stop();
  connection?.close();
  document.body.replaceChildren();
};
window.ready = connect;
window.answer = async () => { tell({ answered: true }); await (window.opening = connect()); };
window.over = () => { tell({ over: true }); end(); };
const heed = async ({ answered, over, candidate, description }) => {
  if (over) return end();
  if (answered) { await connection.setLocalDescription(); return tell({ description: connection.localDescription }); }
  await window.opening;
  if (candidate && connection.remoteDescription === null) return early.push(candidate); // It may overtake its offer.
  if (candidate) return connection.addIceCandidate(candidate);
  await connection.setRemoteDescription(description);
  for (const one of early.splice(0)) await connection.addIceCandidate(one);
  if (description.type !== "offer") return;
  await connection.setLocalDescription();
  tell({ description: connection.localDescription });
};
let work = Promise.resolve();
// What was said before the end may be heard after it, and finds its connection closed.
socket.onmessage = ({ data }) => { work = work.then(() => heed(JSON.parse(data))).catch(console.error); };
</script><body></body>"""


class Relay:
    """The bare pages' server: what one says, the other hears."""

    def __init__(self) -> None:
        self._sockets: list[web.WebSocketResponse] = []
        self._loop = asyncio.new_event_loop()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Its address."""
        port, up = free_port(), threading.Event()

        async def start() -> None:
            app = web.Application()
            app.router.add_get("/", self._page)
            app.router.add_get("/ws", self._socket)
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            up.set()

        def run() -> None:
            self._loop.create_task(start())
            self._loop.run_forever()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        up.wait(10)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(5)

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(text=_BARE, content_type="text/html")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                for other in self._sockets:
                    if other is not socket and not other.closed:
                        await other.send_str(frame.data)
        return socket


def _of_the_product(hers: Page, his: Page) -> float:
    """Milliseconds; the call is over when this returns."""
    button(hers, "Call").first.click()
    expect(button(his, "Answer")).to_be_visible()
    taken: float = his.evaluate(_PRESS)
    hangs_up(hers)
    expect(screen(his)).to_have_count(0)
    return taken


def _of_a_bare_page(hers: Page, his: Page) -> float:
    hers.evaluate("window.ready()")
    taken: float = his.evaluate("() => window.measure(() => window.answer())")
    hers.evaluate("window.over()")
    return taken


def _pages(browser: Browser, address: str, count: int = 2) -> list[Page]:
    pages = []
    for _ in range(count):
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.set_default_timeout(_PATIENCE_MS)
        context.grant_permissions(["microphone"], origin=address.rstrip("/"))
        context.add_init_script(_MEASURE)
        pages.append(context.new_page())
    return pages


def _shown(times: Sequence[float]) -> tuple[float, float]:
    """The median and what nineteen of twenty stay below."""
    return statistics.median(times), statistics.quantiles(times, n=20, method="inclusive")[-1]


def _measure(calls: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), DJANGO_SETTINGS_MODULE="kintsugi.settings", RATE_LIMIT_ENABLED="false") as site,
        Relay().running() as bare,
        sync_playwright() as playwright,
        launched(playwright, os.environ.get("HEADLESS_SHELL") or whole_chromium()) as browser,
    ):
        alice, bob = guest(site, "alice"), guest(site, "bob")
        talk = direct(alice, bob)
        hers, his = _pages(browser, site.url)
        caller(hers, alice, talk)
        caller(his, bob, talk)
        others = _pages(browser, bare)
        for page in others:
            page.goto("/")
        print(set_up("playwright"), f"· Chromium {browser.version} · {calls} calls each, after two to warm up")
        print(f"  on {os.cpu_count()} cores, wanted before by {os.getloadavg()[0]:.1f}", end=", ", flush=True)
        turns = [(_of_the_product(hers, his), _of_a_bare_page(*others)) for _ in range(calls + 2)][2:]
        print(f"after by {os.getloadavg()[0]:.1f} processes")
    ours, theirs = ([turn[at] for turn in turns] for at in (0, 1))
    for name, times in (("product", ours), ("bare", theirs)):
        print(f"  {name:8} p50 {_shown(times)[0]:6.0f} ms   p95 {_shown(times)[1]:6.0f} ms")
    for name, our, their in zip(("p50", "p95"), _shown(ours), _shown(theirs), strict=True):
        ratio, more = our / their, our - their
        held = (
            f"goal {MOST_RATIO} ×: {'yes' if ratio <= MOST_RATIO else 'no'}",
            f"{MOST_MORE_MS} ms: {'yes' if more <= MOST_MORE_MS else 'no'}",
        )
        print(f"  {name}: {ratio:.2f} × and {more:+.0f} ms ({', '.join(held)})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=30)
    _measure(parser.parse_args().calls)


if __name__ == "__main__":
    main()
