"""Files that are text: their characters, whatever they are encoded in, and back as UTF-8."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from core.files import encodings
from translation.formats.base import Unreadable

MAX_BYTES = 50 * 1024**2
_NAMED = re.compile(rb"""(?:<\?xml[^>]*?\sencoding|<meta[^>]*?charset)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DECLARED = re.compile(r"""(<\?xml[^>]*?\sencoding\s*=\s*["'])(?!utf-8["'])[\w.:-]+""", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def load(path: Path) -> bytes:
    """Raises Unreadable for more than any book has."""
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable("complex", "size")
    return path.read_bytes()


def decoded(data: bytes) -> str:
    """The text with its line ends as they are. Raises Unreadable for what is none.

    Unicode is tried first, as it hardly ever fits by accident; then what the file says, then what it looks like.
    """
    tried = ["utf-16"] if data.startswith(_BOMS[1:]) else ["utf-8"]
    named = _NAMED.search(data[:4096])
    if named:
        tried.append(named[1].decode("ascii", "replace"))
    for encoding in tried:
        if (text := _attempt(data, encoding)) is not None:
            return text
    for encoding in encodings.guesses(data):
        if (text := _attempt(data, encoding)) is not None:
            return text
    raise Unreadable("broken", "encoding")


def encoded(text: str, like: bytes) -> bytes:
    """A text as UTF-8, with a mark at its beginning if the file has one; an XML declaration says so too."""
    text = text.removeprefix("\ufeff")
    if text.startswith("<?xml"):
        text = _DECLARED.sub(r"\g<1>utf-8", text, count=1)
    data = text.encode("utf-8", "replace")
    return codecs.BOM_UTF8 + data if like.startswith(_BOMS) else data


def _attempt(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
    return None if "\x00" in text or len(_CONTROL.findall(text)) > len(text) // 100 else text
