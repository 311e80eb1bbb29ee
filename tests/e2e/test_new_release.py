"""A release is swapped for the next one while people are in the middle of something."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from kintsugi.config import BASE_DIR
from tests.e2e.calling import button
from tests.e2e.calling import caller
from tests.e2e.calling import flows
from tests.e2e.calling import hangs_up
from tests.e2e.calling import talking
from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import SLOW
from tests.e2e.steps import Person
from tests.e2e.steps import answers
from tests.e2e.steps import ask
from tests.e2e.steps import composer
from tests.e2e.steps import copied
from tests.e2e.steps import stop_button
from tests.e2e.steps import stored
from tests.e2e.steps import wait_for_words
from tests.e2e.talking import RETURN_MS
from tests.e2e.talking import Guest
from tests.e2e.talking import bubble
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import field
from tests.e2e.talking import guest
from tests.e2e.talking import row
from tests.e2e.talking import say
from tests.e2e.test_messenger_faults import LOST
from tests.e2e.test_offline import has_worker
from tests.kit.front import Front
from tests.kit.front import fronting
from tests.kit.redis import RedisServer
from tests.kit.releases import entry
from tests.kit.releases import next_release
from tests.kit.servers import Server
from tests.kit.servers import serving

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),  # an answer of a minute, and two servers
    at_a_desk,
    pytest.mark.skipif(not RedisServer.is_possible(), reason="needs redis-server, in which two servers meet"),
]

BUILT = BASE_DIR / "frontend" / "dist"
DRAFT = "and a thought for later"
SLOW_END_MS = 120_000
_LOOK_FOR_IT = """navigator.serviceWorker.getRegistration().then((of) => {
  window.rulerBefore = of.active;
  return of.update();
}).then(() => undefined)"""
# Not "controllerchange": that is told before the new worker has put its house in order.
_RULES_ANEW = """(patience) => new Promise((done, failed) => {
  const until = Date.now() + patience;
  const look = async () => {
    const { active } = await navigator.serviceWorker.getRegistration();
    if (active !== window.rulerBefore && active.state === "activated") done();
    else if (Date.now() > until) failed(new Error("The new release does not take over."));
    else setTimeout(look, 100);
  };
  look();
})"""
_KEEPS_THE_ONE_BEFORE = "slice(0,-1)"


@dataclass(frozen=True)
class House:
    """Two servers with one release each, and the proxy before them, which leads to the first."""

    front: Front
    old: Server
    new: Server
    release: str
    """The script of the page of the second."""

    def guest(self, name: str) -> Guest:
        return replace(guest(self.old, name), site=self.front.url)

    def swap(self) -> None:
        """What is asked from now on goes to the new release; what the old one is still doing, it ends."""
        self.front.target = self.new.port


@contextmanager
def _house(folder: Path, worker: Callable[[str], str] = str) -> Iterator[House]:
    built = next_release(BUILT, folder / "next", worker=worker)
    redis = RedisServer()
    with ExitStack() as stack:
        stack.enter_context(redis.running())
        # An answer of 270 words, a third of a second each: the swap happens within it.
        rules = {"RATE_LIMIT_ENABLED": "false", "DEMO_WORD_PACE": "30ms"}
        old = stack.enter_context(serving(folder, REDIS_URL=redis.url(), **rules))
        release = {"DJANGO_SETTINGS_MODULE": "tests.probe.settings_release", "CLIENT_RELEASE": str(built)}
        new = stack.enter_context(old.beside(folder, **release))
        yield House(stack.enter_context(fronting(old.port)), old, new, entry(built))


def _take_over(page: Page) -> None:
    """The browser finds the new release, as it does by itself within an hour, and its worker rules this page."""
    # What the browser happens to have kept beside the worker is no promise.
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.evaluate(_LOOK_FOR_IT)
    page.evaluate(_RULES_ANEW, RETURN_MS)


def _go(page: Page, name: str) -> None:
    """By the navigation, which loads no page anew."""
    page.get_by_role("link", name=name, exact=True).first.click()


def test_a_new_release_is_taken_and_draft_answer_and_call_go_on(
    open_browser: OpenBrowser, tmp_path: Path, complaints: Complaints
) -> None:
    complaints.expect(LOST)
    with _house(tmp_path) as house:
        alice, bob = house.guest("alice"), house.guest("bob")
        room = direct(alice, bob)
        hers = caller(open_browser(house.front.url), alice, room)
        his = caller(open_browser(house.front.url), bob, room)
        has_worker(hers)
        talking(hers, his)
        _go(hers, "Chat")
        ask(hers, f"Show me a table of providers and some code {SLOW}")
        wait_for_words(hers, 40)
        composer(hers).fill(DRAFT)
        hers.evaluate("window.isTheSamePage = true")

        house.swap()
        _take_over(hers)
        expect(hers.get_by_text("A new version is here.").first).to_be_visible()
        # A part of the old release that this page had not loaded: no server has it any more.
        _go(hers, "Usage")
        expect(hers.get_by_role("heading", name="Usage", exact=True)).to_be_visible()
        hers.go_back()
        flows(hers, anew=True)
        assert hers.evaluate("window.isTheSamePage") is True
        _is_as_it_was(hers)

        hers.reload()
        expect(hers.locator(f"script[src$='{house.release}']")).to_have_count(1)
        _is_as_it_was(hers)
        button(hers, "Back to the call").first.click()
        flows(hers)
        flows(his)
        hers.go_back()
        expect(stop_button(hers)).to_be_hidden(timeout=SLOW_END_MS)
        message = stored(hers, Person(alice.name))[-1]
        assert message["status"] == "complete"
        assert copied(hers, answers(hers).last) == message["content"]
        expect(composer(hers)).to_have_value(DRAFT)

        house.old.stop()
        _go(hers, "Messages")
        row(hers, bob.name).click()
        say(his, "are you in the new one?")
        expect(bubble(hers, "are you in the new one?")).to_be_visible(timeout=RETURN_MS)
        flows(his, anew=True)
        flows(hers, anew=True)
        hangs_up(hers)


def _is_as_it_was(page: Page) -> None:
    """The words that were being written, and the answer that was being given."""
    expect(composer(page)).to_have_value(DRAFT)
    wait_for_words(page, 40)


def _forgetful(worker: str) -> str:
    assert worker.count(_KEEPS_THE_ONE_BEFORE) == 1
    return worker.replace(_KEEPS_THE_ONE_BEFORE, "slice(0)")


def test_an_open_page_has_its_parts_because_the_worker_keeps_the_release_before(
    open_browser: OpenBrowser, tmp_path: Path, complaints: Complaints
) -> None:
    """The control of the journey above: where the worker forgets, the same step finds nothing."""
    complaints.expect(r"404|Failed to (load|fetch)|error loading dynamically imported|Refused to apply style")
    with _house(tmp_path, _forgetful) as house:
        alice = house.guest("alice")
        page = open_browser(house.front.url)
        enter(page, alice, direct(alice, house.guest("bob")))
        has_worker(page)
        field(page).fill(DRAFT)
        house.swap()
        _take_over(page)
        _go(page, "Usage")
        expect(page.get_by_text("This part could not be loaded")).to_be_visible()
