"""The pages that need no sign-in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def _fits(page: Page) -> bool:
    """Nothing sticks out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("path", ["/", "/pricing"])
def test_the_public_pages(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    expect(page.locator("main h1")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert _fits(page)


def test_the_client_asks_a_stranger_to_sign_in(page: Page) -> None:
    page.goto("/app")
    page.wait_for_url("**/app/login**")
    expect(page.locator("input[type=password]")).to_be_visible()
    assert _fits(page)


def test_the_api_can_be_tried_in_the_browser(page: Page) -> None:
    page.goto("/api/docs")
    expect(page.locator(".opblock-tag", has_text="aichat")).to_be_visible(timeout=30_000)
    page.locator(".opblock-tag", has_text="core").click()
    expect(page.get_by_text("/api/config", exact=True).first).to_be_visible()
    page.locator(".opblock-summary", has_text="/api/config").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tr.response .response-col_status")).to_contain_text("200")


def test_the_admin_asks_for_a_password(page: Page) -> None:
    page.goto("/admin/")
    expect(page.locator("input[name=password]")).to_be_visible()
