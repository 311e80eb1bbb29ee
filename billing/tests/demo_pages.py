"""The demo provider's pages, as a person uses them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from billing.models import DemoObject
from conftest import JsonClient


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def press(browser: Client, url: str, action: str, **fields: str) -> Any:
    """Open one of the demo's pages and press a button on it."""
    path = re.sub(r"^https?://[^/]+", "", url)
    page = browser.get(path)
    assert page.status_code == 200
    assert "demo" in page.content.decode().lower()
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("same-origin", True)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token
    return browser.post(path, {"action": action, "csrfmiddlewaretoken": token[1]} | fields)


def buy(client: JsonClient, browser: Client, plan: str = "premium_pro", action: str = "pay") -> str:
    """From the button to the return; gives the session's id."""
    answer = client.post("/api/subscription/checkout", {"plan": plan})
    assert answer.status_code == 201, answer.json()
    back = press(browser, answer.json()["url"], action)
    assert back.status_code == 302
    return str(answer.json()["session_id"])


def now(client: JsonClient) -> dict[str, Any]:
    body: dict[str, Any] = client.get("/api/subscription").json()
    return body


def press_portal(client: JsonClient, browser: Client, action: str, kind: str) -> Any:
    subject = DemoObject.objects.filter(kind=kind).order_by("-created_at", "-pk").first()
    assert subject
    return press(browser, client.post("/api/subscription/portal").json()["url"], action, id=subject.pk)
