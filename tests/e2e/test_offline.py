"""The client as an app of its own: it can be installed, and opens where there is no network."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.talking import RETURN_MS
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import guest
from tests.e2e.talking import hears
from tests.e2e.talking import log
from tests.e2e.talking import row
from tests.e2e.talking import said
from tests.e2e.talking import say
from tests.e2e.talking import tick
from tests.e2e.test_messenger_faults import LOST
from tests.e2e.test_messenger_faults import tunnel
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

_KEPT = """async () => {
  const kept = [];
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys()) kept.push(new URL(url).pathname);
  return kept;
}"""


def has_worker(page: Page) -> None:
    """Until this browser can open the client by itself: it has fetched all of its shell, beside whatever runs here."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=60_000)


@at_a_desk
def test_a_browser_finds_nothing_against_installing_it(page: Page, site: Server) -> None:
    enter(page, guest(site, "alice"))
    has_worker(page)
    tools = page.context.new_cdp_session(page)
    found: dict[str, Any] = tools.send("Page.getAppManifest")
    assert found["errors"] == []
    assert found["url"] == f"{site.url}/manifest.webmanifest"
    # A window of a private session may install nothing, which is no fault of the site's.
    errors = tools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error for error in errors if error["errorId"] != "in-incognito"] == []


@at_a_desk
def test_what_is_kept_for_the_tunnel_is_nobodys(page: Page, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    enter(page, alice, direct(alice, bob))
    has_worker(page)
    kept: list[str] = page.evaluate(_KEPT)
    assert "/app" in kept
    beside = {"/app", "/static/icon.svg", "/static/icons/icon-192.png", "/static/icons/badge-96.png"}
    assert [path for path in kept if path not in beside and not path.startswith("/static/assets/")] == []
    shell: str = page.evaluate("caches.match('/app').then((page) => page.text())")
    assert alice.name not in shell


def test_a_conversation_opens_without_a_network(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect(LOST)
    alice, bob, carol = guest(site, "alice"), guest(site, "bob"), guest(site, "carol")
    room, unseen = direct(alice, bob), direct(alice, carol)
    hers, his = page, open_browser(site.url)
    enter(hers, alice, room)
    enter(his, bob, room)
    say(his, "before the tunnel")
    hears(hers, "before the tunnel")
    has_worker(hers)
    with tunnel(hers):
        hers.reload()
        hears(hers, "before the tunnel")
        say(hers, "first in the dark")
        tick(hers, "first in the dark", "Sending")
        hers.reload()
        hears(hers, "first in the dark")
        say(hers, "second in the dark")
        tick(hers, "second in the dark", "Sending")
        hers.goto(f"/app/messages/{unseen}")
        expect(log(hers).or_(hers.get_by_role("alert")).first).to_be_visible()
        hers.goto("/app/messages")
        expect(row(hers, bob.name)).to_be_visible()
        row(hers, bob.name).get_by_role("link").click()
        assert alice.stored(room) == ["before the tunnel"]
    tick(hers, "second in the dark", "Sent")
    hears(his, "second in the dark")
    everything = ["before the tunnel", "first in the dark", "second in the dark"]
    assert alice.stored(room) == everything
    assert said(hers) == said(his) == everything


@at_a_desk
def test_who_signed_out_is_not_found_in_the_tunnel(page: Page, site: Server, complaints: Complaints) -> None:
    complaints.expect(LOST)
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    enter(page, alice, room)
    say(page, "between us")
    tick(page, "between us", "Sent")
    has_worker(page)
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/app/login**")
    with tunnel(page):
        page.goto(f"/app/messages/{room}")
        page.wait_for_url("**/app/login**", timeout=RETURN_MS)
        expect(page.get_by_label("E-mail or username")).to_be_visible()
        assert alice.name not in page.content()
