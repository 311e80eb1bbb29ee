"""One person, several browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import OpenBrowser
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import PASSWORD
from tests.e2e.steps import composer
from tests.e2e.steps import fill_sign_in
from tests.e2e.steps import register
from tests.e2e.steps import sign_in
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e


def test_a_session_can_be_ended_from_elsewhere(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect(r"401 ")
    person = register(page)
    other = open_browser(site.url)
    sign_in(other, person)

    page.goto("/app/settings/sessions")
    page.get_by_role("listitem").get_by_role("button", name="Sign out").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("The session is signed out").first).to_be_visible()
    expect(page.get_by_role("listitem").get_by_role("button", name="Sign out")).to_have_count(0)

    # Nobody touches the other browser, which still has its token in memory: its socket is told.
    other.wait_for_url("**/app/login**")
    page.reload()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


@at_a_desk
def test_a_new_password_ends_the_other_sessions(
    page: Page, open_browser: OpenBrowser, site: Server, complaints: Complaints
) -> None:
    complaints.expect(r"401 ")
    person = register(page)
    other = open_browser(site.url)
    sign_in(other, person)

    page.goto("/app/settings/password")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("Maple-gamma-29")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Password changed.").first).to_be_visible()

    other.reload()
    other.wait_for_url("**/app/login**")
    fill_sign_in(other, person, PASSWORD)
    expect(other.get_by_text("The e-mail or the password is wrong.")).to_be_visible()
    fill_sign_in(other, person, "Maple-gamma-29")
    expect(composer(other)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
