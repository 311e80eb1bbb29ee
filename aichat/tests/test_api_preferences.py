"""Instructions for all chats: what models are told, and what it costs."""

from __future__ import annotations

import pytest

from accounts.models import User
from aichat.services import messages
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_talk
from conftest import JsonClient

pytestmark = pytest.mark.django_db
PATH = "/api/chats/preferences"


def test_they_are_kept_for_their_owner_alone(alice_client: JsonClient, charlie_client: JsonClient) -> None:
    assert alice_client.get(PATH).json() == {"instructions": ""}
    assert alice_client.put(PATH, {"instructions": "Answer in verse"}).json() == {"instructions": "Answer in verse"}
    assert alice_client.get(PATH).json() == {"instructions": "Answer in verse"}
    assert charlie_client.get(PATH).json() == {"instructions": ""}
    assert alice_client.put(PATH, {"instructions": ""}).json() == {"instructions": ""}


@pytest.mark.parametrize("body", [{}, {"instructions": "x" * 4001}, {"instructions": None}, {"instructions": "\x00"}])
def test_bad_ones_are_refused(alice_client: JsonClient, body: dict[str, object]) -> None:
    refused = alice_client.put(PATH, body)
    assert (refused.status_code, list(refused.json()["details"])) == (400, ["instructions"])


def test_every_way_of_asking_begins_with_them(alice: User, alice_client: JsonClient) -> None:
    alice_client.put(PATH, {"instructions": "Answer in verse"})
    for own, expected in (("", "Answer in verse"), ("Be brief", "Answer in verse\n\nBe brief")):
        chat = make_chat(alice, system_prompt=own)
        attempts = [messages.post_message(alice, chat_id=chat.pk, content="Hello").attempt]
        other = make_chat(alice, system_prompt=own)
        answer = make_talk(other, 1)[-1]
        attempts += [messages.regenerate(alice, chat_id=other.pk, message_id=answer.pk).attempt]
        third = make_chat(alice, system_prompt=own)
        half = make_talk(third, 1)[-1]
        type(half).objects.filter(pk=half.pk).update(status="stopped")
        attempts += [messages.continue_message(alice, chat_id=third.pk, message_id=half.pk).attempt]
        for attempt in attempts:
            assert attempt is not None
            assert (attempt.prompt[0].role, attempt.prompt[0].content) == ("system", expected)
            type(half).objects.filter(pk=attempt.answer_id).update(status="complete")


def test_they_are_counted_before_sending(alice_client: JsonClient) -> None:
    def estimated() -> int:
        tokens: int = alice_client.post("/api/chats/estimate", {"content": "Hello"}).json()["prompt_tokens"]
        return tokens

    before = estimated()
    alice_client.put(PATH, {"instructions": "Answer in verse, in the manner of a bowl that was mended. " * 10})
    assert estimated() > before + 80
