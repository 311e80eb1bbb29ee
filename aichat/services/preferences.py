"""Instructions for all chats of somebody."""

from __future__ import annotations

from accounts.models import User
from aichat.models import ChatPreferences

INSTRUCTIONS_LENGTH = 4_000
"""Characters: they are paid for with every question."""


def instructions(actor: User) -> str:
    """What the user wants every model to know; empty: nothing."""
    return ChatPreferences.objects.filter(pk=actor.pk).values_list("instructions", flat=True).first() or ""


def set_instructions(actor: User, text: str) -> str:
    """Say it anew; answers what holds now."""
    ChatPreferences.objects.update_or_create(pk=actor.pk, defaults={"instructions": text})
    return text


def before(actor: User, system_prompt: str) -> str:
    """The instructions of a prompt: those for all chats, then the chat's own, which so have the last word."""
    return "\n\n".join(part for part in (instructions(actor), system_prompt) if part)
