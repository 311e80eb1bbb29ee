"""From a commit to the bus."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from core.realtime.bus import Message
from core.realtime.bus import get_bus
from core.realtime.names import StreamName

logger = logging.getLogger(__name__)


def publish_on_commit(
    stream: StreamName,
    frame: bytes,
    *,
    seq: int | None = None,
    audience: dict[str, Any] | None = None,
    after: int = 0,
    only: UUID | None = None,
) -> None:
    """Tell the listeners of ``stream``, in all processes, once the transaction has committed.

    An ephemeral event has no ``seq``; ``after`` is then the position of the stream it was told at, and ``only`` the
    label of the connections it is for, if not for all.
    """
    transaction.on_commit(partial(_publish, Message(stream, seq, frame, audience, after, only)), robust=True)


def publish_each_on_commit(messages: Sequence[Message]) -> None:
    """:func:`publish_on_commit` for many events at once."""
    transaction.on_commit(partial(_publish_each, messages), robust=True)


def _publish_each(messages: Sequence[Message]) -> None:
    for message in messages:
        _publish(message)


def _publish(message: Message) -> None:
    """Hand over to the bus; must not raise and must not wait."""
    try:
        get_bus().publish(message)
    except Exception:
        logger.exception("An event was not published; listeners find it in the database")
