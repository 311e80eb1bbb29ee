"""Links to chats: what whoever has one reads, and what they never read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import ChatShare
from aichat.models import MessageAttachment
from aichat.services import sharing
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_file
from aichat.tests.factories import make_message
from aichat.tests.factories import make_talk
from conftest import JsonClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(alice: User) -> Chat:
    chat = make_chat(alice, title="Kitchen plans")
    rows = make_talk(chat, 2)
    ChatMessage.objects.filter(pk=rows[1].pk).update(reasoning="A secret thought", cost="0.25", prompt_tokens=7)
    MessageAttachment.objects.create(message=rows[0], file=make_file(alice, "private-name.txt"))
    return chat


def shared(client: JsonClient, chat: Chat, **body: Any) -> tuple[dict[str, Any], str]:
    answer = client.post(f"/api/chats/{chat.pk}/shares", body)
    assert answer.status_code == 201, answer.json()
    return answer.json(), "/api/shared-chats/" + answer.json()["url"].rpartition("/")[2]


def test_a_stranger_reads_what_was_said_and_nothing_else(
    alice_client: JsonClient, anonymous: JsonClient, chat: Chat
) -> None:
    _made, path = shared(alice_client, chat)
    answer = anonymous.get(path)
    body = answer.json()
    assert (body["title"], body["name"], body["next"]) == ("Kitchen plans", None, None)
    assert [(one["role"], one["content"]) for one in body["messages"]] == [
        ("user", "question 0 word"),
        ("assistant", "answer 0 word"),
        ("user", "question 1 word"),
        ("assistant", "answer 1 word"),
    ]
    assert [one["files"] for one in body["messages"]] == [1, 0, 0, 0]
    assert set(body["messages"][0]) == {"id", "role", "content", "model", "files"}
    for secret in ("alice", "secret thought", "private-name", "0.25"):
        assert secret not in json.dumps(body["messages"]) + body["title"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Cache-Control"] == "no-store"


def test_the_owner_may_say_who_they_are(alice_client: JsonClient, anonymous: JsonClient, chat: Chat) -> None:
    _made, path = shared(alice_client, chat, shows_name=True)
    assert anonymous.get(path).json()["name"] == "alice"


def test_what_comes_later_is_not_shown(
    alice: User, alice_client: JsonClient, anonymous: JsonClient, chat: Chat
) -> None:
    _made, path = shared(alice_client, chat)
    chat.refresh_from_db()
    leaf = chat.active_leaf
    assert leaf
    make_message(chat, "user", "Said later", leaf)
    ChatMessage.objects.filter(pk=leaf.pk).update(content=leaf.content + " and it grew")
    Chat.objects.filter(pk=chat.pk).update(title="Renamed later")
    body = anonymous.get(path).json()
    assert body["title"] == "Kitchen plans"
    assert body["messages"][-1]["content"] == leaf.content
    assert "later" not in json.dumps(body)


def test_a_link_that_was_withdrawn_is_no_link(
    alice_client: JsonClient, charlie_client: JsonClient, anonymous: JsonClient, chat: Chat
) -> None:
    made, path = shared(alice_client, chat)
    other, other_path = shared(alice_client, chat)
    assert charlie_client.delete(f"/api/chat-shares/{made['id']}").status_code == 404
    assert anonymous.get(path).status_code == 200
    assert alice_client.delete(f"/api/chat-shares/{made['id']}").status_code == 204
    assert anonymous.get(path).status_code == 404
    assert alice_client.delete(f"/api/chat-shares/{made['id']}").status_code == 404
    assert anonymous.get(other_path).status_code == 200
    alice_client.delete(f"/api/chats/{chat.pk}")
    assert anonymous.get(other_path).status_code == 404
    assert anonymous.get("/api/shared-chats/" + "x" * 32).status_code == 404
    assert other["title"] == "Kitchen plans"


def test_the_link_itself_is_not_kept(alice_client: JsonClient, chat: Chat) -> None:
    made, path = shared(alice_client, chat)
    token = path.rpartition("/")[2]
    assert token not in json.dumps(list(ChatShare.objects.values()), default=str)
    listed = alice_client.get("/api/chat-shares").json()["results"]
    assert listed == [{name: value for name, value in made.items() if name != "url"}]


def test_a_stranger_has_no_links_to_it(alice_client: JsonClient, charlie_client: JsonClient, chat: Chat) -> None:
    shared(alice_client, chat)
    path = f"/api/chats/{chat.pk}/shares"
    assert charlie_client.get(path).status_code == charlie_client.post(path, {}).status_code == 404
    assert charlie_client.get("/api/chat-shares").json()["results"] == []


def test_what_cannot_be_shared(alice: User, alice_client: JsonClient, chat: Chat, monkeypatch: Any) -> None:
    empty = make_chat(alice)
    refused = alice_client.post(f"/api/chats/{empty.pk}/shares", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_share")
    question = make_message(empty, "user", "Hm?")
    make_message(empty, "assistant", "", question, status="streaming")
    refused = alice_client.post(f"/api/chats/{empty.pk}/shares", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_running")
    monkeypatch.setattr(sharing, "MOST", 1)
    shared(alice_client, chat)
    refused = alice_client.post(f"/api/chats/{chat.pk}/shares", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_shares")


def test_a_refused_turn_is_left_out(alice_client: JsonClient, anonymous: JsonClient, chat: Chat) -> None:
    ChatMessage.objects.filter(chat=chat, content__startswith="answer 0").update(withheld=True)
    _made, path = shared(alice_client, chat)
    assert len(anonymous.get(path).json()["messages"]) == 3


def test_a_suspended_owner_shows_nothing(
    alice: User, alice_client: JsonClient, anonymous: JsonClient, chat: Chat
) -> None:
    _made, path = shared(alice_client, chat)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert anonymous.get(path).status_code == 404


def test_a_long_one_comes_in_pages_by_few_queries(
    alice: User, alice_client: JsonClient, anonymous: JsonClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chat = make_chat(alice)
    make_talk(chat, 60)
    _made, path = shared(alice_client, chat)
    with django_assert_num_queries(3):  # the link, the messages, their files
        body = anonymous.get(path).json()
    found = body["messages"]
    while body["next"]:
        body = anonymous.get(body["next"]).json()
        found += body["messages"]
    assert [one["content"] for one in found[::2]] == [f"question {turn} word" for turn in range(60)]
    assert anonymous.get(f"{path}?start=-1").status_code == 400
    assert anonymous.get(f"{path}?start=9999").json()["messages"] == []


def test_a_link_is_made_without_reading_what_was_said(alice: User, alice_client: JsonClient) -> None:
    """A branch may be megabytes, of which the link keeps the lengths."""
    chat = make_chat(alice)
    make_talk(chat, 30)
    with CaptureQueriesContext(connection) as captured:
        made, _path = shared(alice_client, chat)
    assert made["message_count"] == 60
    asked = [re.sub(r"LENGTH\([^)]*\)", "", query["sql"]) for query in captured if "branch" in query["sql"]]
    assert asked
    assert not [sql for sql in asked if "content" in sql]


@pytest.mark.parametrize("text", ["🏺🏺 bowl", "е\u0301ж", "👨\u200d👩\u200d👧 x", "plain"])
def test_lengths_are_counted_as_the_text_is_cut(
    alice: User, alice_client: JsonClient, anonymous: JsonClient, text: str
) -> None:
    chat = make_chat(alice)
    row = make_message(chat, role="user", content=text)
    type(chat).objects.filter(pk=chat.pk).update(active_leaf=row)
    _made, path = shared(alice_client, chat)
    type(row).objects.filter(pk=row.pk).update(content=text + " and more")
    assert [one["content"] for one in anonymous.get(path).json()["messages"]] == [text]


def test_links_are_not_guessed_without_end(
    alice_client: JsonClient, anonymous: JsonClient, chat: Chat, settings: Any
) -> None:
    _made, path = shared(alice_client, chat)
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "shared_chat": (2, 60)}
    assert [anonymous.get(path).status_code for _again in range(3)] == [200, 200, 429]


def test_search_engines_keep_away_from_the_page(anonymous: JsonClient) -> None:
    page = anonymous.get("/app/shared/abc")
    assert page["X-Robots-Tag"] == "noindex"
    assert page["Referrer-Policy"] == "no-referrer"
    assert "X-Robots-Tag" not in anonymous.get("/app/login")
