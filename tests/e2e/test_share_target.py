"""What another app shares with the installed client."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.steps import PASSWORD
from tests.e2e.steps import composer
from tests.e2e.talking import direct
from tests.e2e.talking import guest
from tests.e2e.talking import log
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

_SHARE = """async ([text, names]) => {
  const form = document.createElement("form");
  Object.assign(form, { action: "/app/share", method: "post", enctype: "multipart/form-data" });
  const field = (name, type) => form.appendChild(Object.assign(document.createElement("input"), { name, type }));
  field("title", "text").value = "A bowl";
  field("text", "text").value = text;
  const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 40 });
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const files = new DataTransfer();
  for (const name of names) files.items.add(new File([blob], name, { type: "image/png" }));
  field("files", "file").files = files.files;
  document.body.append(form);
  form.submit();
}"""
"""As the system does: a form that the worker takes."""


def _worker_is_there(page: Page) -> None:
    page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=30_000)


def test_what_is_shared_waits_for_signing_in_and_goes_to_people(page: Page, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    page.goto("/app/login")
    page.evaluate("navigator.serviceWorker.register('/sw.js')")
    _worker_is_there(page)
    with page.expect_navigation(url=re.compile("/app/login")):
        page.evaluate(_SHARE, ["https://example.org/bowl", ["one.png", "two.png"]])
    page.get_by_label("E-mail or username").fill(alice.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Shared with Kintsugi")).to_be_visible()
    expect(page.get_by_text("https://example.org/bowl")).to_be_visible()
    expect(page.get_by_role("list", name="Shared files").get_by_role("img")).to_have_count(2)
    page.reload()  # nothing of it is lost before it is somewhere
    page.get_by_role("button", name="Send to people").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile(bob.name)).click()
    dialog.get_by_role("button", name=re.compile("^Send")).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Nothing is waiting here")).to_be_visible()
    page.goto(f"/app/messages/{room}")
    expect(log(page).get_by_role("list", name="Album of 2")).to_be_visible()
    expect(log(page).get_by_text("A bowl")).to_be_visible()
    page.goto("/app/share")
    expect(page.get_by_text("Nothing is waiting here")).to_be_visible()


def test_what_is_shared_can_be_asked_about(page: Page, site: Server) -> None:
    alice = guest(site, "alice")
    page.goto("/app/login")
    page.get_by_label("E-mail or username").fill(alice.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(composer(page)).to_be_visible()
    _worker_is_there(page)
    page.evaluate(_SHARE, ["What is this?", ["bowl.png"]])
    page.get_by_role("button", name="Ask a model").click()
    expect(composer(page)).to_have_value(re.compile("What is this"))
    expect(page.get_by_text("bowl.png")).to_be_visible()
