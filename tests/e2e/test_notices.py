"""Notices: what reaches a device, what it shows, and what takes it away again.

No browser here has a push service of its maker. So the page is given the address and the keys of a browser of ours
(``tests/kit/push_service.py``); the server writes to it as to any other, and what it decrypts is handed to the worker
by Chromium's own tools, as its push service would.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from playwright.sync_api import Playwright
from playwright.sync_api import expect

from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.conftest import launched
from tests.e2e.conftest import whole_chromium
from tests.e2e.talking import Guest
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.e2e.talking import hears
from tests.e2e.talking import say
from tests.e2e.talking import tick
from tests.e2e.test_offline import has_worker
from tests.kit.processes import wait_for
from tests.kit.push_service import Browser
from tests.kit.push_service import PushService
from tests.kit.servers import Server
from tests.kit.servers import serving

pytestmark = [pytest.mark.e2e, at_a_desk]

_SUBSCRIBED = """
const given = %s;
const fake = { ...given, toJSON: () => given, unsubscribe: async () => { window.isSubscribed = false; return true; } };
PushManager.prototype.subscribe = async () => { window.isSubscribed = true; return fake; };
PushManager.prototype.getSubscription = async () => (window.isSubscribed ? fake : null);
"""
_NO_SERVICE = """
PushManager.prototype.subscribe = async () => { throw new DOMException("no push service", "AbortError"); };
"""
_SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const all = await registration.getNotifications();
  return all.map(({ title, body, tag, silent, data }) => ({ title, body, tag, silent, url: data.url }));
}"""

_IS_LED = "navigator.locks.query().then(({ held }) => held.some(({ name }) => name === 'kintsugi.leader'))"


@pytest.fixture(scope="module")
def browser(driver: Playwright) -> Iterator[Chromium]:
    """A whole one: without windows it shows no notices."""
    chromium = launched(driver, whole_chromium())
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    running = PushService()
    yield running
    running.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may write to a push service on this machine."""
    with serving(
        tmp_path_factory.mktemp("notices"),
        DJANGO_SETTINGS_MODULE="tests.probe.settings_push",
        REDIS_URL="",  # its worker within, which sends
        RATE_LIMIT_ENABLED="false",
        DEMO_PROVIDERS="true",
    ) as server:
        yield server


@dataclass
class Device:
    """A browser with its page and, where there is one, its place at the push service."""

    page: Page
    browser: Browser | None = None
    handed: int = 0

    def hand_over(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many pushes came in all, and give the worker those it has not had."""
        assert self.browser is not None
        pushes = self.browser.shown
        wait_for(lambda: len(pushes) >= count, f"Of {count} pushes {len(pushes)} came.", 30)
        tools = self.page.context.new_cdp_session(self.page)
        versions: list[dict[str, Any]] = []
        tools.on("ServiceWorker.workerVersionUpdated", lambda event: versions.extend(event["versions"]))
        tools.send("ServiceWorker.enable")
        has_worker(self.page)

        def is_told() -> bool:
            self.page.evaluate("0")  # while it is asked for something, what its tools tell comes in
            return bool(versions)

        wait_for(is_told, "No worker is told of.", 10)
        registration = versions[0]["registrationId"]
        origin = self.page.evaluate("location.origin")
        for push in pushes[self.handed :]:
            tools.send(
                "ServiceWorker.deliverPushMessage",
                {"origin": origin, "registrationId": registration, "data": json.dumps(push)},
            )
        new, self.handed = pushes[self.handed :], len(pushes)
        return new

    def shows(self, *titles: str) -> list[dict[str, Any]]:
        """Wait until these notices stand on the screen, and no others."""
        found: list[dict[str, Any]] = []

        def as_wanted() -> bool:
            found[:] = self.page.evaluate(_SHOWN)
            return sorted(one["title"] for one in found) == sorted(titles)

        wait_for(as_wanted, lambda: f"It shows {found}, not {titles}.", 45)
        return found

    def look_away(self) -> None:
        """The client is closed. Of the site's own pages no worker knows, and a notice is shown as beside any other."""
        self.page.goto("/")


def _allow(page: Page) -> None:
    page.context.grant_permissions(["notifications", "clipboard-read", "clipboard-write"])


def _switch_on(page: Page) -> None:
    page.goto("/app/settings/notices")
    page.get_by_role("switch", name="Notifications on this device").click(force=True)
    expect(page.get_by_role("button", name="Try it out")).to_be_enabled()


def _reached(page: Page, service: PushService, who: Guest, room: str = "") -> Device:
    """A browser that push reaches, looking at ``room`` or at the settings."""
    browser = service.browser()
    page.add_init_script(_SUBSCRIBED % json.dumps(browser.subscription()))
    _allow(page)
    enter(page, who)
    has_worker(page)
    _switch_on(page)
    if room:
        page.goto(f"/app/messages/{room}")
    return Device(page, browser)


def test_the_test_button_goes_all_the_way_round(page: Page, site: Server, service: PushService) -> None:
    alice = guest(site, "alice")
    device = _reached(page, service, alice)
    assert [row["device"] for row in alice.call("GET", "/push/subscriptions")["results"]] != []
    page.get_by_role("button", name="Try it out").click()
    device.hand_over(1)
    device.shows("It works")
    assert service.complaints == []


