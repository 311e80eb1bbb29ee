from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from accounts.tests.telegram import BOT_TOKEN
from agents.api import run_views
from agents.api import sse as agents_sse
from aichat.api import sse
from tests.access.estate import World
from tests.access.estate import undone
from translation.api import stream as text_stream


@pytest.fixture(scope="module")
def _world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once for a module, in a transaction that is rolled back in the end."""
    with django_db_blocker.unblock(), undone(), override_settings(TELEGRAM_BOT_TOKEN=BOT_TOKEN):
        yield World.build()


@pytest.fixture
def db(_world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of pytest-django's, which would end the module's transaction with each test."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def world(db: None, _world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """As it was before the first case: each case runs in a savepoint of its own."""
    # Who may ask is decided before an answer begins to stream; a stream needs a loop that outlives the request.
    monkeypatch.setattr(sse, "begin", lambda _request, _exchange: HttpResponse(content_type="text/event-stream"))
    monkeypatch.setattr(sse, "resume", lambda _request, _row, _position: HttpResponse(content_type="text/event-stream"))
    monkeypatch.setattr(agents_sse, "respond", lambda *_run: HttpResponse(content_type="text/event-stream"))
    monkeypatch.setattr(text_stream, "respond", lambda *_text: HttpResponse(content_type="text/event-stream"))
    monkeypatch.setattr(run_views, "_take", lambda _run: None)
    assert connection.in_atomic_block
    return _world
