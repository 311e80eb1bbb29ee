"""Who may write: decided with the conversations' streams locked, so that it stays true until the commit."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from core import sql
from core.errors import Forbidden
from core.errors import NotFound
from core.realtime import streams
from messenger.access import conversation_stream
from messenger.errors import Blocked
from messenger.models.conversations import ACTIVE_MEMBERSHIPS
from messenger.models.conversations import IS_BLOCKED
from messenger.services.sending.draft import MessageDraft


class Repeated(Exception):
    """The draft was written before."""


class Admission(NamedTuple):
    """Who writes, and what stands against it."""

    username: str | None
    display_name: str
    avatar_url: str
    kind: str
    is_active: bool
    is_repeated: bool
    is_blocked: bool
    was_hidden: bool
    """Somebody had removed the direct conversation from their list."""
    has_agents: bool


_ADMIT = f"""
SELECT d.n, u.username, u.display_name, u.avatar_url, u.kind, u.is_active,
       EXISTS (SELECT 1 FROM conversation_messages m WHERE m.sender_id = p.user_id AND m.client_id = d.client_id),
       {IS_BLOCKED},
       CASE WHEN c.type = 'direct' THEN EXISTS (
         SELECT 1 FROM conversation_participants h
          WHERE h.conversation_id = p.conversation_id AND h.is_hidden) ELSE FALSE END,
       c.agent_count > 0
  FROM {ACTIVE_MEMBERSHIPS}
  JOIN {{drafts}} ON d.conversation_id = p.conversation_id AND d.sender_id = p.user_id
  JOIN accounts_user u ON u.id = p.user_id
"""  # noqa: S608 - fragments from code
_DRAFTS = {"n": "integer", "conversation_id": "uuid", "sender_id": "uuid", "client_id": "text"}


def lock_and_admit(drafts: Sequence[MessageDraft], *, wait: bool) -> tuple[dict[UUID, int], list[Admission | None]]:
    """Lock the streams of the drafts, in the order of their ids, and ask who may write; until the transaction ends.

    Returns the heads of the streams, by conversation, and what was found of each draft: None for who is no member.
    Conversations that are not there have no head; without ``wait`` those that others have locked have none either.
    On PostgreSQL the two statements are one way to the server and back.
    """
    names = [conversation_stream(one) for one in {draft.conversation_id for draft in drafts}]
    with sql.pipelined():
        locked = streams.lock_heads(names, wait=wait)
        admitted = _ask(drafts)
        return locked(), admitted()


def _ask(drafts: Sequence[MessageDraft]) -> Callable[[], list[Admission | None]]:
    given = [
        {
            "n": number,
            "conversation_id": draft.conversation_id,
            "sender_id": draft.sender_id,
            "client_id": draft.client_id,
        }
        for number, draft in enumerate(drafts)
    ]
    read = sql.ask(_ADMIT.format(drafts=sql.recordset("d", _DRAFTS)), [sql.records(given)])

    def admissions() -> list[Admission | None]:
        found = {number: Admission._make(row) for number, *row in read()}
        return [found.get(number) for number in range(len(drafts))]

    return admissions


def check(admission: Admission | None) -> Admission:
    """What was found, when the draft may be written.

    Raises NotFound for who is no member, Repeated, Blocked, Forbidden for a suspended person and a retired agent.
    """
    if admission is None:
        raise NotFound
    if admission.is_repeated:
        raise Repeated
    if not admission.is_active:
        raise Forbidden
    if admission.is_blocked:
        raise Blocked
    return admission