def test_read_on_one_device_it_goes_from_the_other(
    page: Page, open_browser: OpenBrowser, site: Server, service: PushService
) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    phone = _reached(page, service, alice)
    phone.look_away()
    bob.call("POST", f"/messenger/conversations/{room}/messages", {"content": "tea?", "client_id": "tea"})
    phone.hand_over(1)
    (notice,) = phone.shows(bob.name)
    assert (notice["body"], notice["url"]) == ("tea?", f"/app/messages/{room}")
    desk = open_browser(site.url)
    enter(desk, alice, room)
    hears(desk, "tea?")
    phone.hand_over(2)
    phone.shows()


def test_no_text_reaches_a_screen_that_shall_show_none(page: Page, site: Server, service: PushService) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    device = _reached(page, service, alice)
    page.get_by_role("switch", name="Show what was written").click(force=True)
    wait_for(lambda: not alice.call("GET", "/push/subscriptions")["results"][0]["shows_text"], "It was not told.", 10)
    device.look_away()
    bob.call("POST", f"/messenger/conversations/{room}/messages", {"content": "our secret", "client_id": "secret"})
    (push,) = device.hand_over(1)
    assert "our secret" not in json.dumps(push)
    assert bob.name not in json.dumps(push)
    (notice,) = device.shows("New message")
    assert notice["body"] == ""


def test_a_conversation_is_silenced_in_its_panel(
    page: Page, open_browser: OpenBrowser, site: Server, service: PushService
) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = group(alice, "Kitchen table", bob)
    device = _reached(page, service, alice, room)
    page.get_by_role("button", name="About this conversation").click()
    page.get_by_role("combobox", name="Notifications").select_option("Only mentions and replies to me")
    wait_for(
        lambda: alice.call("GET", f"/messenger/conversations/{room}")["notify"] == "mentions", "It was not told.", 10
    )
    page.goto("/app/settings/notices")
    for words in ("soup is ready", f"@{alice.name} come!"):
        bob.call("POST", f"/messenger/conversations/{room}/messages", {"content": words, "client_id": words[:20]})
    (push,) = device.hand_over(1)
    assert "come!" in push["body"]


def test_an_open_tab_tells_where_no_push_reaches_and_only_one_of_them(
    page: Page, open_browser: OpenBrowser, site: Server
) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room, his = direct(alice, bob), open_browser(site.url)
    page.context.add_init_script(_NO_SERVICE)
    page.context.add_init_script("""
      const show = ServiceWorkerRegistration.prototype.showNotification;
      ServiceWorkerRegistration.prototype.showNotification = function (...given) {
        localStorage.told = Number(localStorage.told ?? 0) + 1;
        return show.apply(this, given);
      };
    """)
    _allow(page)
    enter(page, alice)
    has_worker(page)
    _switch_on(page)
    expect(page.get_by_text("Notices come while a tab of it is open")).to_be_visible()
    second = page.context.new_page()
    second.goto("/app/settings")
    expect(second.get_by_role("link", name="Messages")).to_be_visible()
    device = Device(page)
    for tab in (page, second):
        wait_for(lambda: page.evaluate(_IS_LED), "No tab leads.", 10)
        tab.evaluate("document.hasFocus = () => false")
    enter(his, bob, room)
    say(his, "from the other side")
    device.shows(bob.name)
    page.goto(f"/app/messages/{room}")
    hears(page, "from the other side")
    device.shows()
    assert page.evaluate("localStorage.told") == "1"


def test_nobody_is_asked_who_did_not_press(page: Page, site: Server) -> None:
    page.add_init_script("Notification.requestPermission = () => { throw new Error('asked on load'); };")
    enter(page, guest(site, "alice"))
    has_worker(page)
    page.goto("/app/settings/notices")
    expect(page.get_by_role("heading", name="Quiet hours")).to_be_visible()


_ASKS = """
window.asked = 0;
Object.defineProperty(Notification, "permission", { get: () => window.asked ? "granted" : "default" });
Notification.requestPermission = async () => { window.asked += 1; return "granted"; };
"""


def test_notices_are_offered_after_the_first_message_and_once(page: Page, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    page.add_init_script(_ASKS + _NO_SERVICE)
    enter(page, alice, room)
    has_worker(page)
    offer = page.get_by_text("Shall Kintsugi tell you")
    expect(offer).to_have_count(0)
    say(page, "is anybody there?")
    expect(offer.first).to_be_visible()
    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="Yes, tell me").click()
    expect(page.get_by_text("You will be told on this device.").first).to_be_visible()
    assert page.evaluate("window.asked") == 1
    page.reload()
    say(page, "and now?")
    tick(page, "and now?", "Sent")
    expect(offer).to_have_count(0)


def test_a_refused_offer_is_not_made_again(page: Page, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    page.add_init_script(_ASKS)
    enter(page, alice, room)
    has_worker(page)
    offer = page.get_by_text("Shall Kintsugi tell you")
    say(page, "first")
    expect(offer.first).to_be_visible()
    page.locator("[popover]").filter(has=offer).get_by_role("button", name="Close").click()
    expect(offer).to_have_count(0)
    page.reload()
    say(page, "second")
    tick(page, "second", "Sent")
    assert page.evaluate("window.asked") == 0
    expect(offer).to_have_count(0)
