"""File names: cleaned for display, and refused when they lie."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from core import text
from core.files.errors import ExecutableRefused
from core.files.errors import SvgRefused
from core.files.errors import UnsafeName

MAX_LENGTH = 200
"""Characters."""

_PROGRAMS_WORDS = """
    exe dll com scr pif cpl msi msp msix bat cmd ps1 psm1 vbs vbe jse wsf wsh hta lnk url reg inf jar class apk
    ipa dmg pkg deb rpm run bin elf so dylib sys drv ocx gadget scf chm app appimage wasm iso img
"""
PROGRAMS = frozenset(_PROGRAMS_WORDS.split())
"""What a double click would start on some system."""

_OVERRIDES = frozenset("\u202d\u202e")
"""They turn letters around, so that an extension stands where none is looked for; other marks only say how to read."""


def extension(name: str) -> str:
    """Lower case, without the dot; empty when there is none. ``.env`` has none."""
    return PurePosixPath(name).suffix[1:].lower()


def safe_name(name: str) -> str:
    """The display name: its last path part, normalised, at most 200 characters with the extension kept.

    Marks of direction and what is drawn as nothing go, strange blanks become plain ones. Raises UnsafeName for control
    characters and overrides of the direction, and when there is nothing left to see.
    """
    if any(unicodedata.category(char) == "Cc" or char in _OVERRIDES for char in name):
        raise UnsafeName
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = text.spelled(name).strip(" .")
    if not text.is_visible(name):
        raise UnsafeName("This file has no name. Rename the file and try again.")
    if len(name) <= MAX_LENGTH:
        return name
    suffix = PurePosixPath(name).suffix[:20]
    return text.head(name.removesuffix(suffix), MAX_LENGTH - len(suffix)) + suffix


def check_extensions(name: str) -> None:
    """Raises for programs and for SVG, by the last extension: it decides what a double click does."""
    last = name.rpartition(".")[2].strip().lower() if "." in name.strip(".") else ""
    if last in PROGRAMS:
        raise ExecutableRefused
    if last in {"svg", "svgz"}:
        raise SvgRefused


def with_extension(name: str, wanted: str) -> str:
    """The name with its extension replaced, for content that was re-encoded to another type."""
    return f"{PurePosixPath(name).stem}.{wanted}"
