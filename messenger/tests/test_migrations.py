"""What a migration does to rows of the release before."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from conftest import JsonClient
from core import jobs
from core.jobs import worker
from core.text import folded
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Reaction
from messenger.services import reactions
from messenger.tasks import REFOLD
from messenger.tests.factories import make_row

one_folding = import_module("messenger.migrations.0004_one_folding")
SAID = ["м’яч", "Ёлка", "ｆｕｌｌ", "cafe\u0301", "plain", "soft\u00adhyphen"]


def old_rows(talk: Conversation, alice: User) -> list[Message]:
    rows = [make_row(talk, alice, content) for content in SAID]
    for row in rows:
        Message.objects.filter(pk=row.pk).update(search_text=row.content.casefold())
    return rows


def found(client: JsonClient, words: str) -> list[str]:
    return [hit["message"]["content"] for hit in client.get("/api/messenger/search", {"q": words}).json()["results"]]


def test_old_messages_are_found_by_the_new_folding(
    alice: User, bob_client: JsonClient, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_folding, "BATCH", 2)
    old_rows(talk, alice)
    growing = make_row(talk, alice, "not whole yet")
    Message.objects.filter(pk=growing.pk).update(search_text="")
    assert found(bob_client, "елка") == []
    for _ in range(2):  # it may be broken off, and begin again
        one_folding.forwards(apps, None)
        for content in SAID:
            assert found(bob_client, folded(content)) == [content]
    assert found(bob_client, "whole") == []


def test_what_an_old_process_still_writes_is_folded_by_the_job(
    alice: User, bob_client: JsonClient, talk: Conversation
) -> None:
    old_rows(talk, alice)
    assert worker.run_job(jobs.enqueue(REFOLD, payload={}).pk)
    assert found(bob_client, "елка") == ["Ёлка"]


def test_reactions_that_look_the_same_are_joined(
    alice: User, bob: User, talk: Conversation, alice_client: JsonClient
) -> None:
    row = make_row(talk, alice)
    for user, emoji in ((alice, "❤"), (alice, "❤\ufe0f"), (bob, "❤"), (bob, "👍"), (bob, "1\u20e3")):
        Reaction.objects.create(message=row, user=user, emoji=emoji)
    one_folding.forwards(apps, None)
    kept = set(Reaction.objects.values_list("user__username", "emoji"))
    assert kept == {("alice", "❤\ufe0f"), ("bob", "❤\ufe0f"), ("bob", "👍"), ("bob", "1\ufe0f\u20e3")}
    assert reactions.add(bob, message_id=row.pk, emoji="❤") is False
    assert alice_client.delete(f"/api/messenger/messages/{row.pk}/reactions/❤").status_code == 204
    assert list(Reaction.objects.filter(user=alice)) == []


def test_the_folding_of_the_migration_is_that_of_the_house() -> None:
    """Until the house's changes: then this test goes, and a migration of its own comes."""
    for sample in [*SAID, "İ", "ﬀ", "ẞ", "ϔ", "`x´", "\u1e9e\u0307"]:
        assert one_folding.folded(sample) == folded(sample)
