from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from kintsugi import client_routes

pytestmark = pytest.mark.any_stack


@pytest.fixture
def listed(tmp_path: Path, settings: Settings) -> Path:
    settings.FRONTEND_DIST = tmp_path
    return tmp_path / "routes.json"


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("", True),
        ("chat", True),
        ("chat/", True),
        ("chat/01990000-0000-7000-8000-00000000000c", True),
        ("chat/a/b", False),
        ("join", False),
        ("join/abc", True),
        ("billing/orders", True),
        ("billing/ordersx", False),
        ("nothing", False),
    ],
)
def test_what_the_client_draws_is_known(listed: Path, path: str, *, known: bool) -> None:
    listed.write_text(json.dumps(["/app/billing/orders", "/app/chat/:id?", "/app/join/:token"]))
    assert client_routes.is_known(path) is known


def test_without_a_build_nothing_is_refused(listed: Path) -> None:
    assert not listed.exists()
    assert client_routes.is_known("nothing")


def test_an_address_that_nobody_knows_answers_404_with_the_client_s_page(
    client: Client, listed: Path, settings: Settings
) -> None:
    listed.write_text(json.dumps(["/app/chat/:id?"]))
    missing, there = client.get("/app/nothing"), client.get("/app/chat")
    assert (missing.status_code, there.status_code) == (404, 200)
    assert b'id="app"' in missing.content
    assert b'name="description"' in there.content
