from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.models import User
from core.errors import Forbidden
from core.errors import InvalidInput
from core.models import StoredFile
from messenger.models import Block
from messenger.models import Invite
from messenger.models import Message
from messenger.models import Participant
from messenger.models import Story
from messenger.services import moderation
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row

LIST = "admin:messenger_message_changelist"


@pytest.fixture
def said(alice: User, bob: User) -> Message:
    """A group where every private text, name and key holds the word canary."""
    group = make_group(alice, bob, name="canary-group")
    Participant.objects.filter(user=bob).update(draft="canary-draft")
    file = StoredFile.objects.create(
        owner=alice, name="canary.png", key="1", mime_type="image/png", kind="image", size=1, sha256="0" * 64
    )
    Invite.objects.create(conversation=group, created_by=alice, token="canary-token")
    Block.objects.create(blocker=alice, blocked=bob)
    Story.objects.create(user=bob, media=file, caption="canary", expires_at=timezone.now() + timedelta(days=1))
    return make_row(
        group, alice, "canary-text", media=file, link_preview={"title": "canary"}, system={"name": "canary"}
    )


@pytest.mark.parametrize("model", ["conversation", "participant", "message", "invite", "block", "story"])
def test_private_text_is_not_on_the_pages(admin_client: Client, said: Message, model: str) -> None:
    url = reverse(f"admin:messenger_{model}_changelist")
    listed = admin_client.get(url)
    assert listed.status_code == 200
    (row,) = listed.context["cl"].result_list[:1]
    page = admin_client.get(reverse(f"admin:messenger_{model}_change", args=[row.pk]))
    assert page.status_code == 200
    assert b"canary" not in listed.content + page.content
    assert admin_client.get(url, {"q": "alice"}).context["cl"].result_count == (model != "story")
    assert admin_client.get(reverse(f"admin:messenger_{model}_delete", args=[row.pk])).status_code == 403
    assert admin_client.get(reverse(f"admin:messenger_{model}_add")).status_code == 403


def test_reading_asks_for_a_reason_and_is_written_down(admin_client: Client, said: Message) -> None:
    form = {"action": "show_content", "_selected_action": [str(said.pk)]}
    asked = admin_client.post(reverse(LIST), form)
    assert b"Why is it necessary?" in asked.content
    assert b"canary" not in asked.content
    unanswered = admin_client.post(reverse(LIST), form | {"confirmed": "1", "reason": " "})
    assert b"canary" not in unanswered.content
    assert not AuditEvent.objects.filter(event="message.read").exists()

    shown = admin_client.post(reverse(LIST), form | {"confirmed": "1", "reason": "Reported by the sender"})
    assert b"canary-text" in shown.content
    event = AuditEvent.objects.get(event="message.read")
    assert (event.object_ref, event.data["reason"]) == (f"message:{said.pk}", "Reported by the sender")


def test_staff_without_the_permission_read_nothing(said: Message, bob: User) -> None:
    bob.is_staff = True
    with pytest.raises(Forbidden):
        moderation.read_content(bob, message_ids=[said.pk], reason="curious")


def test_a_reason_is_needed(said: Message, admin_user: User) -> None:
    with pytest.raises(InvalidInput):
        moderation.read_content(admin_user, message_ids=[said.pk], reason=" ")
