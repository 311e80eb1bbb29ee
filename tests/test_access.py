"""Who gets in where: every route of the API × every verb it knows, for nobody and for a stranger.

The routes come from the URL configuration, so a new one without a row here fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern
from django.urls import URLResolver
from django.urls import get_resolver
from django.urls import reverse
from django.utils import timezone
from rest_framework.views import APIView

from accounts.models import Session
from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_talk
from billing.models import Payment
from conftest import JsonClient
from core.files import uploads
from core.models import StreamEvent
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Invite
from messenger.models import Message
from messenger.models import Participant
from messenger.models import Reaction
from messenger.models import Story
from messenger.services import invites
from messenger.services import reactions
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row

VERBS = ("get", "post", "put", "patch", "delete")
OPEN = {
    "config",
    "schema",
    "docs",
    "subscription-plans",
    "auth-register",
    "auth-login",
    "auth-refresh",
    "auth-telegram",  # of its DELETE see accounts/tests/test_api_telegram.py
    "auth-logout",
    "auth-magic-link",
    "auth-verify-magic-link",  # here and below: the mailed link is the right
    "auth-email-verify",
    "auth-email-confirm",
    "auth-password-reset-request",
    "auth-password-reset",
    "file-content",  # the signature in the link is the right
    "file-thumbnail",
}
MINE = {
    "auth-email-verification",
    "auth-email-change",
    "files",
    "sync",
    "chats",
    "chat-models",
    "chat-estimate",
    "auth-me",
    "auth-password",
    "auth-sessions",
    "auth-logout-all",
    "auth-ws-ticket",
    "auth-telegram-link",
    "subscription",
    "subscription-usage",
    "subscription-checkout",
    "subscription-portal",
    "subscription-change",
    "subscription-cancel",
    "subscription-resume",
    "subscription-payments",
    "payment-history",
    "payment-create-intent",
    "messenger-conversations",
    "messenger-contacts",
    "messenger-users",
    "messenger-presence",
    "messenger-blocks",
    "messenger-invite-look",  # whoever holds the token may look and join
    "messenger-invite-join",
    # Of messages.
    "messenger-search",
    "messenger-unread",
    "messenger-media-links",
    # Of files and stories.
    "file-uploads",
    "messenger-stories",
}
"""They name no object: what they show belongs to the one who asks."""
STAFF = {
    "admin-stats",
    "admin-charts",
    "admin-health",
    "admin-users",
    "admin-ai-jobs",
    "admin-costs",
    "admin-payments-export",
}
"""For the staff; everybody else who is signed in gets 403."""
OBJECTS = {
    "file",
    "auth-session",
    "chat",
    "chat-export",
    "chat-messages",
    "chat-message-regenerate",
    "chat-message-continue",
    "chat-message-stop",
    "chat-message-stream",
    "messenger-conversation",
    "messenger-settings",
    "messenger-draft",
    "messenger-export",
    "messenger-participants",
    "messenger-participant",
    "messenger-invites",
    "messenger-invite",
    "messenger-block",
    # Messages.
    "messenger-messages",
    "messenger-messages-at",
    "messenger-media",
    "messenger-pins",
    "messenger-read",
    "messenger-typing",
    "messenger-message",
    "messenger-forward",
    "messenger-reactions",
    "messenger-reaction",
    "messenger-pin",
    "messenger-receipts",
    # Files and stories.
    "file-upload",
    "file-upload-complete",
    "messenger-story",
    "messenger-story-view",
    "messenger-story-views",
    # Payments.
    "subscription-checkout-state",
    "payment",
}


def _routes() -> Iterator[tuple[str, URLPattern]]:
    def walk(patterns: list[Any], path: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            here = path + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            elif here.startswith("api/") and not here.startswith("api/v1/"):
                yield here, pattern

    return walk(get_resolver().url_patterns, "")


VIEWS: dict[str, type[APIView]] = {
    str(pattern.name): pattern.callback.view_class  # type: ignore[attr-defined]
    for _path, pattern in _routes()
}
BODIES: dict[str, dict[str, Any]] = {
    "chat-messages": {"content": "Let me in"},
    "chat": {"title": "Mine now"},
    "messenger-conversation": {"name": "Mine now"},
    "messenger-settings": {"is_pinned": True},
    "messenger-draft": {"content": "Let me in"},
    "messenger-participants": {"user_ids": ["01990000-0000-7000-8000-000000000001"]},
    "messenger-participant": {"role": "admin"},
    # Of messages.
    "messenger-messages": {"content": "Let me in"},
    "messenger-message": {"content": "Mine now"},
    "messenger-forward": {"conversation_ids": ["01990000-0000-7000-8000-000000000001"]},
    "messenger-reactions": {"emoji": "🔥"},
    "messenger-read": {"message_id": "01990000-0000-7000-8000-000000000001"},
    "messenger-typing": {"is_typing": True},
}
QUERIES: dict[str, str] = {"messenger-messages-at": "?date=2020-01-01"}


def _verbs(names: set[str]) -> list[tuple[str, str]]:
    return sorted((name, verb) for name in names for verb in VERBS if hasattr(VIEWS[name], verb))


@dataclass(frozen=True)
class Estate:
    """What Alice owns, and a chat of Charlie's to smuggle it into."""

    ids: dict[str, UUID | str]
    strangers_chat: Chat

    def path(self, name: str, **others: UUID) -> str:
        wanted = next(pattern for _path, pattern in _routes() if pattern.name == name).pattern.converters
        ids = self.ids | others
        if name.startswith("messenger-"):
            ids |= {"message_id": ids["said_id"]}
        return reverse(name, kwargs={key: ids[key] for key in wanted}) + QUERIES.get(name, "")


