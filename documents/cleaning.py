"""What people and models write, as plain text: no markup, nothing that cannot be seen, no turned lines."""

from __future__ import annotations

import unicodedata

import regex  # type: ignore[import-untyped]

from core import text as letters

_DEAD = regex.compile(r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", regex.DOTALL | regex.IGNORECASE)
_COMMENT = regex.compile(r"<!--.*?(?:-->|\Z)", regex.DOTALL)
_TAG = regex.compile(r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>")
_CONTROL = regex.compile(r"[^\P{Cc}\n\t]|[\u2028\u2029\ud800-\udfff]")
_TURNING = regex.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def line(given: str) -> str:
    """One line, such as a title; empty when nothing of it can be seen."""
    return letters.line(plain(given))


def plain(given: str) -> str:
    """Without tags, comments and scripts, control characters and marks of direction; "a < b" stays as it is."""
    text = given.replace("\r\n", "\n").replace("\r", "\n")
    text = _TURNING.sub("", _CONTROL.sub("", text))
    while (fewer := _untagged(text)) != text:  # what is left of <scr<b>ipt> may be a tag
        text = fewer
    return unicodedata.normalize("NFC", text).strip()


def _untagged(text: str) -> str:
    return str(_TAG.sub("", _COMMENT.sub("", _DEAD.sub("", text))))
