"""What the probe tells."""

from __future__ import annotations

from typing import Any
from typing import ClassVar

from core.realtime.events import Event


class Whispered(Event):
    """Something for one connection, or for all of a person's."""

    type: ClassVar[str] = "probe.whispered"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"text": "psst"}

    text: str
