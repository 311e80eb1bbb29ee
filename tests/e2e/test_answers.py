"""What may happen to an answer while it is being written, and after."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import SLOW
from tests.e2e.steps import answers
from tests.e2e.steps import ask
from tests.e2e.steps import composer
from tests.e2e.steps import copied
from tests.e2e.steps import questions
from tests.e2e.steps import register
from tests.e2e.steps import stop_button
from tests.e2e.steps import stored
from tests.e2e.steps import turn_to
from tests.e2e.steps import wait_for_end
from tests.e2e.steps import wait_for_words
from tests.kit.servers import Server
from tests.kit.servers import serving

pytestmark = pytest.mark.e2e

QUESTION = "Show me a table of providers and some code"


def test_leaving_in_mid_answer_loses_nothing(page: Page) -> None:
    person = register(page)
    ask(page, QUESTION)
    wait_for_words(page, 80)
    page.goto("/")
    page.go_back()
    wait_for_words(page, 80)
    page.reload()
    wait_for_words(page, 80)
    wait_for_end(page)
    content = stored(page, person)[-1]["content"]
    assert copied(page, answers(page).last) == content
    resumed = answers(page).last.text_content()
    assert resumed
    page.reload()
    expect(answers(page).last.get_by_role("table")).to_be_visible()
    expect(answers(page).last).to_have_text(resumed)


@at_a_desk
def test_a_server_killed_in_mid_answer_keeps_what_was_written(page: Page, site: Server, complaints: Complaints) -> None:
    complaints.expect(r"net::ERR_|50[0-9] ")
    person = register(page)
    ask(page, f"{QUESTION} {SLOW}")
    wait_for_words(page, 120)
    # The text is stored every second.
    page.wait_for_timeout(1200)
    site.kill()
    site.start()
    page.reload()
    interrupted = page.get_by_text("The answer was interrupted.")
    # The lease of the dead process runs out first.
    expect(interrupted).to_be_visible(timeout=20_000)
    half = stored(page, person)[-1]
    assert half["status"] == "incomplete"
    assert len(half["content"]) > 60

    page.get_by_role("button", name="Continue").click()
    expect(stop_button(page)).to_be_visible()
    wait_for_end(page)
    whole = stored(page, person)[-1]
    assert (whole["id"], whole["status"]) == (half["id"], "complete")
    assert whole["content"].startswith(half["content"])
    assert len(whole["content"]) > len(half["content"])
    assert copied(page, answers(page).last) == whole["content"]
    expect(interrupted).to_be_hidden()


def test_stopping_asking_again_and_going_between_the_versions(page: Page) -> None:
    person = register(page)
    ask(page, f"What are tokens? {SLOW}")
    wait_for_words(page)
    stop_button(page).click()
    expect(page.get_by_text("Stopped here by you.")).to_be_visible()
    first = stored(page, person)[-1]
    assert first["status"] == "stopped"

    answers(page).last.get_by_role("button", name="Answer again").click()
    wait_for_words(page)
    stop_button(page).click()
    expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    answers(page).last.get_by_role("button", name="Previous version").click()
    expect(page.get_by_role("group", name="Version 1 of 2")).to_be_visible()
    assert stored(page, person)[-1]["id"] == first["id"]


@at_a_desk
def test_an_edited_question_is_a_branch_beside_the_old_one(page: Page) -> None:
    person = register(page)
    ask(page, "What is 2 + 2?")
    wait_for_end(page)
    questions(page).first.get_by_role("button", name="Edit").click()
    page.get_by_label("Edit message").fill("What is 20 + 22?")
    page.get_by_label("Edit message").press("Control+Enter")
    expect(answers(page).last).to_contain_text("42")
    wait_for_end(page)
    expect(questions(page)).to_have_count(1)
    assert stored(page, person)[0]["content"] == "What is 20 + 22?"

    questions(page).first.get_by_role("button", name="Previous version").click()
    expect(questions(page).first).to_contain_text("What is 2 + 2?")
    page.reload()
    expect(questions(page).first).to_contain_text("What is 2 + 2?")
    expect(page.get_by_role("group", name="Version 1 of 2")).to_be_visible()


@at_a_desk
def test_files_go_along_and_programs_are_refused(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"4\d\d .*/api/files")
    person = register(page)
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": "setup.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\0" * 99})
    refusal = page.get_by_role("alert").filter(has_text="setup.exe")
    expect(refusal).to_contain_text(re.compile(r"setup\.exe: .+\."))
    page.get_by_role("button", name="Remove setup.exe").click()

    chooser.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Gold in the cracks.\n"})
    expect(page.get_by_role("button", name="Remove notes.txt")).to_be_visible()
    ask(page, "What does the file say?")
    expect(questions(page).last).to_contain_text("notes.txt")
    wait_for_end(page)
    question = stored(page, person)[0]
    assert [(file["name"], file["kind"]) for file in question["attachments"]] == [("notes.txt", "text")]
    page.reload()
    expect(questions(page).last).to_contain_text("notes.txt")


@pytest.fixture(scope="module")
def mean_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose free plan is good for one short answer."""
    settings = {"RATE_LIMIT_ENABLED": "false", "DEMO_PROVIDERS": "true", "BASIC_TOKEN_LIMIT": "120"}
    with serving(tmp_path_factory.mktemp("mean"), **settings) as server:
        yield server


def test_used_up_tokens_are_said_with_the_time_of_the_next_ones(
    mean_site: Server, open_browser: OpenBrowser, complaints: Complaints
) -> None:
    complaints.expect(r"429 .*/messages")
    page = open_browser(mean_site.url)
    register(page)
    ask(page, "What are limits?")
    wait_for_end(page)
    composer(page).fill("And what is this? " * 40)
    page.get_by_role("button", name="Send", exact=True).click()
    refusal = page.get_by_role("alert").filter(has_text="Your tokens are used up.")
    expect(refusal).to_contain_text(re.compile(r"New tokens in (\d:)?\d?\d:\d\d"))
    expect(refusal.get_by_role("link", name="See plans")).to_be_visible()
    turn_to(page, "Usage")
    expect(page.get_by_text(re.compile(r"of 120 used"))).to_be_visible()
