"""Values of a frame, read field by field: one odd field never spoils the others."""

from __future__ import annotations

import json
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from core.llm.base import Usage

_MOST_TOKENS = 100_000_000
_HIGH, _LOW = ("\ud800", "\udbff"), ("\udc00", "\udfff")


def frame(payload: bytes) -> dict[str, Any] | None:
    """A frame that the strict reader refused, half emoji, NaN and broken bytes included; None when it is no object."""
    try:
        document = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """Text as it is, or as the parts of a content list."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(text(part) for part in value)
    if isinstance(value, dict) and value.get("type") not in _THOUGHTS:
        return text(value.get("text"))
    return ""


_THOUGHTS = {"thinking", "reasoning", "reasoning_text", "summary_text"}


def thoughts(value: Any) -> str:
    """The thoughts among the parts of a content list (Mistral)."""
    return "".join(
        text(part.get("thinking") or part.get("text")) for part in items(value) if part.get("type") in _THOUGHTS
    )


def count(value: Any) -> int | None:
    """A number of tokens, also one that was written as ``11.0`` or ``"11"``; None for everything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= _MOST_TOKENS or value != int(value):
        return None
    return int(value)


def money(value: Any) -> Decimal | None:
    """An amount in USD; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 1_000_000 else None


def believable(usage: Usage | None, *, wrote: bool) -> Usage | None:
    """The provider's count, or None for figures that no answer can have: then it is counted here.

    ``wrote`` tells that the answer holds something. Zero input is always "not told", zero output beside text too; a
    part that is larger than its whole is left out.
    """
    if usage is None or usage.prompt_tokens <= 0 or (wrote and usage.completion_tokens <= 0):
        return None
    cached = usage.cached_tokens if usage.cached_tokens <= usage.prompt_tokens else 0
    written = usage.cache_write_tokens if cached + usage.cache_write_tokens <= usage.prompt_tokens else 0
    thought = usage.reasoning_tokens
    if thought is not None and thought > usage.completion_tokens:
        thought = None
    return Usage(usage.prompt_tokens, usage.completion_tokens, cached, written, thought, usage.cost)


def richer(new: Usage | None, known: Usage | None) -> Usage | None:
    """A later usage replaces an earlier one, never a better one."""
    if new is None or known is None:
        return new or known
    if new.prompt_tokens + new.completion_tokens < known.prompt_tokens + known.completion_tokens:
        return known
    return new


class Halves:
    """Joins the two halves of a letter that came in two frames; what stays broken becomes U+FFFD."""

    __slots__ = ("half",)

    def __init__(self) -> None:
        self.half = ""

    def join(self, piece: str) -> str:
        """The text with what was kept, and without a first half at its end, which is kept."""
        if not piece:
            return piece
        joined = self.half + piece
        self.half = ""
        if _HIGH[0] <= joined[-1] <= _HIGH[1]:
            joined, self.half = joined[:-1], joined[-1]
        return mended(joined)

    def rest(self) -> str:
        """What never found its other half."""
        half, self.half = self.half, ""
        return "\ufffd" if half else ""


def is_whole(piece: str) -> bool:
    """Whether no letter of the text is half."""
    return piece.isascii() or not any(_HIGH[0] <= letter <= _LOW[1] for letter in piece)


def mended(piece: str) -> str:
    """Well formed: pairs of halves are one letter, single ones U+FFFD."""
    if is_whole(piece):
        return piece
    return piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
