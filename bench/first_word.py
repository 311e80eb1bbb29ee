"""The requests that stand between opening a conversation and its first word, one after another.

    python -m bench.first_word [--rounds 3] [--lag 250]

A real server behind a proxy that makes each request take its time, and Chromium in front of it. Two ways in turns:

* ``now``: the page as it is.
* ``before``: the same page without what was put into it to save round trips: no configuration in it, no preloading of
  the parts of its script, nobody known until the server has said who it is, and no service worker.

Each is opened cold (a session, and nothing else of the site in the browser) and warm (it was open before). Counted is
the longest chain of requests of which each was asked for when the one before it had been answered, up to the first word
on the screen. What came out of the browser itself counts nothing, and waiting for a free connection is no link of it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import tempfile
import uuid
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright

from bench.harness import median_and_spread
from bench.harness import set_up
from tests import environment
from tests.kit import databases
from tests.kit.front import Front
from tests.kit.front import fronting
from tests.kit.http import request
from tests.kit.servers import serving

WORD = "seam-of-gold"
PASSWORD = "Lotus-delta-17"
WAYS, VISITS = ("before", "now"), ("cold", "warm")
PATIENCE_MS = 60_000

_SAVERS = re.compile(
    rb'<link[^>]+rel="modulepreload"[^>]*>|<script id="config"[^>]*>.*?</script>', re.IGNORECASE | re.DOTALL
)
# The profile by which a page begins as whoever was here last.
_NOBODY_KNOWN = "localStorage.removeItem('kintsugi.profile')"
_WATCH = """
performance.setResourceTimingBufferSize(2000);
new MutationObserver((_, watching) => {
  if (![...document.querySelectorAll("[data-bubble]")].some((one) => one.textContent.includes("WORD"))) return;
  watching.disconnect();
  window.firstWord = performance.now();
}).observe(document, { childList: true, subtree: true, characterData: true });
""".replace("WORD", WORD)
_ASKED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
  ({ name, startTime, responseEnd }) => ({ path: new URL(name).pathname, begun: startTime, ended: responseEnd }))"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One opening of the conversation."""

    chain: tuple[str, ...]
    """What was asked for, in turn."""
    requests: int
    """All that went over the network until then."""
    milliseconds: float


def without_savers(answer: bytes) -> bytes:
    """The client's page without them, as long as it was."""
    return _SAVERS.sub(lambda found: b" " * len(found[0]), answer)


def longest_chain(asked: Sequence[dict[str, Any]], word: float) -> tuple[str, ...]:
    """Of requests that were answered before the word stood there."""
    chains: list[tuple[float, tuple[str, ...]]] = []
    for one in sorted(asked, key=lambda entry: entry["begun"]):
        if one["ended"] > word or one["ended"] == 0:
            continue
        before = max((chain for ended, chain in chains if ended <= one["begun"]), key=len, default=())
        chains.append((one["ended"], (*before, one["path"])))
    return max((chain for _, chain in chains), key=len, default=())


def visit(page: Page, front: Front, path: str) -> Visit:
    """Open the conversation and wait for its first word."""
    front.asked.clear()
    page.goto(path, wait_until="commit")
    page.wait_for_function("() => window.firstWord !== undefined", timeout=PATIENCE_MS)
    word: float = page.evaluate("window.firstWord")
    through = {one.path for one in front.asked}
    asked = [one for one in page.evaluate(_ASKED) if one["path"] in through]
    page.wait_for_load_state("networkidle")
    requests = sum(one["ended"] <= word for one in asked)
    return Visit(longest_chain(asked, word), requests, word)


def talk(front: Front) -> tuple[str, str]:
    """Somebody's name, and the address of a conversation in which the word stands."""
    names = [f"{name}-{uuid.uuid4().hex[:8]}" for name in ("alice", "bob")]
    grants = [
        request(
            "POST",
            f"{front.url}/api/auth/register",
            {"username": name, "email": f"{name}@example.org", "password": PASSWORD},
        ).good()
        for name in names
    ]
    token = grants[0]["access_token"]
    body = {"type": "direct", "participant_ids": [grants[1]["user"]["id"]]}
    room = request("POST", f"{front.url}/api/messenger/conversations", body, token=token).good()["id"]
    address = f"{front.url}/api/messenger/conversations/{room}/messages"
    request("POST", address, {"content": WORD, "client_id": "first-word"}, token=token).good()
    return names[0], f"/app/messages/{room}"


def signed_in(browser: Browser, front: Front, name: str) -> Any:
    """What a browser keeps of a session: its cookie and its mark, and no more."""
    context = browser.new_context(base_url=front.url, service_workers="block")
    page = context.new_page()
    page.goto("/app/login")
    page.get_by_label("E-mail or username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/app/chat**", timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def browsing(browser: Browser, front: Front, name: str, way: str) -> Iterator[BrowserContext]:
    """A browser in which somebody is signed in, and nothing else is."""
    lag, front.lag, front.change_page = front.lag, 0.0, None
    state = signed_in(browser, front, name)
    front.lag, front.change_page = lag, without_savers if way == "before" else None
    context = browser.new_context(
        base_url=front.url, storage_state=state, service_workers="block" if way == "before" else "allow"
    )
    context.set_default_timeout(PATIENCE_MS)
    if way == "before":
        context.add_init_script(_NOBODY_KNOWN)
    context.add_init_script(_WATCH)
    yield context
    context.close()


def both_visits(browser: Browser, front: Front, way: str) -> dict[str, Visit]:
    """Cold, then warm."""
    name, path = talk(front)
    with browsing(browser, front, name, way) as context:
        page = context.new_page()
        cold = visit(page, front, path)
        if way == "now":
            page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=PATIENCE_MS)
            page.wait_for_load_state("networkidle")
        page.close()
        return {"cold": cold, "warm": visit(context.new_page(), front, path)}


def report(found: dict[tuple[str, str], list[Visit]]) -> None:
    for kind in VISITS:
        for way in WAYS:
            visits = found[way, kind]
            trips = [len(one.chain) for one in visits]
            times = median_and_spread([one.milliseconds for one in visits], 0)
            requests = statistics.median(one.requests for one in visits)
            print(f"{kind} {way:6}  round trips {median_and_spread(trips, 0)}  requests {requests:.0f}  {times} ms")
            print("    " + " → ".join(Path(step).name for step in visits[-1].chain))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lag", type=int, default=250, help="milliseconds of each request")
    options = parser.parse_args()
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    found: dict[tuple[str, str], list[Visit]] = {(way, kind): [] for way in WAYS for kind in VISITS}
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), RATE_LIMIT_ENABLED="false") as server,
        fronting(server.port) as front,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        print(f"{set_up('django')} · Chromium {browser.version} · {options.lag} ms a request")
        for _ in range(options.rounds):
            for way in WAYS:
                front.lag = options.lag / 1000
                for kind, one in both_visits(browser, front, way).items():
                    found[way, kind].append(one)
        browser.close()
    if environment.BEGAN_THE_RUN:
        databases.forget_template()
    report(found)


if __name__ == "__main__":
    main()
