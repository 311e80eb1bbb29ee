"""What the public pages promise: no more than this server has."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.test import Client

_TEXT = re.compile(r"<[^>]+>")


def _words(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", _TEXT.sub(" ", response.content.decode()))


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The app of the parameter is not there."""
    installed = apps.is_installed
    monkeypatch.setattr(apps, "is_installed", lambda name: name != request.param and installed(name))


def test_the_landing_shows_both_halves(client: Client) -> None:
    words = _words(client, "/")
    assert "Any model" in words
    assert "voice messages, stories" in words
    assert "@bob, look what it says!" in words


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("without", ["messenger"], indirect=True)
def test_it_promises_no_people_where_there_is_no_messenger(client: Client) -> None:
    words = _words(client, "/")
    assert "Any model" in words
    for promise in ("voice messages", "@bob", "send its answer to people"):
        assert promise not in words


@pytest.mark.django_db
def test_a_plan_names_the_models_that_answer_with_it(client: Client) -> None:
    words = _words(client, "/pricing")
    assert re.search(r"Free .* Models Demo", words)


@pytest.mark.django_db
@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("without", ["aichat"], indirect=True)
def test_a_plan_names_no_models_where_no_model_answers(client: Client) -> None:
    assert "And these models" not in _words(client, "/pricing")
    assert "Demo" not in _words(client, "/pricing")


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("without", ["billing"], indirect=True)
def test_a_server_without_plans_sells_none(client: Client) -> None:
    words = _words(client, "/pricing")
    assert "This server asks for no money" in words
    assert "$" not in words
