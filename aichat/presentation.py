"""Rows in the shapes of :mod:`aichat.shapes`."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aichat import branches
from aichat import shapes
from aichat.costs import Costs
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import ChatShare
from core import llm
from core.files.shapes import shown
from core.models import StoredFile


def chat(row: Chat, *, found: shapes.ChatHit | None = None) -> shapes.Chat:
    """A chat; ``found`` in a list that was searched."""
    return shapes.Chat(
        id=row.pk,
        title=row.title,
        model=row.model,
        model_end=_end(row.model),
        system_prompt=row.system_prompt,
        temperature=row.temperature,
        effort=row.effort,
        read_everything=row.read_everything,
        pinned=row.pinned,
        archived=row.archived,
        temporary=row.temporary,
        active_message_id=row.active_leaf_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        found=found,
    )


def _end(model_id: str) -> shapes.ModelEnd | None:
    """What to say of a chat's model before and after its maker switches it off."""
    offer = llm.catalogue.offers().get(model_id)
    if offer is None or offer.model.until is None:
        return None
    ended = offer.state == "ended"
    if not ended and not llm.catalogue.ends_soon(offer.model):
        return None
    heir = llm.catalogue.successor(offer.model)
    return shapes.ModelEnd(
        ended=ended,
        name=offer.model.name,
        until=offer.model.until,
        successor=heir and heir.id,
        successor_name=heir and heir.name,
        note=offer.model.note,
    )


def message(
    row: ChatMessage | branches.Shown,
    *,
    costs: Costs,
    files: Sequence[StoredFile] = (),
    siblings: Sequence[UUID] = (),
    content: str | None = None,
) -> dict[str, Any]:
    """The fields of a :class:`shapes.Message`; ``content`` replaces the stored text (a stream begins before it).

    A dictionary, as pages of messages are the hottest read of the app: an instance for each would add 12 µs to the 3 µs
    that writing it takes. A test compares them with the shape.
    """
    return {
        "id": row.id,
        "chat_id": row.chat_id,
        "parent_id": row.parent_id,
        "role": row.role,
        "content": row.content if content is None else content,
        "status": row.status,
        "model": row.model,
        "finish_reason": row.finish_reason or None,
        "prompt_tokens": row.prompt_tokens,
        "completion_tokens": row.completion_tokens,
        "total_tokens": row.prompt_tokens + row.completion_tokens,
        "estimated": row.estimated,
        "reasoning": row.reasoning,
        "reasoning_tokens": row.reasoning_tokens,
        "thinking_ms": row.thinking_ms,
        "effort": row.effort,
        "cached_tokens": row.cached_tokens,
        "cache_write_tokens": row.cache_write_tokens,
        "cost": costs.amount(row.cost),
        "priced": costs.day(row.priced),
        "held_tokens": row.held_tokens,
        "released_tokens": released(row.held_tokens, row.prompt_tokens + row.completion_tokens),
        "withheld": row.withheld,
        "error": row.error,
        "attachments": [shown(file) for file in files],
        "sibling_ids": list(siblings) or [row.id],
        "client_id": row.client_id,
        "unseen": row.unseen,
        "created_at": row.created_at,
    }


def released(held: int | None, used: int) -> int | None:
    """What of the tokens that were set aside went back; none where more was used than held."""
    return None if held is None else max(0, held - used)


def page(rows: Sequence[branches.Shown], costs: Costs) -> list[dict[str, Any]]:
    """Messages of one chat with their files and siblings; a query for each of these, only when there are any."""
    attached = [row.id for row in rows if row.has_files]
    parents = {row.parent_id for row in rows if row.has_siblings}
    files = branches.attachments(attached) if attached else {}
    families = branches.siblings(rows[0].chat_id, parents) if parents else {}
    return [
        message(row, costs=costs, files=files.get(row.id, ()), siblings=families.get(row.parent_id, ())) for row in rows
    ]


def single(row: ChatMessage, costs: Costs) -> dict[str, Any]:
    """One message with its files and siblings."""
    files = branches.attachments([row.pk])
    families = branches.siblings(row.chat_id, [row.parent_id])
    return message(row, costs=costs, files=files.get(row.pk, ()), siblings=families[row.parent_id])


def share(row: ChatShare) -> shapes.Share:
    """A link, as its owner sees it."""
    return shapes.Share(
        id=row.pk,
        chat_id=row.chat_id,
        title=row.title,
        shows_name=row.shows_name,
        message_count=len(row.messages),
        created_at=row.created_at,
    )


def exchange(
    asked: ChatMessage | None,
    answer: ChatMessage,
    *,
    costs: Costs,
    files: Sequence[StoredFile],
    siblings: Mapping[UUID | None, list[UUID]],
    left_out: int,
    position: int,
    succeeded: str,
) -> shapes.StartEvent:
    """The first event of a stream; the answer's text is what stands before ``position``."""
    begun = message(answer, costs=costs, siblings=siblings.get(answer.parent_id, ()), content=answer.content[:position])
    question = asked and message(asked, costs=costs, files=files, siblings=siblings.get(asked.parent_id, ()))
    notice = shapes.Notice(code="context_trimmed", left_out=left_out) if left_out else None
    return shapes.StartEvent.model_validate(
        {"user_message": question, "message": begun, "notice": notice, "succeeded": succeeded or None}
    )
