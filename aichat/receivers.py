"""What the chat does when somebody else tells of something; connected when the app is ready."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from aichat.services import answers
from aichat.services.messages import FEATURE
from billing.events import hold_swept


@receiver(hold_swept)
def end_answer(*, key: str, feature: str, **_kwargs: Any) -> None:
    """The answer of a hold that billing has settled is over too."""
    if feature == FEATURE:
        answers.abandon_swept(key)
