"""In a server of the proof: an agent that writes messages which grow, step by step, as the play commands it."""

from __future__ import annotations

import os
from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID
from uuid import uuid5

from django.db import transaction

from accounts.models import User
from core.errors import NotFound
from core.realtime.commands import Payload
from core.realtime.commands import command
from core.shapes import Shape
from messenger import access
from messenger.services import participants
from messenger.services import speaking
from messenger.services.speaking import Speech

_ID = "01990000-0000-7000-8000-00000000000f"
_written: dict[str, tuple[Speech, str]] = {}
"""What this process writes, by its client id, with the text so far."""


class Speak(Payload):
    example: ClassVar[dict[str, Any]] = {"conversation_id": _ID, "name": "one", "step": "begin"}

    conversation_id: UUID
    name: str
    step: Literal["join", "begin", "more", "finish"]


class Spoken(Shape):
    user_id: UUID


def hurry() -> None:
    """A writer is lost after three seconds, and each step is told."""
    speaking.PAUSE_SECONDS, speaking.LOOK_SECONDS = 0.0, 0.5
    speaking.LEASE /= 7


@command("proof.speak", Speak)
def speak(actor: User, payload: Speak) -> Spoken:
    """The agent joins, or takes the next step in writing a message; its words say who wrote them."""
    room = payload.conversation_id
    if payload.step == "join":
        return Spoken(user_id=_join(actor, room).pk)
    agent = User.objects.get(username=_name(room))
    key = f"{room.hex}:{payload.name}"[:64]
    if payload.step == "begin":
        text = f"{os.getpid()}.{os.urandom(4).hex()} says"
        run_id = uuid5(room, payload.name)
        _written[key] = speaking.begin(agent, conversation_id=room, client_id=key, text=text, run_id=run_id), text
    elif key not in _written:
        raise NotFound
    else:
        _go_on(key, payload.step)
    return Spoken(user_id=agent.pk)


def _go_on(key: str, step: str) -> None:
    speech, text = _written[key]
    text += f" 🍵{text.partition(' ')[0]}"  # each word is its writer's, so that what two wrote is seen
    _written[key] = speech, text
    if step == "finish":
        speaking.finish(speech, text)
        return
    speaking.tell(speech, text)
    if text.count("🍵") % 2:
        speaking.keep(speech, text)


@transaction.atomic
def _join(actor: User, room: UUID) -> User:
    agent = User.objects.create_user(username=_name(room), kind=User.Kind.AGENT)
    participants.enter(access.admin_of(actor, room, lock=True).conversation, [agent], actor=actor)
    return agent


def _name(room: UUID) -> str:
    return f"agent-{room.hex}"
