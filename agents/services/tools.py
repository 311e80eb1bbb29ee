"""What this app offers to models that call tools. Imported when the project starts."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from django.utils import timezone
from pydantic import BaseModel
from pydantic import Field

from accounts.models import User
from agents import limits
from agents.services import memories
from core.llm.tools import ToolContext
from core.llm.tools import tool

_Memory = Annotated[str, Field(min_length=1, max_length=limits.MEMORY_LENGTH)]


class Nothing(BaseModel):
    """No parameters."""


class EchoParams(BaseModel):
    """What to give back."""

    text: Annotated[str, Field(max_length=4000)]


class RememberParams(BaseModel):
    """One fact, in one sentence."""

    text: _Memory


class RecallParams(BaseModel):
    """Words to look for; none: everything."""

    words: Annotated[str, Field(max_length=200)] = ""


class ForgetParams(BaseModel):
    """Words of what is to be forgotten."""

    text: _Memory


@tool("now", Nothing, effect="read", reads="public")
def now(context: ToolContext, _params: Nothing) -> str:
    """The time and the day of the week now, where the person who asks is."""
    name = User.objects.filter(pk=context.user_id).values_list("time_zone", flat=True).first() or "UTC"
    try:
        here = timezone.now().astimezone(ZoneInfo(name))
    except (KeyError, ValueError):
        here, name = timezone.now(), "UTC"
    return f"{here:%Y-%m-%d %H:%M:%S}, {here:%A}, {name}"


@tool("echo", EchoParams, effect="read", reads="public")
def echo(_context: ToolContext, params: EchoParams) -> str:
    """Gives back what it is told. For trying things out."""
    return params.text


@tool("remember", RememberParams, effect="write", reads="private")
def remember(context: ToolContext, params: RememberParams) -> str:
    """Remember a fact for later conversations with this person, or with this group."""
    return "Remembered." if memories.remember(context, params.text) else "That is known already."


@tool("recall", RecallParams, effect="read", reads="private")
def recall(context: ToolContext, params: RecallParams) -> str:
    """What was remembered of this person, or of this group."""
    return "\n".join(memories.recall(context, params.words)) or "Nothing is remembered."


@tool("forget", ForgetParams, effect="write", reads="private")
def forget(context: ToolContext, params: ForgetParams) -> str:
    """Forget what was remembered and has these words in it."""
    return f"Forgotten: {memories.forget(context, params.text)}."
