"""Text as it may be set: what is no letter, mark or sign of a line is taken out before a printer or a style sees it."""

from __future__ import annotations

import unicodedata

import regex  # type: ignore[import-untyped]

from core import text as texts

_UNSET = regex.compile(r"[\p{Co}\p{Cs}\p{Cn}\ufeff\ufff9-\ufffc]+")
"""Private use, halves of pairs, what Unicode has not given out, and marks of annotations."""


def plain(text: str) -> str:
    """One line, composed (NFC), without controls, direction marks and characters that no font has; it may be empty."""
    return unicodedata.normalize("NFC", texts.line(_UNSET.sub("", text)))
