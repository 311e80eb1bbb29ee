"""How long names and passwords are. The web client reads it from the configuration, and says no number itself."""

from __future__ import annotations

import re

SHORTEST_USERNAME = 3
"""Characters."""

LONGEST_USERNAME = 50
"""Characters."""

LONGEST_DISPLAY_NAME = 64
"""Letters, as a reader counts them."""

DISPLAY_NAME_CHARS = 256
"""Characters that those letters may be made of; emoji and some scripts need several for one."""

SHORTEST_PASSWORD = 8
"""Characters, which are code points."""

_RESERVED_WORDS = """
    abuse admin administrator admins all anonymous assistant billing bot deleted everyone help helpdesk here hostmaster
    info kintsugi mail me mod moderator moderators noreply null official operator owner payments postmaster root
    security staff superuser support sysadmin system team undefined webmaster you
"""
RESERVED_NAMES = frozenset(_RESERVED_WORDS.split())
"""Names that speak for the house, or for nobody; compared without case, digits at the end, hyphens and underscores."""


def is_reserved(username: str) -> bool:
    """Whether a name would be taken for somebody's who runs the place. Operators are made by command, with any name."""
    return username.casefold().replace("_", "").replace("-", "").rstrip("0123456789") in RESERVED_NAMES


_ALIKE = str.maketrans("аевіјкмнорсѕтухԁɡ", "aebijkmhopcstyxdg")
"""Cyrillic and other letters that look like Latin ones in most fonts (Unicode Technical Standard 39, confusables)."""
_RESERVED_WORDS_UK = """
    адмін адміністратор адміністрація безпека власник допомога команда модератор модератори оператор офіційно підтримка
    система служба
"""
_SPEAKING = RESERVED_NAMES | frozenset(_RESERVED_WORDS_UK.split())


def speaks_for_the_house(name: str) -> bool:
    """Whether a display name says nothing but words for who runs the place, however it is spelled or adorned.

    ``name`` is folded as for a search. A name that has one word of its own ("Anna, support") may keep it.
    """
    words = re.findall(r"[^\W\d_]+", name)
    reserved = [word in _SPEAKING or word.translate(_ALIKE) in _SPEAKING for word in words]
    whole = "".join(words)
    return bool(words) and (all(reserved) or whole in _SPEAKING or whole.translate(_ALIKE) in _SPEAKING)


def for_clients() -> dict[str, int]:
    """What the web client says before the server has to."""
    return {
        "min_username_chars": SHORTEST_USERNAME,
        "max_username_chars": LONGEST_USERNAME,
        "max_display_name_letters": LONGEST_DISPLAY_NAME,
        "min_password_chars": SHORTEST_PASSWORD,
    }
