"""What may be done with a chat as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import TypedDict
from typing import Unpack
from uuid import UUID

from django.db import transaction

from accounts.models import User
from aichat import branches
from aichat.events import ChatCreated
from aichat.events import ChatDeleted
from aichat.events import ChatUpdated
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import searchable
from aichat.services import choosing
from aichat.services import noticing
from aichat.services import telling
from core import sql
from core.errors import NotFound
from core.llm.errors import NoProvider
from core.sql import identity

TITLE_LENGTH = 200
SYSTEM_PROMPT_LENGTH = 20_000


class Changes(TypedDict, total=False):
    """What an owner may change in a chat."""

    title: str
    model: str
    system_prompt: str
    temperature: float | None
    effort: str | None
    read_everything: bool
    pinned: bool
    archived: bool


def create_chat(
    actor: User,
    *,
    title: str = "",
    model: str = "",
    system_prompt: str = "",
    temperature: float | None = None,
    effort: str | None = None,
    read_everything: bool = False,
    temporary: bool = False,
) -> Chat:
    """A new chat; without a model it gets the site's default one. Raises UnknownModel, ModelEnded, UnknownEffort."""
    chosen = choosing.checked(model) if model else _default_model(actor)
    chat = Chat(
        owner=actor,
        model=chosen,
        system_prompt=system_prompt,
        temperature=temperature,
        effort=choosing.checked_effort(chosen, effort),
        read_everything=read_everything,
        temporary=temporary,
        **_titled(title),
    )
    with transaction.atomic():
        chat.save(force_insert=True)
        telling.tell(actor.pk, ChatCreated(chat_id=chat.pk))
    return chat


def update_chat(actor: User, *, chat_id: UUID, **changes: Unpack[Changes]) -> Chat:
    """Change a chat; its place in the list stays. Raises NotFound, UnknownModel, ModelEnded, UnknownEffort.

    An effort is checked against the model that is set. One that a later model lacks stays: it counts as the next lower.
    """
    fields: dict[str, Any] = dict(changes)
    if model := fields.get("model"):
        choosing.checked(model)
    if effort := fields.get("effort"):
        choosing.checked_effort(model or own_chat(actor, chat_id).model, effort)
    if "title" in fields:
        fields |= _titled(fields["title"])
    if fields:
        with transaction.atomic():
            if not Chat.objects.visible_to(actor).filter(pk=chat_id).update(**fields):
                raise NotFound
            telling.tell(actor.pk, ChatUpdated(chat_id=chat_id))
    return own_chat(actor, chat_id)


def switch_branch(actor: User, *, chat_id: UUID, message_id: UUID) -> Chat:
    """Show the branch through ``message_id``, down to the leaf that was written last below it."""
    message = ChatMessage.objects.visible_to(actor).filter(pk=message_id, chat_id=chat_id).first()
    if message is None:
        raise NotFound
    with transaction.atomic():
        Chat.objects.filter(pk=chat_id).update(active_leaf=branches.newest_leaf(message_id))
        telling.tell(actor.pk, ChatUpdated(chat_id=chat_id))
    return own_chat(actor, chat_id)


def delete_chat(actor: User, *, chat_id: UUID) -> list[UUID]:
    """Remove a chat and all its messages; returns the answers that were being written, for their engine to stop."""
    with transaction.atomic():
        # Whoever writes a message locks this row: nothing is added after what is to go was gathered.
        chat = Chat.objects.visible_to(actor).select_for_update().filter(pk=chat_id).first()
        if chat is None:
            raise NotFound
        running = list(chat.messages.running().select_for_update(no_key=True).values_list("pk", flat=True))
        if chat.messages.filter(unseen=True).exists():
            noticing.forget(actor.pk, chat_id)
        chat.delete()
        telling.tell(actor.pk, ChatDeleted(chat_id=chat_id))
    return running


# ChatQuerySet.visible_to by hand: whatever is done in a chat begins with it.
_OWN = "SELECT {columns} FROM chats c WHERE c.id = %s AND c.owner_id = %s"


def own_chat(actor: User, chat_id: UUID) -> Chat:
    """The chat, or NotFound when it is missing or somebody else's."""
    found = sql.fetch(Chat, _OWN.format(columns=sql.columns(Chat, "c")), [identity(chat_id), identity(actor.pk)])
    if not found:
        raise NotFound
    return found[0]


def purge_temporary() -> int:
    """Remove temporary chats whose time is over; returns how many."""
    gone = 0
    for chat in Chat.objects.expired().iterator(chunk_size=200):
        with transaction.atomic():
            # A message that has just come gives the chat another day.
            expired = Chat.objects.expired().select_for_update().filter(pk=chat.pk).first()
            if expired and expired.delete()[0]:
                telling.tell(chat.owner_id, ChatDeleted(chat_id=chat.pk))
                gone += 1
    return gone


def _titled(title: str) -> Mapping[str, str]:
    source = Chat.TitleSource.USER if title else Chat.TitleSource.NONE
    return {"title": title, "search_title": searchable(title), "title_source": source}


def _default_model(actor: User) -> str:
    try:
        return choosing.default_model(actor).id
    except NoProvider:  # a chat may be begun before the operator has set a provider up
        return ""
