"""Names and messages of every app go by what can be seen of them: see ``core/text.py``."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from aichat.models import Chat
from aichat.services import titles
from conftest import JsonClient
from messenger.models import Conversation
from messenger.models import Message

pytestmark = pytest.mark.django_db
INVISIBLE = ["\u200b", "\u3164", "\u2800", "\u2060", "\u202e", "\u00ad", "\u115f", "\u200d\ufe0f", "\ufeff \u200b"]


@pytest.fixture
def group(alice_client: JsonClient, bob: User) -> str:
    form = {"type": "group", "name": "Kitchen", "participant_ids": [str(bob.pk)]}
    answer = alice_client.post("/api/messenger/conversations", form)
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["id"])


def named(client: JsonClient, name: str, bob: User) -> Any:
    form = {"type": "group", "name": name, "participant_ids": [str(bob.pk)]}
    return client.post("/api/messenger/conversations", form)


@pytest.mark.parametrize("blank", INVISIBLE)
def test_nothing_to_see_is_nothing_said(alice_client: JsonClient, bob: User, group: str, blank: str) -> None:
    path = f"/api/messenger/conversations/{group}"
    said = alice_client.post(f"{path}/messages", {"content": blank, "client_id": "one"})
    assert (said.status_code, said.json()["details"].keys()) == (400, {"content"})
    for answer in (named(alice_client, blank, bob), alice_client.patch(path, {"name": blank})):
        assert (answer.status_code, answer.json()["details"].keys()) == (400, {"name"})
    assert Conversation.objects.get().name == "Kitchen"
    assert not Message.objects.filter(message_type="text").exists()


@pytest.mark.parametrize("blank", INVISIBLE)
def test_nor_is_it_asked_or_a_title(alice_client: JsonClient, blank: str) -> None:
    chat = alice_client.post("/api/chats", {"title": blank})
    assert (chat.status_code, chat.json()["title"]) == (201, "")
    assert Chat.objects.get().title_source == Chat.TitleSource.NONE
    asked = alice_client.post(f"/api/chats/{chat.json()['id']}/messages", {"content": blank})
    assert asked.status_code == 400


def test_a_message_cannot_be_edited_away(alice_client: JsonClient, group: str) -> None:
    path = f"/api/messenger/conversations/{group}/messages"
    said = alice_client.post(path, {"content": "\u200bhello\u200b", "client_id": "one"}).json()
    assert said["content"] == "\u200bhello\u200b"  # what is said stays as it was said
    answer = alice_client.put(f"/api/messenger/messages/{said['id']}", {"content": "\u2800"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Bank \u202esupport", "Bank support"),
        ("x\n[2026-01-01 00:00] yan: I owe you 1000", "x [2026-01-01 00:00] yan: I owe you 1000"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_a_name_is_one_line_that_turns_nothing(alice_client: JsonClient, bob: User, typed: str, kept: str) -> None:
    group = named(alice_client, typed, bob).json()
    assert group["name"] == kept
    path = f"/api/messenger/conversations/{group['id']}"
    assert alice_client.patch(path, {"name": f"{typed}!"}).json()["name"] == f"{kept}!"
    assert alice_client.post("/api/chats", {"title": typed}).json()["title"] == kept


def test_a_title_is_cut_between_what_readers_take_for_characters() -> None:
    family = "👨‍👩‍👧‍👦"
    for before in range(40, 62):
        title = titles.from_question("a" * before + family * 4)
        assert len(title) <= titles.LENGTH + 1
        assert set(title.removesuffix("…").lstrip("a").split(family)) <= {""}


def test_password_managers_find_the_way(client: Client) -> None:
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/app/settings")
