"""What devices say to each other to find a way between them: handed on, never stored, never logged.

One statement says whether it may be, for each frame: both legs are in one call that runs, the sender's is the actor's
own, both users are members of the conversation still, and the frame belongs to the way the media takes now.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.models import User
from calls.models import CallLeg
from core import sql
from core.errors import Conflict
from core.errors import NotFound
from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import user_stream

_TARGET = """
SELECT {columns}, k.generation
  FROM call_legs f
  JOIN call_legs t ON t.call_id = f.call_id
  JOIN calls k ON k.id = f.call_id
  JOIN conversations c ON c.id = k.conversation_id
 WHERE f.id = %s AND t.id = %s AND f.call_id = %s AND f.user_id = %s AND f.id <> t.id
   AND f.state <> 'left' AND t.state <> 'left' AND k.status IN ('connecting', 'active') AND c.deleted_at IS NULL
   AND EXISTS (SELECT 1 FROM conversation_participants p WHERE p.conversation_id = c.id AND p.user_id = f.user_id)
   AND EXISTS (SELECT 1 FROM conversation_participants p WHERE p.conversation_id = c.id AND p.user_id = t.user_id)
   AND NOT (c.type = 'direct' AND EXISTS (
     SELECT 1 FROM user_blocks b WHERE (b.blocker_id = f.user_id AND b.blocked_id = t.user_id)
                                    OR (b.blocker_id = t.user_id AND b.blocked_id = f.user_id)))
"""


def relay(
    actor: User,
    event: type[Event],
    *,
    call_id: UUID,
    from_leg_id: UUID,
    to_leg_id: UUID,
    generation: int,
    **said: Any,
) -> None:
    """Hand a frame to one device of one call. It may get lost: the sender repeats what was not acknowledged.

    Raises NotFound when it is nobody's business, Conflict when the media takes another way by now.
    """
    target = _target(actor.pk, call_id, from_leg_id, to_leg_id)
    if target is None:
        raise NotFound
    user_id, current = target
    if generation != current:
        raise Conflict(generation=current)
    told = event.model_validate(
        {
            "call_id": call_id,
            "from_leg_id": from_leg_id,
            "to_leg_id": to_leg_id,
            "generation": generation,
            "from_user_id": actor.pk,
            **said,
        }
    )
    streams.publish_ephemeral(user_stream(user_id), told, only=to_leg_id)


def _target(user_id: UUID, call_id: UUID, from_leg_id: UUID, to_leg_id: UUID) -> tuple[UUID, int] | None:
    statement = _TARGET.format(columns=sql.columns(CallLeg, "t", ("user_id",)))
    ids = [sql.identity(one) for one in (from_leg_id, to_leg_id, call_id, user_id)]
    rows = sql.rows(CallLeg, ("user_id",), statement, ids)
    return (rows[0][0], rows[0][1]) if rows else None
