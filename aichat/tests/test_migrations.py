"""What a migration does to rows of the release before."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps

from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.tasks import REFOLD
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_message
from conftest import JsonClient
from core import jobs
from core.jobs import worker

one_folding = import_module("aichat.migrations.0004_one_folding")


def test_old_chats_are_found_by_the_new_folding(alice: User, alice_client: JsonClient) -> None:
    def found() -> set[str]:
        return {one["id"] for one in alice_client.get("/api/chats", {"search": "елка"}).json()["results"]}

    by_title, by_message = make_chat(alice, title="Ёлка"), make_chat(alice)
    make_message(by_message, "user", "ЁЛКА")
    for fold in (lambda: one_folding.forwards(apps, None), lambda: worker.run_job(jobs.enqueue(REFOLD, payload={}).pk)):
        Chat.objects.filter(pk=by_title.pk).update(search_title="ёлка")
        ChatMessage.objects.update(search_text="ёлка")
        assert found() == set()
        fold()
        assert found() == {str(by_title.pk), str(by_message.pk)}
