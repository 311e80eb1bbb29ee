"""From the front page to the first answer, and back out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import PASSWORD
from tests.e2e.steps import Person
from tests.e2e.steps import answers
from tests.e2e.steps import ask
from tests.e2e.steps import composer
from tests.e2e.steps import copied
from tests.e2e.steps import fill_sign_in
from tests.e2e.steps import register
from tests.e2e.steps import stop_button
from tests.e2e.steps import stored
from tests.e2e.steps import turn_to
from tests.e2e.steps import wait_for_end
from tests.e2e.steps import wait_for_words

pytestmark = pytest.mark.e2e


def test_a_newcomer_gets_an_answer_sees_its_cost_and_comes_back(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Create an account").first.click()
    page.wait_for_url("**/app/register")
    person = register(page)

    ask(page, "What is Kintsugi?")
    wait_for_words(page)
    wait_for_end(page)
    answer = answers(page).last
    assert copied(page, answer) == stored(page, person)[-1]["content"]
    expect(answer.get_by_text(re.compile(r"^\d[\d,]* tokens"))).to_be_visible()

    turn_to(page, "Usage")
    expect(page.get_by_text(re.compile(r"^[1-9][\d,]* of 100,000 used"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("tokens", re.IGNORECASE))).to_be_visible()

    page.get_by_role("button", name=re.compile("^Account")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/app/login**")
    page.reload()
    fill_sign_in(page, person, PASSWORD)
    expect(page.get_by_role("heading", name="Usage")).to_be_visible()


@at_a_desk
def test_names_that_are_taken_are_said_at_the_field(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"409 .*/api/auth/register")
    page.goto("/app/register")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("E-mail").fill("someone-else@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    field = page.get_by_label("Username")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("This name is taken.")).to_be_visible()


@at_a_desk
def test_five_wrong_passwords_lock_the_door_for_a_while(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"(401|429) .*/api/auth/login")
    page.goto("/app/login")
    nobody = Person("nobody-of-that-name")
    for _ in range(5):
        fill_sign_in(page, nobody, "wrong-guess-1")
        expect(page.get_by_text("The e-mail or the password is wrong.")).to_be_visible()
        expect(page.get_by_role("button", name="Sign in")).to_be_enabled()
    fill_sign_in(page, nobody, "wrong-guess-1")
    countdown = page.get_by_role("button", name=re.compile(r"Try again in 14:\d\d"))
    expect(countdown).to_be_visible()
    expect(countdown).to_be_disabled()


@at_a_desk
def test_all_of_it_without_a_mouse(page: Page) -> None:
    page.goto("/app/register")
    expect(page.get_by_label("Username")).to_be_visible()
    name = "keys-only"
    for word in (name, f"{name}@example.org", PASSWORD):
        for _ in range(8):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('input') && document.activeElement.value === ''"):
                break
        page.keyboard.type(word)
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_visible()

    page.keyboard.press("/")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("Tell me about limits. /demo fail slow")
    page.keyboard.press("Enter")
    wait_for_words(page)
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped here by you.")).to_be_visible()
    expect(stop_button(page)).to_be_hidden()


@at_a_desk
def test_the_language_stays_as_it_was_chosen(page: Page) -> None:
    page.goto("/app/login")
    page.get_by_role("combobox", name="Language").select_option("uk")
    expect(page.get_by_role("button", name="Увійти")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Увійти")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("link", name="Створити запис").first).to_be_visible()

    page.goto("/app/register")
    page.get_by_label("Ім’я користувача").fill("oksana")
    page.get_by_label("Електронна пошта").fill("oksana@example.org")
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Створити обліковий запис").click()
    expect(page.get_by_label("Повідомлення", exact=True)).to_be_visible()
    page.get_by_role("combobox", name="Мова").select_option("en")
    expect(composer(page)).to_be_visible()
    # The profile was changed with it: it brings its language to another browser.
    expect(composer(page)).to_be_visible()
    page.evaluate("localStorage.removeItem('kintsugi.language')")
    page.context.clear_cookies(name="django_language")
    page.reload()
    expect(composer(page)).to_be_visible()
