from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.models import User
from aichat.models import ChatMessage
from aichat.services import moderation
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_talk
from core.errors import Forbidden

LIST = "admin:aichat_chatmessage_changelist"


@pytest.fixture
def answer(alice: User) -> ChatMessage:
    row = make_talk(make_chat(alice, title="canary-title"), 1, "canary-text")[-1]
    row.reasoning = "canary-thought"
    row.save()
    return row


@pytest.fixture
def staff(admin_client: Client) -> Client:
    return admin_client


def test_private_text_is_not_on_the_pages(staff: Client, answer: ChatMessage) -> None:
    pages = [
        reverse(LIST),
        reverse("admin:aichat_chatmessage_change", args=[answer.pk]),
        reverse("admin:aichat_chat_changelist"),
        reverse("admin:aichat_chat_change", args=[answer.chat_id]),
    ]
    for page in pages:
        response = staff.get(page)
        assert response.status_code == 200
        assert b"canary" not in response.content


def test_reading_asks_for_a_reason_and_is_written_down(staff: Client, answer: ChatMessage) -> None:
    form = {"action": "show_content", "_selected_action": [str(answer.pk)]}
    asked = staff.post(reverse(LIST), form)
    assert b"Why is it necessary?" in asked.content
    assert b"canary" not in asked.content
    unanswered = staff.post(reverse(LIST), form | {"confirmed": "1", "reason": " "})
    assert b"canary" not in unanswered.content
    assert not AuditEvent.objects.filter(event="chatmessage.read").exists()

    shown = staff.post(reverse(LIST), form | {"confirmed": "1", "reason": "Reported by the owner"})
    assert b"canary-text" in shown.content
    event = AuditEvent.objects.get(event="chatmessage.read")
    assert (event.object_ref, event.data["reason"]) == (f"chatmessage:{answer.pk}", "Reported by the owner")


def test_staff_without_the_permission_read_nothing(answer: ChatMessage, bob: User) -> None:
    bob.is_staff = True
    with pytest.raises(Forbidden):
        moderation.read_content(bob, message_ids=[answer.pk], reason="curious")
