"""What this app does when another one tells."""

from __future__ import annotations

from typing import Any

from aichat.services import answers
from aichat.services.messages import FEATURE
from billing.events import hold_swept


def connect() -> None:
    """Listen to billing."""
    hold_swept.connect(_end_answer, dispatch_uid="aichat.hold_swept")


def _end_answer(*, key: str, feature: str, **_others: Any) -> None:
    if feature == FEATURE:
        answers.abandon_swept(key)
