"""Links by mail, plans and payments, and leaving: as somebody does them in a browser."""

from __future__ import annotations

import contextlib
import email
import email.policy
import re
import time
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Error
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.conftest import Complaints
from tests.e2e.conftest import at_a_desk
from tests.e2e.steps import PASSWORD
from tests.e2e.steps import Person
from tests.e2e.steps import composer
from tests.e2e.steps import fill_sign_in
from tests.e2e.steps import register
from tests.kit.processes import manage
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e
_PATIENCE = 30.0


def mailed_link(site: Server, to: str, page_name: str) -> str:
    """The link to a page of the client in the newest letter to an address."""
    folder = Path(site.env["VAR_DIR"]) / "mail"
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        for path in sorted(folder.glob("*.eml"), reverse=True):
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = letter.get_body(("plain",))
            assert body is not None
            if letter["To"] == to and (found := re.search(rf"(/app/{page_name}#token=\S+)", body.get_content())):
                return found[1]
        time.sleep(0.1)
    raise AssertionError(f"no letter with a link to /app/{page_name} came to {to}")


def test_somebody_comes_in_by_a_link_and_sets_a_password(page: Page, site: Server, complaints: Complaints) -> None:
    complaints.expect(r"400 .*/api/auth/verify-magic-link")
    person = Person(f"linked-{uuid.uuid4().hex[:10]}")
    page.goto("/app/login")
    page.get_by_role("link", name="E-mail me a link").click()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text(f"on its way to {person.email}")).to_be_visible()

    link = mailed_link(site, person.email, "magic")
    page.goto(link)
    expect(page).to_have_url(re.compile(r"/app/magic$"))  # the token does not stay in the address bar
    page.get_by_role("button", name="Sign in").click()
    expect(composer(page)).to_be_visible()

    page.goto("/app/settings/password")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set a password").click()
    expect(page.get_by_label("Current password")).to_be_visible()

    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("This link no longer works")).to_be_visible()


@at_a_desk
def test_a_forgotten_password(page: Page, site: Server) -> None:
    person = register(page)
    page.get_by_role("button", name=re.compile("^Account")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("a link to set a new password is on its way")).to_be_visible()
    page.goto(mailed_link(site, person.email, "reset"))
    page.get_by_label("New password").fill("Another-lotus-18")
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/app/login")
    fill_sign_in(page, person, "Another-lotus-18")
    expect(composer(page)).to_be_visible()


def test_a_newcomer_buys_a_plan_cancels_it_and_keeps_it(page: Page) -> None:
    page.goto("/pricing")
    page.get_by_role("listitem").filter(has_text="Premium Pro").or_(
        page.get_by_role("article").filter(has_text="Premium Pro")
    ).first.get_by_role("link").click()
    page.wait_for_url("**/app/register**")
    name = f"buyer-{uuid.uuid4().hex[:10]}"
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()

    page.get_by_role("dialog").get_by_role("button", name="Go to payment").click()
    expect(page.get_by_text("This is a demo")).to_be_visible()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_text("Your plan is Premium Pro now.")).to_be_visible()

    page.get_by_role("link", name="Plan and payments").click()
    expect(page.get_by_text("Your plan now")).to_be_visible()
    expect(page.get_by_text("$29.99").first).to_be_visible()
    page.get_by_role("button", name="Cancel the plan").click()
    page.get_by_role("dialog").get_by_role("button", name="End the plan").click()
    expect(page.get_by_text(re.compile("Premium Pro ends on"))).to_be_visible()
    page.get_by_role("button", name="Keep Premium Pro").click()
    expect(page.get_by_text(re.compile("Premium Pro ends on"))).to_be_hidden()


_ORDER = """
from accounts.models import User
from billing.tests.order_kit import ordered
for title in ("Sailing before the wind", "Another essay"):
    ordered(User.objects.get(username={name!r}), title=title)
"""


def test_an_order_is_left_declined_paid_and_another_cancelled(page: Page, site: Server) -> None:
    person = register(page)
    made = manage("shell", "-c", _ORDER.format(name=person.name), env=site.env)
    assert made.returncode == 0, made.stderr
    page.goto("/app/billing")
    page.get_by_role("link", name="Orders").click()
    row = page.get_by_role("listitem").filter(has_text="Sailing before the wind")
    left = "You left the payment"
    for button, told in (("Cancel", left), ("Payment fails", left), ("Pay", "Thank you, it is paid")):
        row.get_by_role("button", name="Pay €5.00").click()
        page.wait_for_url("**/billing/demo/checkout/**")
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_text(told)).to_be_visible()
    expect(row.get_by_text("0 of 10 delivered")).to_be_visible()
    other = page.get_by_role("listitem").filter(has_text="Another essay")
    other.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="End the order").click()
    expect(other.get_by_text("Cancelled", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@at_a_desk
def _seen_sooner_or_later(page: Page, words: str) -> None:
    """Of what the provider tells at a time of its own: who opened the page a moment earlier does not know yet."""
    for _ in range(5):
        with contextlib.suppress(Error):
            page.get_by_text(words).wait_for(timeout=4000)
            return
        page.reload()
    expect(page.get_by_text(words)).to_be_visible()


def test_a_renewal_that_is_refused_is_said_on_every_page(page: Page) -> None:
    register(page)
    page.goto("/app/billing")
    page.get_by_role("button", name="Choose Premium Starter").click()
    page.get_by_role("dialog").get_by_role("button", name="Go to payment").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_text("Your plan is Premium Starter now.")).to_be_visible()
    page.goto("/app/billing")
    page.get_by_role("button", name="Cards and invoices").click()
    page.get_by_role("button", name="Decline payments").click()
    expect(page.get_by_text("The next payments are declined.")).to_be_visible()
    page.get_by_role("button", name="Let the month end").click()
    expect(page.get_by_text(re.compile("Open invoice"))).to_be_visible()
    page.goto("/app/chat")
    _seen_sooner_or_later(page, "A payment did not go through")
    page.get_by_role("button", name="Mend the payment").or_(page.get_by_role("link", name="Mend the payment")).click()
    page.wait_for_url(re.compile(r"/(app/billing|billing/demo)"))


def test_somebody_takes_their_data_leaves_and_comes_back(page: Page, complaints: Complaints) -> None:
    complaints.expect(r"403 .*/api/auth/login")
    person = register(page)
    page.goto("/app/settings/data")
    page.get_by_role("button", name="Prepare the archive").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert re.fullmatch(r"kintsugi-[\d-]+\.zip", download.value.suggested_filename)

    page.get_by_role("button", name="Delete the account…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your password").fill("wrong-guess-1")
    complaints.expect(r"400 .*/api/auth/me")
    dialog.get_by_role("button", name="Delete the account").click()
    expect(dialog.get_by_text("This is not your password.")).to_be_visible()
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete the account").click()
    page.wait_for_url("**/app/login**")

    fill_sign_in(page, person, PASSWORD)
    expect(page.get_by_text(re.compile("This account will be deleted on"))).to_be_visible()
    page.get_by_role("button", name="Keep the account and sign in").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
