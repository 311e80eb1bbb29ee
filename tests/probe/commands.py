"""Commands by which a test labels its socket, and tells something to those that carry a label."""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from uuid import UUID

from core.realtime import streams
from core.realtime.commands import Payload
from core.realtime.commands import command
from core.realtime.connection import Connection
from core.realtime.names import user_stream
from tests.probe.events import Whispered

_ID = "01990000-0000-7000-8000-00000000000f"


class Label(Payload):
    example: ClassVar[dict[str, Any]] = {"label": _ID}

    label: UUID


class Whisper(Payload):
    example: ClassVar[dict[str, Any]] = {"text": "psst", "only": _ID}

    text: str
    only: UUID | None = None


@command("probe.label", Label)
def label(actor: Any, payload: Label, *, connection: Connection) -> None:
    """Label this connection."""
    connection.label(payload.label)


@command("probe.unlabel", Label)
def unlabel(actor: Any, payload: Label, *, connection: Connection) -> None:
    """Take the label off."""
    connection.unlabel(payload.label)


@command("probe.whisper", Whisper)
def whisper(actor: Any, payload: Whisper) -> None:
    """Tell one's own connections, or those of them with a label."""
    streams.publish_ephemeral(user_stream(actor.pk), Whispered(text=payload.text), only=payload.only)
