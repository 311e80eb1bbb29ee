"""Diagrams in answers and in messages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import OpenBrowser
from tests.e2e.steps import answers
from tests.e2e.steps import ask
from tests.e2e.steps import register
from tests.e2e.steps import wait_for_end
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import field
from tests.e2e.talking import guest
from tests.e2e.talking import log
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def test_a_diagram_of_an_answer_is_drawn_and_its_source_can_be_had(page: Page) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    register(page)
    assert not [url for url in fetched if "diagram" in url]  # none of it before it is needed
    ask(page, "Draw a diagram")
    wait_for_end(page)
    drawing = answers(page).last.get_by_role("img", name="Diagram")
    expect(drawing.locator("svg")).to_be_visible()
    expect(drawing).to_contain_text("Your question")
    assert [url for url in fetched if "diagram" in url]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    answers(page).last.get_by_role("button", name="Source").click()
    expect(drawing).to_be_hidden()
    expect(answers(page).last.get_by_text("flowchart TD")).to_be_visible()
    listing = answers(page).last.locator("figure")
    listing.get_by_role("button", name="Copy").click()
    expect(listing.get_by_role("button", name="Copied")).to_be_visible()
    assert str(page.evaluate("navigator.clipboard.readText()")).startswith("flowchart TD")
    listing.get_by_role("button", name="Source").click()
    expect(drawing).to_be_visible()


def test_diagrams_in_messages_hostile_ones_too(page: Page, open_browser: OpenBrowser, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    enter(page, alice, room)
    tangle = "graph TD\n" + "\n".join(
        f"n{one} --> n{(one * 7 + step * 13) % 220}" for one in range(220) for step in range(3)
    )
    wide = "flowchart LR\n" + "\n".join(f"step{one}[Step {one}] --> step{one + 1}[Step {one + 1}]" for one in range(12))
    for source in (tangle, "gantt\ntitle Plan", wide):
        field(page).fill(f"```mermaid\n{source}\n```")
        page.get_by_role("button", name="Send", exact=True).click()
    drawing = log(page).get_by_role("img", name="Diagram")
    # What takes too long is given up, and holds up neither the page nor what comes after it.
    expect(drawing).to_have_count(1, timeout=20_000)
    expect(drawing).to_contain_text("Step 12")
    expect(log(page).get_by_text("This diagram cannot be drawn here. This is its source:")).to_have_count(2)
    assert drawing.evaluate("(frame) => frame.scrollWidth > frame.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page).to_have_title(re.compile("Kintsugi"))
