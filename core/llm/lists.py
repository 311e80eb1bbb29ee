"""What a server says it has, read row by row: an odd row spoils nothing, and is told.

The lists of a dozen servers agree on ``data`` and ``id`` and on nothing else, so everything else is looked for under
the names that are known and left alone when it has another shape.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from core.llm.rows import LONGEST_ID

# Words of an id that no model for conversations has.
_NO_CHAT = re.compile(
    r"embed|(?:^|[-_/.])tts(?:$|[-_/.])|whisper|transcri|realtime|(?:^|[-_/])live(?:$|[-_/])"
    r"|(?:^|[-_/])image(?:$|[-_/.])|audio|moderation|(?:^|[-_/])video(?:$|[-_/])|(?:^|[-_/])search(?:$|[-_/])"
    r"|rerank|dall-e|imagen|(?:^|[-_/])veo(?:$|[-_/])|sora"
)
_SHOWABLE = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
_WINDOWS = (
    *("max_model_len", "max_context_length", "context_length", "context_window", "max_input_tokens"),
    "inputTokenLimit",
)
_ENDS = ("shutdown_date", "retires_at", "expiration_date", "deprecation_date", "deprecation")
_LARGEST = 100_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A row that makes sense. Zero and None: not told."""

    id: str
    name: str = ""
    window: int = 0
    max_output: int = 0
    ends: date | None = None
    inputs: frozenset[str] | None = None
    tools: bool | None = None
    schema: bool | None = None
    efforts: tuple[str, ...] = ()
    thinks: bool | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A list: its rows; those that are no chat models; those that could not be used, each with the reason."""

    rows: tuple[Listed, ...] = ()
    others: tuple[str, ...] = ()
    odd: tuple[str, ...] = field(default=())


def read(body: bytes) -> Reading | None:
    """The list in a body; None when there is none in it. An empty list is a list."""
    try:
        # The decoder of the standard library takes what others refuse whole: half an emoji, NaN, a number too large.
        document = json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None
    rows = document
    if isinstance(document, dict):
        rows = next((document[name] for name in ("data", "models") if isinstance(document.get(name), list)), None)
    if not isinstance(rows, list):
        return None
    found: dict[str, Listed] = {}
    others: list[str] = []
    odd: list[str] = []
    for entry in rows:
        name = _id(entry)
        if problem := _problem(name):
            odd.append(problem)
        elif _NO_CHAT.search(name.lower()) or not _writes_text(entry):
            others.append(name)
        elif name not in found:
            found[name] = _listed(name, entry if isinstance(entry, dict) else {})
    return Reading(tuple(found.values()), tuple(others), tuple(odd))


def _id(entry: object) -> str:
    """Google writes ``models/`` before each id and takes them without it."""
    told = entry.get("id") or entry.get("name") if isinstance(entry, dict) else entry
    return told.removeprefix("models/") if isinstance(told, str) else ""


def _problem(name: str) -> str:
    if not name:
        return "a row without an id"
    if len(name) > LONGEST_ID:
        return f"{name[:24]}… (its name is longer than {LONGEST_ID} characters)"
    if not _SHOWABLE.fullmatch(name):
        return f"{name.encode('ascii', 'replace').decode()[:40]!r} (its name has letters that no address takes)"
    return ""


def _writes_text(entry: object) -> bool:
    """False only where the row itself says that it does something else."""
    told = entry if isinstance(entry, dict) else {}
    kind = told.get("type")
    if isinstance(kind, str) and kind in {"embedding", "embeddings", "image", "audio", "moderation", "rerank"}:
        return False
    actions = told.get("supportedGenerationMethods")  # Google's
    if isinstance(actions, list) and "generateContent" not in actions:
        return False
    outputs = _mapping(told, "architecture").get("output_modalities")
    if isinstance(outputs, list) and outputs and "text" not in outputs:
        return False
    chats = _mapping(told, "capabilities").get("completion_chat")
    return chats is not False


def _listed(name: str, row: Mapping[str, Any]) -> Listed:
    able, shape = _mapping(row, "capabilities"), _mapping(row, "architecture")
    top, meta, pricing = _mapping(row, "top_provider"), _mapping(row, "meta"), _mapping(row, "pricing")
    wanted = [row.get(key) for key in _WINDOWS] + [meta.get("n_ctx"), meta.get("n_ctx_train")]
    parameters = row.get("supported_parameters")
    taken = set(filter(_is_text, parameters)) if isinstance(parameters, list) else None
    return Listed(
        id=name,
        name=_text(row.get("display_name") or row.get("displayName"))
        or (_text(row.get("name")) if row.get("id") else ""),
        window=next(filter(None, map(_count, wanted)), 0),
        max_output=_count(row.get("max_tokens"))
        or _count(row.get("outputTokenLimit"))
        or _count(top.get("max_completion_tokens")),
        ends=next(filter(None, (_day(row.get(key)) for key in _ENDS)), None),
        inputs=_inputs(able, shape, row),
        tools="tools" in taken if taken is not None else _supported(able, "function_calling", "tools", "tool_use"),
        schema="structured_outputs" in taken if taken is not None else _supported(able, "structured_outputs"),
        efforts=_efforts(able),
        thinks="reasoning" in taken
        if taken is not None
        else _supported(row, "thinking", "reasoning") or _supported(able, "thinking", "reasoning"),
        input_price=_per_million(pricing.get("prompt")),
        output_price=_per_million(pricing.get("completion")),
    )


def _inputs(able: Mapping[str, Any], shape: Mapping[str, Any], row: Mapping[str, Any]) -> frozenset[str] | None:
    modalities = shape.get("input_modalities")
    if isinstance(modalities, list):
        return frozenset({"image": "image", "file": "pdf"}[kind] for kind in modalities if kind in {"image", "file"})
    if row.get("type") == "vlm":
        return frozenset({"image"})
    sees, reads = _supported(able, "image_input", "vision"), _supported(able, "pdf_input")
    if sees is None and reads is None:
        return None
    return frozenset(name for name, has in (("image", sees), ("pdf", reads)) if has)


def _efforts(able: Mapping[str, Any]) -> tuple[str, ...]:
    told = able.get("effort")
    if not isinstance(told, dict):
        return ()
    return tuple(name for name in ("low", "medium", "high", "xhigh", "max") if _supported(told, name))


def _supported(able: Mapping[str, Any], *names: str) -> bool | None:
    """A capability is a truth value or ``{"supported": …}``; None: not told."""
    for name in names:
        value = able.get(name)
        if isinstance(value, dict):
            value = value.get("supported")
        if isinstance(value, bool):
            return value
    return None


def _mapping(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = row.get(name)
    if isinstance(value, list):
        return {item: True for item in value if isinstance(item, str)}
    return value if isinstance(value, dict) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _text(value: object) -> str:
    """A name of one line and of a size that a menu can show."""
    return " ".join(value.split())[:LONGEST_ID] if isinstance(value, str) and value.isprintable() else ""


def _count(value: object) -> int:
    """A number of tokens, written as a number or as text; what cannot be one is not told."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return 0
    return int(number) if 1 <= number <= _LARGEST else 0


def _day(value: object) -> date | None:
    """``2027-01-14``, the same with a time of day, or seconds since 1970."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return datetime.fromtimestamp(value, UTC).date()
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _per_million(value: object) -> Decimal | None:
    """OpenRouter writes dollars per token as text; a router's ``-1`` says that it depends."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price * 1_000_000 if price.is_finite() and 0 <= price < 1 else None


def names(reading: Reading) -> Iterator[str]:
    """The ids of the chat models in it."""
    return (row.id for row in reading.rows)
