"""Choosing who answers and how hard they think, and what is seen of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import answers
from tests.e2e.steps import ask
from tests.e2e.steps import composer
from tests.e2e.steps import copied
from tests.e2e.steps import questions
from tests.e2e.steps import register
from tests.e2e.steps import stored
from tests.e2e.steps import wait_for_end

pytestmark = pytest.mark.e2e

_EDGE_PX = 4


def test_thinking_is_seen_folded_and_on_the_receipt_and_a_reload_keeps_it(page: Page, width: int) -> None:
    person = register(page)
    menu = page.get_by_role("dialog", name="Model: Demo")
    page.get_by_role("button", name="Model: Demo").press("Enter")
    search = menu.get_by_label("Search models")
    if width >= 768:
        expect(search).to_be_focused()
    search.press("ArrowDown")
    row = menu.get_by_role("button", name=re.compile("^Demo"))
    expect(row).to_be_focused()
    row.press("ArrowRight")
    menu.get_by_role("button", name="Pin Demo").press("Enter")
    expect(menu.get_by_role("heading", name="Pinned")).to_be_visible()
    menu.get_by_role("button", name="Unpin Demo").press("d")
    expect(search).to_be_focused()
    search.fill("dem")
    search.press("Enter")
    expect(menu).to_be_hidden()

    page.get_by_role("button", name=re.compile("^Effort: ")).press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    effort = page.get_by_role("button", name=re.compile("^Effort: ")).locator(".visually-hidden").text_content()
    price = page.get_by_text(re.compile(r"tokens in · usually .* · at most"))
    expect(price).to_be_visible()
    top = _top(composer(page))
    composer(page).fill("What are tokens? /demo think 3")
    expect(price).to_be_visible()
    assert _top(composer(page)) == top

    ask(page, "What are tokens? /demo think 3")
    thinking = answers(page).last.get_by_role("button", name=re.compile(r"^Thinking · \d+ s"))
    expect(thinking).to_be_visible()
    page.reload()
    expect(thinking).to_be_visible()
    wait_for_end(page)
    answer = stored(page, person)[-1]
    assert answer["reasoning"]
    assert f"Effort: {answer['effort']}".lower() == str(effort).lower()

    line = f"Thought {round(answer['thinking_ms'] / 1000)} s · {answer['reasoning_tokens']} tokens"
    for _ in range(2):
        note = answers(page).last.get_by_role("note")
        expect(note).to_be_hidden()
        answers(page).last.get_by_role("button", name=line).press("Enter")
        expect(note).to_contain_text(answer["reasoning"].strip())
        assert copied(page, answers(page).last) == answer["content"]
        answers(page).last.get_by_role("button", name="More ways to answer").click()
        page.get_by_role("menuitem", name="What it took").click()
        receipt = page.get_by_role("dialog", name="What it took")
        written = answer["completion_tokens"] - answer["reasoning_tokens"]
        expect(receipt).to_contain_text(f"Thought{answer['reasoning_tokens']} tokens")
        expect(receipt).to_contain_text(f"Wrote{written} tokens")
        assert answer["held_tokens"] - answer["released_tokens"] == answer["total_tokens"]
        expect(receipt).to_contain_text(f"of it released{answer['released_tokens']:,}")
        page.keyboard.press("Escape")
        page.reload()
    expect(page.get_by_role("button", name=str(effort))).to_be_visible()


@at_a_desk
def test_a_question_that_was_declined_is_back_in_the_field_and_not_sent_on(page: Page) -> None:
    person = register(page)
    ask(page, "Tell me about tokens and plans")
    wait_for_end(page)
    ask(page, "Tell me more /demo refuse")
    expect(composer(page)).to_have_value("Tell me more /demo refuse")
    expect(questions(page).last).to_contain_text("Not sent on")
    expect(page.get_by_role("button", name="Jump to the latest")).to_be_hidden()
    composer(page).fill("Then about payments")
    page.get_by_role("button", name="Send", exact=True).click()
    wait_for_end(page)
    expect(page.get_by_text("The model declined this.")).to_be_hidden()
    assert [message["withheld"] for message in stored(page, person)] == [False, False, True, True, False, False]


@at_a_desk
def test_thinking_that_ate_the_answer_can_go_on_with_more_room(page: Page) -> None:
    person = register(page)
    ask(page, "Why? /demo eaten 1")
    page.get_by_role("button", name="Twice the room").click()
    expect(answers(page).last).to_have_attribute("aria-busy", "true")
    wait_for_end(page)
    assert len(stored(page, person)) == len(["question", "answer"])


def _top(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return round(box["y"] / _EDGE_PX)
