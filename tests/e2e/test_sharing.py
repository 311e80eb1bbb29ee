"""A chat goes out by a link, others come in from an export, and instructions hold for all of them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from aichat.tests import other_products as other
from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.steps import ask
from tests.e2e.steps import composer
from tests.e2e.steps import questions
from tests.e2e.steps import register
from tests.e2e.steps import wait_for_end
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def show_list(page: Page) -> None:
    """On a telephone the list lies behind a button."""
    button = page.get_by_role("button", name="Show chats")
    if button.is_visible():
        button.click()


def test_a_link_is_made_read_and_withdrawn(
    page: Page, site: Server, open_browser: OpenBrowser, complaints: Complaints
) -> None:
    complaints.expect(r"404")
    person = register(page)
    ask(page, "Show me a table of providers")
    wait_for_end(page)
    show_list(page)
    page.get_by_role("button", name=re.compile("Actions for")).click()
    page.get_by_role("menuitem", name="Share by a link").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nobody has a link to this chat.")).to_be_visible()
    dialog.get_by_role("button", name="Create a link").click()
    dialog.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("The link was copied").first).to_be_visible()
    link = str(page.evaluate("navigator.clipboard.readText()"))
    path = link[link.index("/app/shared/") :]

    guest = open_browser(site.url)
    guest.goto(path)
    expect(guest.get_by_role("article", name="Question")).to_contain_text("Show me a table")
    expect(guest.get_by_role("article", name="Answer").get_by_role("table")).to_be_visible()
    expect(guest.get_by_text(person.name)).to_have_count(0)
    assert guest.locator("meta[name=robots]").get_attribute("content") == "noindex"
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert guest.evaluate(wide) is False

    dialog.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog", name="Withdraw this link?").get_by_role("button", name="Withdraw").click()
    expect(dialog.get_by_text("Nobody has a link to this chat.")).to_be_visible()
    guest.reload()
    expect(guest.get_by_text("There is nothing behind this link")).to_be_visible()


def test_instructions_links_and_an_import_in_the_settings(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"400")
    register(page)
    page.goto("/app/settings/chats")
    field = page.get_by_label("Instructions for all chats")
    field.fill("Answer in verse")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved: it holds from the next question on").first).to_be_visible()
    expect(page.get_by_text("No links")).to_be_visible()

    odd = {"title": "An odd one", "mapping": 7}
    export = other.as_zip(
        {"conversations.json": other.as_json(other.bowls(), odd, other.simple("tea", "Tea?", "Yes."))}
    )
    page.set_input_files("input[type=file]", {"name": "export.zip", "mimeType": "application/zip", "buffer": export})
    expect(page.get_by_text("2 chats were imported.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("An odd one")).to_be_visible()
    page.set_input_files("input[type=file]", {"name": "x.zip", "mimeType": "application/zip", "buffer": b"words"})
    expect(page.get_by_text("This is not an export of chats")).to_be_visible()

    page.reload()
    expect(field).to_have_value("Answer in verse")
    page.goto("/app/chat")
    expect(composer(page)).to_be_visible()
    show_list(page)
    page.get_by_role("link", name=re.compile("About bowls")).click()
    expect(questions(page).last).to_contain_text("And this?")
    expect(page.get_by_text(re.compile(r"2\s*/\s*2"))).to_be_visible()
