"""Texts and files translated by the demo: no key, no network, and nothing that pretends to be a translation."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.axe import barriers
from tests.e2e.conftest import Complaints
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import register
from tests.e2e.talking import choose
from tests.e2e.talking import direct
from tests.e2e.talking import enter
from tests.e2e.talking import guest
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

DONE_MS = 60_000
"""Reading, translating and putting together a file, on a machine with other work."""


def open_text(page: Page) -> None:
    page.goto("/app/translate")
    expect(source(page)).to_be_visible()
    expect(page.get_by_label("To", exact=True)).not_to_have_value("")


def source(page: Page) -> Locator:
    return page.get_by_label("Text to translate")


def result(page: Page) -> Locator:
    return page.get_by_role("region", name="Translation", exact=True)


def translate(page: Page, words: str) -> None:
    source(page).fill(words)
    page.get_by_role("button", name="Translate", exact=True).click()


def text_file(name: str, words: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": words.encode()}


def drop(page: Page, file: FilePayload, *, to: str = "uk") -> None:
    """Brings a file as far as its quote."""
    page.goto("/app/translate/files")
    page.get_by_label("Translate into").select_option(to)
    page.get_by_label("Choose a file", exact=True).set_input_files(file)
    page.wait_for_url("**/app/translate/files/*")
    expect(page.get_by_role("heading", name="What it costs")).to_be_visible(timeout=DONE_MS)


def begin(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Translate")).click()


def downloaded(page: Page) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download", exact=True).click()
    assert re.fullmatch(r"\w+\.uk\.\w+", waiting.value.suggested_filename)
    return waiting.value.path()


def test_a_text_is_translated_turned_round_and_found_again(page: Page) -> None:
    register(page)
    open_text(page)
    page.get_by_label("To", exact=True).select_option("uk")
    source(page).fill("Gold is joined with 3 cracks.")
    # The price is there before anything is sent.
    expect(page.get_by_text(re.compile(r"^29 characters · 1 unit · free · ≈\s8\stokens$"))).to_be_visible()
    page.keyboard.press("Control+Enter")
    # The first text of a server waits until its detector is there.
    expect(result(page)).to_contain_text("⟪uk⟫ Gold is joined with 3 cracks.", timeout=DONE_MS)
    expect(page.get_by_role("status").filter(has_text="No real service")).to_be_visible()
    page.get_by_text("4 more services are off here").click()
    expect(page.get_by_text(re.compile(r"^DeepL \(Kintsugi Basic · \$0\.05 .*DEEPL_API_KEY"))).to_be_visible()
    assert barriers(page) == []
    page.reload()
    expect(source(page)).to_have_value("Gold is joined with 3 cracks.")
    expect(result(page)).to_contain_text("⟪uk⟫ Gold is joined with 3 cracks.")

    page.get_by_label("From", exact=True).select_option("en")
    page.get_by_role("button", name="Swap the languages").click()
    expect(source(page)).to_have_value("⟪uk⟫ Gold is joined with 3 cracks.")
    expect(page.get_by_label("From", exact=True)).to_have_value("uk")

    page.get_by_role("navigation", name="Parts of translation").get_by_role("link", name="History").click()
    page.get_by_label("Search texts and names of files").fill("no such words")
    expect(page.get_by_role("heading", name="Nothing fits “no such words”")).to_be_visible()
    page.get_by_label("Search texts and names of files").fill("cracks")
    page.get_by_role("list", name="What was translated").get_by_role("link", name=re.compile("Gold is joined")).click()
    expect(source(page)).to_have_value("Gold is joined with 3 cracks.")
    expect(result(page)).to_contain_text("⟪uk⟫")

    page.goto("/app/translate/history")
    page.get_by_role("button", name=re.compile("^Actions for Gold")).click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Nothing was translated yet")).to_be_visible()


def test_a_text_that_fails_says_what_to_do_and_can_be_repeated(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"status of 400")
    register(page)
    open_text(page)
    page.get_by_label("To", exact=True).select_option("en")
    translate(page, "These words are in English already, as anybody can see.")
    expect(result(page).get_by_role("alert")).to_contain_text("Choose another one", timeout=DONE_MS)
    result(page).get_by_role("button", name="To Ukrainian").click()
    expect(result(page)).to_contain_text("⟪uk⟫ These words")
    translate(page, "/demo fail quota and some words")
    alert = result(page).get_by_role("alert")
    expect(alert).to_contain_text("It was not translated")
    expect(alert.get_by_role("button", name="Try again")).to_be_visible()
    translate(page, "Some words")
    expect(result(page)).to_contain_text("⟪uk⟫ Some words", timeout=DONE_MS)


@at_a_desk
def test_a_glossary_is_written_mended_and_chosen(page: Page) -> None:
    register(page)
    page.goto("/app/translate/glossaries")
    expect(page.get_by_role("heading", name="You have no glossaries yet")).to_be_visible()
    page.get_by_role("button", name="New glossary").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Pottery")
    dialog.get_by_label("From", exact=True).select_option("en")
    dialog.get_by_label("To", exact=True).select_option("uk")
    dialog.get_by_label("Entries, one a line").fill("gold = золото\nglaze")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("1 line has no translation: line 2")
    assert barriers(page) == []
    dialog.get_by_label("Entries, one a line").fill("gold = золото\nglaze = полива")
    dialog.get_by_role("button", name="Save").click()
    glossaries = page.get_by_role("list", name="Glossaries")
    expect(glossaries).to_contain_text("English → Ukrainian · 2 entries")

    page.get_by_role("button", name="Actions for Pottery").click()
    page.get_by_role("menuitem", name="Change").click()
    expect(dialog.get_by_label("Entries, one a line")).to_have_value("gold = золото\nglaze = полива")
    dialog.get_by_label("Entries, one a line").fill("gold = золото")
    dialog.get_by_role("button", name="Save").click()
    expect(glossaries).to_contain_text("1 entry")

    page.goto("/app/translate/files")
    page.get_by_label("Translate into").select_option("uk")
    page.get_by_label("Glossary").select_option("Pottery")


def test_a_file_goes_from_the_drop_to_the_download_and_survives_a_reload(page: Page) -> None:
    register(page)
    drop(page, text_file("letter.txt", "Dear friend,\n\nthe bowl is whole again.\n"))
    expect(page.get_by_text(re.compile("^TXT · .*characters"))).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="What it costs")).to_be_visible()
    page.get_by_role("button", name="Show a free sample of the beginning").click()
    expect(page.get_by_role("group", name="After")).to_contain_text("⟪uk⟫ Dear friend,", timeout=DONE_MS)
    assert barriers(page) == []
    begin(page)
    page.reload()
    expect(page.get_by_role("heading", name="Your file is ready")).to_be_visible(timeout=DONE_MS)
    expect(page.get_by_text(re.compile("^Will be deleted on "))).to_be_visible()
    assert barriers(page) == []
    said = downloaded(page).read_text()
    assert "⟪uk⟫ the bowl is whole again." in said

    page.get_by_role("button", name="Delete now").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete now").click()
    expect(page.get_by_role("heading", name="No files yet")).to_be_visible()


def test_a_document_of_the_office_keeps_its_parts(page: Page) -> None:
    register(page)
    drop(page, {"name": "letter.docx", "mimeType": DOCX, "buffer": docx("The bowl is whole again.")})
    begin(page)
    expect(page.get_by_role("heading", name="Your file is ready")).to_be_visible(timeout=DONE_MS)
    with zipfile.ZipFile(downloaded(page)) as made:
        assert "⟪uk⟫ The bowl is whole again." in made.read("word/document.xml").decode()


def test_a_part_that_failed_is_tried_again_alone(page: Page) -> None:
    register(page)
    # Parts hold 12,000 characters: the first is fine, the second is told to fail at its first try.
    words = "\n\n".join(["The bowl is whole again, and its cracks are gold. " * 20] * 14)
    drop(page, text_file("book.txt", f"{words}\n\n/demo fail chunk 2\n"))
    begin(page)
    failed = page.get_by_role("button", name=re.compile("^Try part 2 again"))
    expect(failed).to_be_visible(timeout=DONE_MS)
    expect(page.get_by_text("1 part failed")).to_be_visible()
    expect(page.get_by_role("heading", name="Not all of it is translated")).to_be_visible()
    assert barriers(page) == []
    page.reload()
    failed.click()
    expect(page.get_by_role("heading", name="Your file is ready")).to_be_visible(timeout=DONE_MS)
    assert "⟪uk⟫" in downloaded(page).read_text()


@at_a_desk
def test_a_file_that_cannot_be_translated_says_why(page: Page) -> None:
    register(page)
    page.goto("/app/translate/files")
    page.get_by_label("Choose a file", exact=True).set_input_files(text_file("empty.txt", "\n \n"))
    expect(page.get_by_role("alert")).to_be_visible(timeout=DONE_MS)
    expect(
        page.get_by_role("link", name="Translate another file").or_(page.get_by_role("button", name="Choose a file"))
    ).to_be_visible()
    drop(page, text_file("letter.txt", "Dear friend,\n\n/demo fail quota\n"))
    begin(page)
    expect(page.get_by_text("It goes on once whoever runs this server has seen to it")).to_be_visible(timeout=DONE_MS)


def test_a_message_is_translated_below_itself(page: Page, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = direct(alice, bob)
    bob.call("POST", f"/messenger/conversations/{room}/messages", {"content": "Чаша знову ціла", "client_id": "tr-1"})
    enter(page, alice, room)
    choose(page, "Чаша знову ціла", "Translate")
    line = page.locator("[data-bubble]").filter(has_text="Чаша знову ціла").get_by_role("status")
    expect(line).to_contain_text("⟪en⟫ Чаша знову ціла")
    line.get_by_role("button", name="Hide the translation").click()
    expect(line).to_have_count(0)


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def docx(words: str) -> bytes:
    """The smallest document that is one."""
    kinds = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    )
    body = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>"
    )
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in {"[Content_Types].xml": kinds, "_rels/.rels": relations, "word/document.xml": body}.items():
            archive.writestr(name, part)
    return content.getvalue()
