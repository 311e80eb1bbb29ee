from __future__ import annotations

import json

from asgiref.sync import sync_to_async
from django.core.files.base import ContentFile

from aichat.models import ChatMessage
from aichat.services import exports
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_message
from aichat.tests.factories import make_talk
from aichat.tests.talking import Talk
from core.files import services as files


async def _export(talk: Talk, chat_id: object, form: str) -> tuple[dict[str, str], str]:
    response = await talk.get(f"/api/chats/{chat_id}/export?as={form}")
    assert response.status_code == 200
    return dict(response.headers), b"".join([part async for part in response.streaming_content]).decode()


def _branched(talk: Talk) -> tuple[object, list[ChatMessage]]:
    chat = make_chat(talk.user, title="Кінцу / ../../etc\r\nX: y")
    rows = make_talk(chat, 60)
    other = make_message(chat, "assistant", "the other answer", rows[-2])
    file = files.store(talk.user, upload=ContentFile(b"text"), name="notes.txt")
    rows[0].attachments.create(file=file)
    return chat.pk, [*rows[:-1], other]


async def test_markdown_is_the_shown_branch_in_order(talk: Talk) -> None:
    chat_id, branch = await sync_to_async(_branched)(talk)
    headers, text = await _export(talk, chat_id, "markdown")
    assert headers["Content-Type"].startswith("text/markdown")
    disposition = headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "/" not in disposition.replace("utf-8''", "")
    assert "\n" not in disposition
    places = [text.index(f"\n{row.content}\n") for row in branch]
    assert places == sorted(places)
    assert "answer 59" not in text
    assert "- notes.txt" in text
    assert text.startswith("# Кінцу / ../../etc X: y\n")


async def test_json_has_every_branch(talk: Talk) -> None:
    chat_id, _branch = await sync_to_async(_branched)(talk)
    headers, text = await _export(talk, chat_id, "json")
    document = json.loads(text)
    assert headers["Content-Type"] == "application/json"
    assert document["chat"]["id"] == str(chat_id)
    assert len(document["messages"]) == 121
    assert document["messages"][0]["attachments"] == [{"name": "notes.txt", "mime_type": "text/plain"}]
    parents = {message["id"] for message in document["messages"]} | {None}
    assert all(message["parent_id"] in parents for message in document["messages"])


async def test_an_empty_chat_can_be_exported_and_another_form_cannot(talk: Talk) -> None:
    chat = await talk.chat()
    assert json.loads((await _export(talk, chat.pk, "json"))[1])["messages"] == []
    assert (await _export(talk, chat.pk, "markdown"))[1].startswith("# Chat\n")
    assert (await talk.get(f"/api/chats/{chat.pk}/export?as=pdf")).status_code == 400
    assert exports.file_name(chat, "md") == "chat.md"
