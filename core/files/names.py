"""File names: made safe for display, and refused when they lie."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from core.files.errors import DoubleExtension
from core.files.errors import ExecutableRefused
from core.files.errors import SvgRefused
from core.files.errors import UnsafeName

MAX_LENGTH = 200

_PROGRAMS_WORDS = """
    exe dll com scr pif cpl msi msp msix bat cmd ps1 psm1 vbs vbe jse wsf wsh hta lnk url reg inf jar class apk
    ipa dmg pkg deb rpm run bin elf so dylib sys drv ocx gadget scf chm app appimage wasm iso img
"""
PROGRAMS = frozenset(_PROGRAMS_WORDS.split())
"""What a double click would start on some system."""

_HIDDEN_WORDS = """
    exe dll scr pif cpl msi bat cmd ps1 vbs vbe jse wsf hta lnk jar apk
    php php3 php4 php5 phtml phar asp aspx jsp jspx cgi svg svgz
"""
HIDDEN = frozenset(_HIDDEN_WORDS.split())
"""What is suspicious before the last extension. ``.com`` and ``.js`` are not: "example.com.pdf", "Node.js.pdf"."""

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def extension(name: str) -> str:
    """Lower case, without the dot; empty when there is none. ``.env`` has none."""
    return PurePosixPath(name).suffix[1:].lower()


def safe_name(name: str) -> str:
    """The display name: its last path part, normalised, at most 200 characters with the extension kept.

    Raises UnsafeName for control characters and for characters that turn the direction of reading.
    """
    if any(unicodedata.category(char) == "Cc" or char in _DIRECTION for char in name):
        raise UnsafeName
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1].strip(" .\u00a0")
    if not name:
        raise UnsafeName("This file has no name. Rename the file and try again.")
    if len(name) <= MAX_LENGTH:
        return name
    suffix = PurePosixPath(name).suffix[:20]
    return name[: MAX_LENGTH - len(suffix)] + suffix


def check_extensions(name: str) -> None:
    """Raises for programs, for SVG, and for a program's extension hidden before the last one."""
    _stem, *inner = [part.strip().lower() for part in name.split(".")]
    last = inner.pop() if inner else ""
    if last in PROGRAMS:
        raise ExecutableRefused
    if last in {"svg", "svgz"}:
        raise SvgRefused
    if HIDDEN.intersection(inner):
        raise DoubleExtension


def with_extension(name: str, wanted: str) -> str:
    """The name with its extension replaced, for content that was re-encoded to another type."""
    return f"{PurePosixPath(name).stem}.{wanted}"
