"""One chat in two tabs and on two devices: all of them show the same."""

from __future__ import annotations

import re

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
from tests.e2e.steps import questions
from tests.e2e.steps import register
from tests.e2e.steps import sign_in
from tests.e2e.steps import stop_button
from tests.e2e.steps import stored
from tests.e2e.steps import wait_for_end
from tests.e2e.steps import wait_for_words
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

LIVE = "() => performance.getEntriesByType('resource').some((entry) => entry.name.includes('/api/auth/ws-ticket'))"


DEAF = """() => {
  const read = JSON.parse;
  JSON.parse = (text) => (/^.{9}(answer|chat)[.]/.test(text) ? null : read(text));
}"""
"""Events of chats do not reach this page any more, and it does not know it."""
DATABASES = """async () =>
  (await indexedDB.databases()).filter(({ name }) => name.startsWith("kintsugi.aichat.")).length"""


def second_tab(page: Page, complaints: Complaints) -> Page:
    tab = page.context.new_page()
    complaints.listen(tab)
    tab.goto(page.url)
    return tab


def is_live(page: Page) -> None:
    """The socket is there, and what was missed before it has been read."""
    page.wait_for_function(LIVE)
    page.wait_for_load_state("networkidle")


def act(page: Page, title: str, what: str) -> None:
    page.get_by_role("button", name=f"Actions for {title}").click()
    page.get_by_role("menuitem", name=what, exact=True).click()


@at_a_desk
def test_two_tabs_show_one_truth(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"404")  # a tab may look for what is gone just then
    register(page)
    ask(page, "First question")
    wait_for_end(page)
    tab = second_tab(page, complaints)
    expect(questions(tab)).to_have_text([re.compile("First question")])
    is_live(page)
    is_live(tab)

    ask(page, f"Second question {SLOW}")
    expect(questions(tab).last).to_contain_text("Second question")
    wait_for_words(tab)
    expect(stop_button(tab)).to_be_visible()
    stop_button(tab).click()
    for each in (page, tab):
        wait_for_end(each)
    expect(answers(tab).last).to_contain_text("Stopped here by you.")
    said = answers(tab).last.text_content() or "-"
    # A tab behind another one draws nothing.
    page.bring_to_front()
    expect(answers(page).last).to_have_text(said)

    act(page, "First question", "Rename")
    page.get_by_label("Title").fill("Kitchen plans")
    page.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("heading", name="Kitchen plans")).to_be_visible()
    tab.bring_to_front()
    act(tab, "Kitchen plans", "Pin")
    expect(page.get_by_role("heading", name="Pinned")).to_be_visible()

    # A chat that the other tab has begun is in the list.
    tab.get_by_role("button", name="New chat").first.click()
    ask(tab, "Something else")
    expect(page.get_by_role("link", name=re.compile("Something else"))).to_be_visible()

    act(tab, "Kitchen plans", "Delete")
    tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile(r"/app/chat$"))
    expect(page.get_by_text("The chat was deleted").first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Kitchen plans"))).to_be_hidden()


@at_a_desk
def test_what_a_stale_tab_asks_stands_below_what_it_had_missed(
    page: Page, site: Server, open_browser: OpenBrowser, complaints: Complaints
) -> None:
    complaints.expect(r"409|ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket")
    person = register(page)
    ask(page, "First question")
    wait_for_end(page)
    other = open_browser(site.url)
    sign_in(other, person)
    other.get_by_role("link", name=re.compile("First question")).click()
    expect(questions(other)).to_have_count(1)
    is_live(page)
    page.evaluate(DEAF)
    ask(other, "Second question")
    wait_for_end(other)
    expect(questions(page)).to_have_count(1)

    ask(page, "Third question")
    wait_for_end(page)
    wait_for_end(other)
    # Of a long thread only what is in sight is drawn.
    for each in (page, other):
        expect(questions(each)).to_contain_text(["Second question", "Third question"])
    asked = [message["content"] for message in stored(page, person) if message["role"] == "user"]
    assert asked == ["First question", "Second question", "Third question"]


@at_a_desk
def test_asking_into_an_answer_gives_the_words_back(
    page: Page, site: Server, open_browser: OpenBrowser, complaints: Complaints
) -> None:
    complaints.expect(r"409")
    person = register(page)
    ask(page, "First question")
    wait_for_end(page)
    other = open_browser(site.url)
    sign_in(other, person)
    other.get_by_role("link", name=re.compile("First question")).click()
    expect(questions(other)).to_have_count(1)
    is_live(page)
    page.evaluate(DEAF)
    ask(other, f"Second question {SLOW}")
    wait_for_words(other)
    ask(page, "Too early")
    expect(composer(page)).to_have_value("Too early")
    expect(page.get_by_text("An answer was already being written here.")).to_be_visible()
    expect(questions(page).last).to_contain_text("Second question")
    wait_for_words(page)
    stop_button(page).click()
    for each in (page, other):
        wait_for_end(each)


@at_a_desk
def test_chats_that_were_opened_here_are_read_without_a_connection(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"ERR_INTERNET_DISCONNECTED|WebSocket|ERR_FAILED")
    register(page)
    ask(page, "What stays here")
    wait_for_end(page)
    kept = page.url
    said = answers(page).last.get_by_role("paragraph").first
    words = said.text_content() or "-"
    page.goto("/app/messages")
    page.context.set_offline(True)
    page.get_by_role("link", name="Chat", exact=True).click()
    expect(page.get_by_text("Offline: the chats opened here last")).to_be_visible()
    page.get_by_role("link", name=re.compile("What stays here")).click()
    expect(page).to_have_url(kept)
    expect(page.get_by_text("Offline. The chat as it was here on")).to_be_visible()
    expect(said).to_have_text(words)
    page.context.set_offline(False)
    expect(page.get_by_text("Offline. The chat as it was here on")).to_be_hidden(timeout=40_000)

    assert page.evaluate(DATABASES) == 1
    page.get_by_role("button", name=re.compile("Account")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url(re.compile("login|/$"))
    page.wait_for_function(f"async () => (await ({DATABASES})()) === 0")
