"""What tests of formats share: a translator that moves words, one that says what it does, and files made in a test."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from translation import formats
from translation import markers
from translation.segments import Extracted

_PIECES = re.compile(r"⟦x\d+/⟧|⟦(\d+)⟧.*?⟦/\1⟧|[^\s⟦⟧]+|\s+", re.DOTALL)


def moved(text: str) -> str:
    """Words in the other order and in capitals, and markers with them."""
    return "".join(reversed([capitals(found.group()) for found in _PIECES.finditer(text)]))


def demo(text: str) -> str:
    """As the demo provider answers."""
    return f"⟪uk⟫ {text}"


def capitals(piece: str) -> str:
    """Words in capitals, and markers as they are."""
    return "".join(part if markers.MARKER.fullmatch(part) else part.upper() for part in markers.split(piece))


def texts(found: Extracted) -> list[str]:
    """The sources with their markers."""
    return [segment.text for segment in found.segments]


def translated(path: Path, kind: str, rule: Callable[[str], str] = moved, **options: Any) -> Path:
    """The file translated by a rule, beside it."""
    to = path.with_name(f"translated.{kind}")
    targets = {segment.number: rule(segment.text) for segment in formats.extract(path, kind).segments}
    formats.merge(path, kind, targets, to, **{"language": "uk", **options})
    return to
