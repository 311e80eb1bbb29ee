"""What people do in the messenger, as steps of a journey."""

from __future__ import annotations

import io
import re
import uuid
from dataclasses import dataclass
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.steps import PASSWORD
from tests.kit.http import request
from tests.kit.servers import Server

ARRIVAL_MS = 10_000
"""How long a message may take on a busy machine; the socket needs a few milliseconds."""
RETURN_MS = 30_000
"""How long a page may take to notice that the server is back: the longest pause between two attempts, and some."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody with an account, and a token to look at what the server keeps."""

    site: str
    id: str
    name: str
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the server directly, past any browser."""
        return request(method, f"{self.site}/api{path}", body, token=self.token).good()

    def stored(self, conversation_id: str) -> list[str]:
        """What was said in a conversation, as the server keeps it, oldest first."""
        answer = self.call("GET", f"/messenger/conversations/{conversation_id}/messages?limit=100")
        return [message["content"] for message in answer["results"] if message["message_type"] != "system"]


def guest(site: Server, name: str) -> Guest:
    """A new account; ``name`` is how its user name begins."""
    username = f"{name}-{uuid.uuid4().hex[:8]}"
    body = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
    answer = site.post("/api/auth/register", body).good()
    return Guest(site.url, answer["user"]["id"], username, answer["access_token"])


def direct(one: Guest, other: Guest) -> str:
    """The id of their direct conversation."""
    body = {"type": "direct", "participant_ids": [other.id]}
    return str(one.call("POST", "/messenger/conversations", body)["id"])


def group(owner: Guest, name: str, *others: Guest) -> str:
    """The id of a new group."""
    body = {"type": "group", "name": name, "participant_ids": [other.id for other in others]}
    return str(owner.call("POST", "/messenger/conversations", body)["id"])


def enter(page: Page, who: Guest, conversation_id: str = "") -> None:
    """Sign in and go to a conversation, or to the list of them; the page is live when this returns."""
    page.goto("/app/login")
    page.get_by_label("E-mail or username").fill(who.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Messages")).to_be_visible()
    page.goto(f"/app/messages/{conversation_id}")
    if conversation_id:
        expect(log(page)).to_be_visible()
    else:
        expect(page.get_by_role("heading", name="Messages")).to_be_visible()


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def say(page: Page, words: str) -> None:
    field(page).fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def bubble(page: Page, words: str) -> Locator:
    """The bubble of a message by its own words, not by what it quotes."""
    return page.locator("[data-bubble]").filter(has=page.locator("p").get_by_text(words, exact=True)).last


def said(page: Page) -> list[str]:
    """All that the open conversation shows, from the top."""
    return page.locator("[data-bubble] > p:not([class*=sender])").all_inner_texts()


def hears(page: Page, words: str) -> None:
    expect(bubble(page, words)).to_be_visible(timeout=ARRIVAL_MS)


def choose(page: Page, words: str, action: str) -> None:
    """Take an action from the menu of a message."""
    bubble(page, words).click(button="right")
    page.get_by_role("menuitem", name=action, exact=True).click()


def tick(page: Page, words: str, state: str) -> None:
    """Wait until the tick of one's own message says ``state``; "Sent" is also what was delivered or read since."""
    wanted = "Sent|Delivered|Read" if state == "Sent" else state
    expect(bubble(page, words).get_by_role("img", name=re.compile(f"^({wanted})$"))).to_be_visible(timeout=ARRIVAL_MS)


def row(page: Page, name: str) -> Locator:
    """A conversation in the list."""
    return page.get_by_role("listitem").filter(has_text=name)


def picture(name: str, width: int, height: int) -> FilePayload:
    """A JPEG of this size, as somebody chooses it."""
    into = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(into, "JPEG")
    return FilePayload(name=name, mimeType="image/jpeg", buffer=into.getvalue())
