"""Typed events: what the server may tell a client.

An app lists its events in the module its ``ModuleConfig.socket_events`` names. Their shapes are the contract with the
web client: its TypeScript types and ``docs/websocket.md`` are generated from them.
"""

from __future__ import annotations

from typing import Any
from typing import ClassVar

from core.shapes import Shape


class Event(Shape):
    """The payload of one type of frame from the server."""

    type: ClassVar[str]
    """As it stands in the envelope, such as ``message.new``; several words: ``<noun>.<past participle>``."""

    durable: ClassVar[bool] = True
    """Durable events take a ``seq``; the others may be dropped or coalesced."""

    example: ClassVar[dict[str, Any]]
    """A payload for the documentation; a test validates it."""
