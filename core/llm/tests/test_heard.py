"""What one process heard of a provider, all others know within a minute, the operator's commands at once."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from core.llm import discovery
from core.llm import heard
from core.llm.base import Adjustments
from core.llm.base import ProviderConfig
from core.llm.models import HeardWords
from core.llm.tests.asking import ask
from core.llm.tests.wires import DONE
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.llm.tests.wires import plain
from core.llm.tests.wires import rude_error

pytestmark = pytest.mark.django_db
CONFIG = ProviderConfig("openai", "OpenAI", "x", "http://models.example/v1")
CHANGE = Adjustments(
    frozenset({"temperature", "reasoning.summary"}), "max_tokens", ("low", "high"), "chat", json="none"
)


def another_process() -> None:
    """Nothing in memory; what the table has is read."""
    heard.forget()
    heard.share()


@pytest.mark.parametrize("change", [CHANGE, Adjustments(protocol="responses"), Adjustments(json="object")])
def test_another_process_knows_it(change: Adjustments) -> None:
    heard.remember(CONFIG, "m", change)
    heard.share()
    another_process()
    assert heard.known(CONFIG, "m") == change
    assert heard.known(CONFIG, "other") == Adjustments()
    heard.remember(CONFIG, "m", Adjustments(limit="max_tokens"))
    heard.share()
    another_process()
    assert heard.known(CONFIG, "m") == Adjustments(limit="max_tokens")


def test_what_was_about_one_conversation_is_not_told() -> None:
    heard.remember(CONFIG, "m", Adjustments(stateless=True))
    heard.share()
    another_process()
    assert heard.known(CONFIG, "m") == Adjustments()
    assert heard.at(CONFIG) == []


def test_it_holds_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    heard.remember(CONFIG, "m", CHANGE)
    heard.share()
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=23))
    another_process()
    assert heard.known(CONFIG, "m") == CHANGE
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=25))
    assert heard.known(CONFIG, "m") == Adjustments()
    heard.remember(CONFIG, "n", CHANGE)
    heard.share()
    assert [row.model for row in HeardWords.objects.all()] == ["n"]


def test_while_the_database_is_away_it_is_kept_and_shared_later(monkeypatch: pytest.MonkeyPatch) -> None:
    heard.remember(CONFIG, "m", CHANGE)
    with monkeypatch.context() as away:
        away.setattr(heard, "_write", _fail)
        heard.share()
    assert heard.known(CONFIG, "m") == CHANGE
    heard.share()
    another_process()
    assert heard.known(CONFIG, "m") == CHANGE


def _fail(*_: Any) -> None:
    raise DatabaseError


def test_a_row_of_another_version_is_passed_over() -> None:
    until = timezone.now() + timedelta(hours=1)
    HeardWords.objects.create(base_url=CONFIG.base_url, model="m", changes={"protocol": "telepathy"}, until=until)
    another_process()
    assert heard.known(CONFIG, "m") == Adjustments()


def test_the_operator_is_told_what_a_serving_process_heard(wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    wire.says(plain("400 Bad Request", rude_error(code="unsupported_parameter", param="temperature")))
    wire.streams(event("a"), event(finish="stop"), DONE)
    asyncio.run(ask("Hi", temperature=0.3))
    discovery.learn()
    heard.forget()
    wire.says(plain("200 OK", b'{"object":"list","data":[{"id":"gpt-4o"}]}'))
    call_command("check_providers")
    assert "gpt-4o: not sent: temperature." in capsys.readouterr().out


def test_the_operators_call_is_made_as_every_other(wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that refuses a parameter works all the same, and all processes know from then on."""
    wire.says(plain("200 OK", b'{"object":"list","data":[{"id":"gpt-4o"}]}'))
    wire.says(plain("400 Bad Request", rude_error(code="unknown_parameter", param="stream_options")))
    wire.streams(event("a"), event(finish="stop"), DONE)
    call_command("check_providers", "--call", "--json")
    report = {row["name"]: row for row in json.loads(capsys.readouterr().out)["providers"]}
    assert (report["openai"]["works"], report["openai"]["called"]) == (True, "gpt-4o")
    assert report["openai"]["heard"] == ["gpt-4o: not sent: stream_options."]
    another_process()
    assert "stream_options" not in asyncio.run(_sent(wire))


async def _sent(wire: Wire) -> dict[str, Any]:
    wire.streams(event("a"), event(finish="stop"), DONE)
    await ask("Hi")
    return wire.bodies[-1]
