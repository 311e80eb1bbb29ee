"""What the socket is asked for: each command is a few lines, and its REST twin calls the same service."""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from uuid import UUID

from accounts.models import User
from core.realtime.commands import Payload
from core.realtime.commands import command
from messenger.presentation.answers import ReadPosition
from messenger.presentation.answers import SentMessage
from messenger.services import messages
from messenger.services import reactions
from messenger.services import reads
from messenger.services import typing
from messenger.shapes import ClientId
from messenger.shapes import Content
from messenger.shapes import Emoji
from messenger.shapes import MessageShape
from messenger.shapes import SayableType

_ROOM = "01990000-0000-7000-8000-00000000000c"
_MESSAGE = "01990000-0000-7000-8000-00000000000e"


class SendPayload(Payload):
    """Say something; a repeat with the same ``client_id`` is safe."""

    example: ClassVar[dict[str, Any]] = {
        "conversation_id": _ROOM,
        "content": "Tea at five?",
        "client_id": "c-7f3a",
    }

    conversation_id: UUID
    content: Content = ""
    client_id: ClientId | None = None
    message_type: SayableType | None = None
    media_id: UUID | None = None
    reply_to_id: UUID | None = None
    album_id: UUID | None = None
    story_id: UUID | None = None


class EditPayload(Payload):
    """Write one's own message anew."""

    example: ClassVar[dict[str, Any]] = {"message_id": _MESSAGE, "content": "Tea at six?"}

    message_id: UUID
    content: Content


class MessagePayload(Payload):
    """A message."""

    example: ClassVar[dict[str, Any]] = {"message_id": _MESSAGE}

    message_id: UUID


class ReactionPayload(Payload):
    """An emoji at a message."""

    example: ClassVar[dict[str, Any]] = {"message_id": _MESSAGE, "emoji": "🔥"}

    message_id: UUID
    emoji: Emoji


class ConversationPayload(Payload):
    """A conversation."""

    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM}

    conversation_id: UUID


class ReadPayload(Payload):
    """Everything up to a message was seen."""

    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM, "message_id": _MESSAGE}

    conversation_id: UUID
    message_id: UUID


@command("message.send", SendPayload)
async def send(actor: User, payload: SendPayload) -> SentMessage:
    """The message as it stands, once it is committed."""
    sent = await messages.send_async(actor, **dict(payload))
    return SentMessage.model_construct(**dict(sent.message), duplicate=sent.duplicate)


@command("message.edit", EditPayload)
def edit(actor: User, payload: EditPayload) -> MessageShape:
    """The message as it is now."""
    return messages.edit(actor, message_id=payload.message_id, content=payload.content)


@command("message.delete", MessagePayload)
def delete(actor: User, payload: MessagePayload) -> None:
    """Take a message back for everybody."""
    messages.delete(actor, message_id=payload.message_id)


@command("reaction.add", ReactionPayload)
def add_reaction(actor: User, payload: ReactionPayload) -> None:
    """Put an emoji; once more changes nothing."""
    reactions.add(actor, message_id=payload.message_id, emoji=payload.emoji)


@command("reaction.remove", ReactionPayload)
def remove_reaction(actor: User, payload: ReactionPayload) -> None:
    """Take one's own emoji away; once more changes nothing."""
    reactions.remove(actor, message_id=payload.message_id, emoji=payload.emoji)


@command("typing.start", ConversationPayload)
def start_typing(actor: User, payload: ConversationPayload) -> None:
    """Tell the others that one begins to write."""
    typing.notify(actor, conversation_id=payload.conversation_id, is_typing=True)


@command("typing.stop", ConversationPayload)
def stop_typing(actor: User, payload: ConversationPayload) -> None:
    """Tell the others that one has stopped."""
    typing.notify(actor, conversation_id=payload.conversation_id, is_typing=False)


@command("read.mark", ReadPayload)
def mark_read(actor: User, payload: ReadPayload) -> ReadPosition:
    """How far one has read now."""
    at = reads.mark(actor, conversation_id=payload.conversation_id, message_id=payload.message_id)
    return ReadPosition(read_seq=at.read_seq, unread_count=at.unread_count)
