"""A document from its topic to its file, by the demo: nothing is set up, and it says everywhere that it is one."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import register
from tests.e2e.steps import turn_to

pytestmark = pytest.mark.e2e
_WRITTEN_MS = 120_000
"""Five sections, each of seven answers."""


def _outlined(page: Page) -> None:
    turn_to(page, "Documents")
    expect(page.get_by_role("heading", name="Documents", level=1)).to_be_visible()
    page.get_by_role("link", name="Start a document").first.click()
    page.get_by_label("What is it about?").fill("How wild bees live in cities, and what gardens change for them")
    page.get_by_label("Title").fill("Bees in cities")
    page.get_by_label("Pages").fill("2")
    page.get_by_role("button", name="Make the outline").click()
    expect(page.get_by_label("Title of section 1")).to_be_visible(timeout=30_000)


def test_a_document_from_its_topic_to_its_file(page: Page) -> None:
    register(page)
    _outlined(page)
    expect(page.get_by_text("the demo writes this, and its sources do not exist").first).to_be_visible()
    page.get_by_label("Title of section 1").fill("What this is about")
    page.get_by_role("button", name="Continue to the start").click()
    page.get_by_role("button", name="Start").last.click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.reload()
    expect(page.get_by_text("What this is about").first).to_be_visible()
    expect(page.get_by_text(re.compile("^Written$", re.IGNORECASE)).first).to_be_visible(timeout=_WRITTEN_MS)

    page.get_by_role("link", name=re.compile("What is known")).or_(
        page.get_by_role("button", name=re.compile("What is known"))
    ).first.click()
    chip = page.get_by_role(
        "button", name=re.compile("^Citation: .*Exists: not known.*Supports the sentence: doubtful")
    )
    chip.first.click()
    expect(page.get_by_text("A demo source: it does not exist.").first).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("PDF").first.click()
    dialog.get_by_role("button", name="Make the file").click()
    download = dialog.get_by_role("button", name=re.compile("^Download")).or_(
        dialog.get_by_role("link", name=re.compile("^Download"))
    )
    expect(download.first).to_be_visible(timeout=60_000)
    with page.expect_download() as coming:
        download.first.click()
    read = PdfReader(io.BytesIO(coming.value.path().read_bytes()))
    text = "\n".join(one.extract_text() for one in read.pages)
    assert "What this is about" in text
    assert "the sources of this document do not exist" in text


@at_a_desk
def test_an_outline_that_changed_elsewhere_is_said(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"409 .*/outline")
    register(page)
    _outlined(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Title of section 1").fill("From another tab")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    other.close()
    page.get_by_label("Title of section 2").fill("From this one")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text=re.compile("changed", re.IGNORECASE)).first).to_be_visible()
