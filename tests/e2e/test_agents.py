"""An agent from its template: tried, looked at, changed, published, without key or network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.steps import ANSWER_MS
from tests.e2e.steps import register
from tests.kit.processes import manage
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def part(page: Page, name: str) -> None:
    """One of the three parts: beside each other at a desk, one at a time on a telephone."""
    tab = page.get_by_role("navigation", name="Parts of the agent").get_by_role("link", name=name)
    if tab.is_visible():
        tab.click()


def console(page: Page) -> Locator:
    return page.get_by_role("region", name="Try it")


def test_a_template_is_tried_looked_at_changed_and_published(page: Page, site: Server, complaints: Complaints) -> None:
    complaints.expect(r"status of 403")
    person = register(page)
    page.goto("/app/agents")
    expect(page.get_by_role("heading", name="You have no agents yet")).to_be_visible()

    # Trying is for everybody: without a plan, and without an agent that would be left behind.
    page.get_by_role("link", name="Try it: Clerk").click()
    expect(console(page).get_by_label("Ask the agent")).to_have_value(re.compile("echo"))
    console(page).get_by_role("button", name="Send").click()
    call = console(page).get_by_role("group").filter(has_text="Calls echo")
    expect(call).to_contain_text("Done", timeout=ANSWER_MS)
    trace = console(page).get_by_role("link", name="All of it, step by step")
    expect(trace).to_be_visible()
    expect(console(page).get_by_role("button", name="Send")).to_be_visible(timeout=ANSWER_MS)

    # Making one needs a plan, which is said and not only refused.
    page.get_by_role("button", name="Make it yours").click()
    expect(page.get_by_role("dialog")).to_contain_text("Premium Starter")
    page.keyboard.press("Escape")
    assert manage("grant_plan", person.name, "premium_pro", "--reason", "a journey", env=site.env).returncode == 0
    page.get_by_role("button", name="Make it yours").click()
    expect(page.get_by_role("heading", name="Who it is")).to_be_visible()
    part(page, "Try it")
    console(page).get_by_label("Ask the agent").fill("echo “hello”")
    console(page).get_by_role("button", name="Send").click()
    expect(console(page).get_by_role("group").filter(has_text="Calls echo")).to_contain_text(
        "Not sent", timeout=ANSWER_MS
    )
    expect(console(page).get_by_role("button", name="Send")).to_be_visible(timeout=ANSWER_MS)

    part(page, "Functions")
    page.get_by_role("button", name="Actions for echo").click()
    page.get_by_role("menuitem", name="Test call").click()
    page.get_by_role("button", name="Show the request").click()
    dialog = page.get_by_role("dialog", name="Test echo")
    expect(dialog.get_by_role("status")).to_contain_text("webhook-signature: v1,")
    expect(dialog.get_by_role("status")).to_contain_text("Nothing was sent.")
    page.keyboard.press("Escape")

    part(page, "Who it is")
    page.get_by_label("Name", exact=True).fill("Scribe")
    expect(page.get_by_text("Draft kept")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Scribe")).to_be_visible()
    page.get_by_role("button", name="Publish version").click()
    expect(page.get_by_text(re.compile(r"Version \d+ is published$"))).to_be_visible()

    part(page, "Try it")
    address = page.url.split("?")[0]
    page.goto(f"{address}/runs")
    page.get_by_role("list", name="Runs of this agent").get_by_role("link").first.click()
    page.locator("summary").filter(has_text="echo").first.click()
    expect(page.get_by_text("Request, secrets masked").first).to_be_visible()
    expect(page.get_by_text(re.compile("POST https://echo.invalid")).first).to_be_visible()

    page.goto("/app/agents")
    page.get_by_role("button", name="Actions for Scribe").click()
    page.get_by_role("menuitem", name="Add to a conversation").click()
    expect(page).to_have_url(re.compile("/app/messages/.+"))
    expect(page.get_by_role("heading", name="Scribe")).to_be_visible()
    expect(page.get_by_text("Hello! What can you do?").last).to_be_visible()