@pytest.fixture
def estate(alice: User, bob: User, charlie: User, alice_client: JsonClient) -> Estate:
    chat = make_chat(alice, title="Hers")
    upload = SimpleUploadedFile("hers.txt", b"Her secret")
    group = make_group(alice, bob)
    invite = invites.create(alice, conversation_id=group.pk)
    Block.objects.create(blocker=alice, blocked=bob)
    said = make_row(group, alice, "Her words")
    reactions.add(alice, message_id=said.pk, emoji="🔥")
    file_id = UUID(alice_client.post("/api/files", {"file": upload}, format="multipart").json()["id"])
    coming, _ = uploads.begin(alice, name="hers.mp4", size=9, purpose="message")
    told = Story.objects.create(user=alice, expires_at=timezone.now() + timedelta(hours=1))
    paid = Payment.objects.create(
        user=alice, provider="demo", provider_id="pi_hers", amount=500, currency="USD", purpose="other"
    )
    ids: dict[str, UUID | str] = {
        "payment_id": paid.pk,
        "upload_id": coming.pk,
        "story_id": told.pk,
        "conversation_id": group.pk,
        "said_id": said.pk,
        "emoji": "🔥",
        "user_id": bob.pk,
        "invite_id": invite.pk,
        "token": invite.token,
        "chat_id": chat.pk,
        "message_id": make_talk(chat, turns=2)[-1].pk,
        "session_id": Session.objects.get(user=alice).pk,
        "file_id": file_id,
    }
    return Estate(ids, make_chat(charlie))


def test_every_route_has_a_row() -> None:
    assert set(VIEWS) == OPEN | MINE | STAFF | OBJECTS


@pytest.mark.parametrize(("name", "verb"), _verbs(MINE | STAFF | OBJECTS))
def test_nobody_gets_in_without_a_session(anonymous: JsonClient, estate: Estate, name: str, verb: str) -> None:
    answer = getattr(anonymous, verb)(estate.path(name), BODIES.get(name, {}))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(("name", "verb"), _verbs(STAFF))
def test_only_staff_come_to_what_is_theirs(charlie_client: JsonClient, estate: Estate, name: str, verb: str) -> None:
    answer = getattr(charlie_client, verb)(estate.path(name), {})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("name", "verb"), _verbs(OBJECTS))
def test_a_stranger_finds_nothing(charlie_client: JsonClient, estate: Estate, name: str, verb: str) -> None:
    before = _state()
    answer = getattr(charlie_client, verb)(estate.path(name), BODIES.get(name, {}))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert _state() == before


@pytest.mark.parametrize(
    ("name", "verb"), [(name, verb) for name, verb in _verbs(OBJECTS) if name.startswith("chat-message-")]
)
def test_a_message_is_not_found_through_somebody_elses_chat(
    charlie_client: JsonClient, alice_client: JsonClient, estate: Estate, name: str, verb: str
) -> None:
    crossed = estate.path(name, chat_id=estate.strangers_chat.pk)
    for client in (charlie_client, alice_client):
        answer = getattr(client, verb)(crossed, {})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("field", ["parent_id", "attachments", "active_message_id", "chat_id"])
def test_no_body_smuggles_a_foreign_object_in(charlie_client: JsonClient, estate: Estate, field: str) -> None:
    message, chat, file = (str(estate.ids[key]) for key in ("message_id", "chat_id", "file_id"))
    own = reverse("chat", args=[estate.strangers_chat.pk])
    before = _state()
    answers = {
        "parent_id": lambda: [
            charlie_client.post(f"{own}/messages", {"content": "x", "parent_id": message}),
            charlie_client.post("/api/chats/estimate", {"content": "x", "parent_id": message}),
        ],
        "attachments": lambda: [
            charlie_client.post(f"{own}/messages", {"content": "x", "attachments": [file]}),
            charlie_client.post("/api/chats/estimate", {"content": "x", "attachments": [file]}),
        ],
        "active_message_id": lambda: [charlie_client.patch(own, {"active_message_id": message})],
        "chat_id": lambda: [charlie_client.post("/api/chats/estimate", {"content": "x", "chat_id": chat})],
    }[field]()
    assert {answer.status_code for answer in answers} == {404}
    assert _state() == before


def _state() -> tuple[Any, ...]:
    return (
        sorted(Chat.objects.values_list("pk", "title", "active_leaf", "updated_at"), key=str),
        sorted(ChatMessage.objects.values_list("pk", "content", "status", "attempt", "stop_requested"), key=str),
        sorted(Conversation.objects.values_list("pk", "name", "updated_at", "deleted_at"), key=str),
        sorted(Participant.objects.values_list("pk", "role", "read_seq", "draft", "is_pinned", "is_hidden"), key=str),
        sorted(Message.objects.values_list("pk", "content", "pinned_at", "is_deleted"), key=str),
        sorted(Reaction.objects.values_list("pk"), key=str),
        sorted(Invite.objects.values_list("pk", "uses", "revoked_at"), key=str),
        sorted(Block.objects.values_list("pk"), key=str),
        sorted(StreamEvent.objects.values_list("stream", "seq", "payload"), key=str),
        sorted(Session.objects.values_list("pk", "revoked_at"), key=str),
    )
