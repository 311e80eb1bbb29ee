"""Text files: decoded, or refused as binary.

The encoding of what is no Unicode is guessed (:mod:`core.files.encodings`). The guess is kept with the file and can be
changed (``services.change_encoding``).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from core.files import encodings
from core.files import names
from core.files.errors import EncodingWrong
from core.files.errors import ScriptDisguised
from core.files.errors import SvgRefused
from core.files.errors import TypeMismatch
from core.files.errors import UnsupportedType

MAX_CHARS = 400_000
"""Code points: how much of a file's text is kept for models to read."""

MIME_TYPES = {"md": "text/markdown", "markdown": "text/markdown", "csv": "text/csv", "json": "application/json"}
# Pages and images are binary or active; text under their names is a lie whatever it says.
_BINARY_WORDS = """
    png jpg jpeg jfif gif webp bmp tif tiff ico heic avif psd pdf mp3 mp4 m4a mov avi mkv webm ogg wav flac zip
    rar 7z gz tar doc docx xls xlsx ppt pptx odt ods odp epub ttf otf woff woff2 sqlite db
"""
_BINARY = frozenset(_BINARY_WORDS.split())
_LEGACY_WORDS = """
    txt text md markdown csv tsv log srt vtt ini cfg conf html htm xml sql
"""
_LEGACY = frozenset(_LEGACY_WORDS.split())
_SCRIPT = re.compile(r"\s*(#!|<\?php|<script|<html|<!doctype html|<%)", re.IGNORECASE)
_SVG = re.compile(r"\s*(<\?xml[^>]*>|<!--.*?-->|<!doctype[^>]*>|\s)*<(\w+:)?svg[\s>]", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with ``\\n`` line ends, and the encoding if that was guessed."""

    text: str
    encoding: str = ""


def read(data: bytes, name: str) -> Decoded:
    """The text of a file.

    UTF-8 (with or without mark), UTF-16 with a mark, and for names that mean plain text a guess. Raises UnsupportedType
    for binary content, ScriptDisguised, SvgRefused or TypeMismatch for text under a false name.
    """
    extension = names.extension(name)
    found = _decode(data, legacy=not extension or extension in _LEGACY)
    if found is None:
        raise TypeMismatch if extension in _BINARY else UnsupportedType
    if _SVG.match(found.text[:8192]):
        raise SvgRefused
    if extension in _BINARY:
        raise ScriptDisguised if _SCRIPT.match(found.text) else TypeMismatch
    return found


def decode(data: bytes, encoding: str) -> str:
    """The text of bytes in one of ``encodings.ENCODINGS``. Raises EncodingWrong when they are none in it."""
    text = _attempt(data, encoding) if encoding in encodings.ENCODINGS else None
    if text is None or _SVG.match(text[:8192]):
        raise EncodingWrong
    return text


def mime_type(name: str) -> str:
    """Never a type that a browser would run: HTML and code are plain text here."""
    return MIME_TYPES.get(names.extension(name), "text/plain")


def _decode(data: bytes, *, legacy: bool) -> Decoded | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _attempt(data, "utf-16")
    else:
        text = _attempt(data, "utf-8-sig")
    if text is not None:
        return Decoded(text)
    for encoding in encodings.guesses(data) if legacy else ():
        if (text := _attempt(data, encoding)) is not None:
            return Decoded(text, encoding)
    return None


def _attempt(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if _looks_written(text) else None


def _looks_written(text: str) -> bool:
    """Not binary: no NUL, and hardly a control character (terminals leave some in logs)."""
    return "\x00" not in text and len(_CONTROL.findall(text)) <= len(text) // 100
