"""Text as it may be set: what is no letter, mark or sign of a line is taken out before a printer or a style sees it."""

from __future__ import annotations

import unicodedata

import regex  # type: ignore[import-untyped]

from core import text as texts

_UNSET = regex.compile(r"(?![\u200c\u200d])[\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\ufff9-\ufffc]+")
"""Private use, halves of pairs, what Unicode has not given out, and what is drawn as nothing. Joiners stay, which
several scripts are written with."""
_ALONE = regex.compile(r"(?<![\p{L}\p{M}\p{N}])(?:[\u200c\u200d]|\p{M})+")
"""Accents and joiners on no letter: in a line from right to left they end typst 0.15.2 (seen 2026-12-01)."""


def plain(text: str) -> str:
    """One line, composed (NFC), without controls, direction marks and characters that no font has; it may be empty."""
    if text.isascii() and text.isprintable():
        return text.strip()
    composed = unicodedata.normalize("NFC", texts.line(_UNSET.sub("", text)))
    return texts.line(_ALONE.sub("", composed))
