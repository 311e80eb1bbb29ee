"""Text files: decoded, or refused as binary."""

from __future__ import annotations

import codecs
import re

from core.files import names
from core.files.errors import ScriptDisguised
from core.files.errors import SvgRefused
from core.files.errors import TypeMismatch
from core.files.errors import UnsupportedType

MAX_CHARS = 400_000
"""How much of a file's text is kept for models to read."""

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


def read(data: bytes, name: str) -> str:
    """The text of a file, with ``\\n`` line ends.

    UTF-8 (with or without mark), UTF-16 with a mark, and Windows-1251 for names that mean plain text. Raises
    UnsupportedType for binary content, ScriptDisguised, SvgRefused or TypeMismatch for text under a false name.
    """
    extension = names.extension(name)
    text = _decode(data, legacy=not extension or extension in _LEGACY)
    if text is None:
        raise TypeMismatch if extension in _BINARY else UnsupportedType
    if _SVG.match(text[:8192]):
        raise SvgRefused
    if extension in _BINARY:
        raise ScriptDisguised if _SCRIPT.match(text) else TypeMismatch
    return text.replace("\r\n", "\n").replace("\r", "\n")


def mime_type(name: str) -> str:
    """Never a type that a browser would run: HTML and code are plain text here."""
    return MIME_TYPES.get(names.extension(name), "text/plain")


def _decode(data: bytes, *, legacy: bool) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1251"] if legacy else ["utf-8-sig"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _looks_written(text):
            return text
    return None


def _looks_written(text: str) -> bool:
    """Not binary: no NUL, and hardly a control character (terminals leave some in logs)."""
    return "\x00" not in text and len(_CONTROL.findall(text)) <= len(text) // 100
