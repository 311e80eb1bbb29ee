"""What people do, as steps of a journey."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.kit.http import request

PASSWORD = "Lotus-delta-17"
SLOW = "/demo fail slow"
"""Makes the demo model take ten times as long for a word."""
ANSWER_MS = 30_000


@dataclass(frozen=True, slots=True)
class Person:
    name: str

    @property
    def email(self) -> str:
        return f"{self.name}@example.org"


def register(page: Page) -> Person:
    """A new account, ending on the chat screen."""
    person = Person(f"guest-{uuid.uuid4().hex[:10]}")
    page.goto("/app/register")
    page.get_by_label("Username").fill(person.name)
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(composer(page)).to_be_visible()
    return person


def sign_in(page: Page, person: Person, password: str = PASSWORD) -> None:
    page.goto("/app/login")
    fill_sign_in(page, person, password)
    expect(composer(page)).to_be_visible()


def fill_sign_in(page: Page, person: Person, password: str) -> None:
    page.get_by_label("E-mail or username").fill(person.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def turn_to(page: Page, name: str) -> None:
    """Go to a page by the navigation; on a telephone the last ones are in its menu."""
    navigation = page.get_by_role("navigation", name="Main navigation")
    expect(navigation.get_by_role("link", name="Chat", exact=True)).to_be_visible()
    if not navigation.get_by_role("link", name=name, exact=True).is_visible():
        navigation.get_by_role("button", name="Menu").click()
    navigation.get_by_role("link", name=name, exact=True).click()


def composer(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def ask(page: Page, question: str) -> None:
    """Send a question; its answer has begun when this returns."""
    composer(page).fill(question)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(stop_button(page)).to_be_visible()


def stop_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Stop", exact=True)


def answers(page: Page) -> Locator:
    return page.get_by_role("article", name="Assistant")


def questions(page: Page) -> Locator:
    return page.get_by_role("article", name="You")


def wait_for_words(page: Page, count: int = 40) -> None:
    """Until the last answer has so many characters, and is still being written."""
    page.wait_for_function(
        "(count) => [...document.querySelectorAll('article[aria-busy]')].at(-1)?.innerText.length > count", arg=count
    )
    expect(answers(page).last).to_have_attribute("aria-busy", "true")


def wait_for_end(page: Page) -> None:
    """Until nothing is being written any more."""
    expect(answers(page).last).to_have_attribute("aria-busy", "false", timeout=ANSWER_MS)
    expect(stop_button(page)).to_be_hidden()


def copied(page: Page, answer: Locator) -> str:
    """An answer as its copy button hands it out: the text that this page put together."""
    answer.get_by_role("button", name="Copy", exact=True).last.click()
    expect(answer.get_by_role("button", name="Copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def stored(page: Page, person: Person, password: str = PASSWORD) -> list[dict[str, Any]]:
    """The messages of the open chat as the server keeps them, oldest first."""
    site, chat = page.url.split("/app/chat/")
    grant = request("POST", f"{site}/api/auth/login", {"email": person.email, "password": password}).good()
    messages = request("GET", f"{site}/api/chats/{chat}/messages", token=grant["access_token"]).good()
    return list(reversed(messages["results"]))
