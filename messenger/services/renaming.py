"""Somebody has another name or picture: who sees them learns it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from core.realtime import streams
from messenger.access import conversation_stream
from messenger.access import lock_conversation
from messenger.events import PersonUpdated
from messenger.models import Conversation
from messenger.models import Participant
from messenger.presentation.people import people

KIND = "messenger.show_person"


def show(user_id: UUID, check: Callable[[], None]) -> None:
    """``person.updated`` in every conversation of theirs, one transaction each; ``check`` ends it early by raising.

    It shows what is true when it is written, so doing it twice, or late, is no harm.
    """
    theirs = Participant.objects.filter(user_id=user_id, conversation__in=Conversation.objects.current())
    for conversation_id in list(theirs.order_by("conversation_id").values_list("conversation_id", flat=True)):
        check()
        _show_in(conversation_id, user_id)


@transaction.atomic
def _show_in(conversation_id: UUID, user_id: UUID) -> None:
    lock_conversation(conversation_id)
    person = people([user_id]).get(user_id)
    if person and Participant.objects.filter(conversation_id=conversation_id, user_id=user_id).exists():
        event = PersonUpdated(conversation_id=conversation_id, user=person)
        streams.append(conversation_stream(conversation_id), event)
