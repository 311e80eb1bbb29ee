"""What is in a text: nothing a database refuses, names, links, and the form it is searched in."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.errors import InvalidInput
from messenger import limits

MAX_CHARS = limits.TEXT_CHARS
MAX_CLIENT_ID = 64
MAX_MENTIONS = 50

_NAME = re.compile(r"(?<![\w@])@([A-Za-z0-9_-]{3,50})")
_LINK = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_AROUND_LINKS = ".,;:!?)]}»”’"


def folded(text: str) -> str:
    """Text as it is searched: SQLite's LIKE ignores the case of ASCII only, so case is taken away beforehand."""
    return text.casefold()


def checked(content: str, *, field: str = "content", most: int = MAX_CHARS) -> str:
    """The text itself. Raises InvalidInput for what is too long or is no text: NUL, half of a surrogate pair."""
    if len(content) > most:
        raise InvalidInput(details={field: [f"Use at most {most:,} characters."]})
    try:
        content.encode()
    except UnicodeEncodeError:
        raise InvalidInput(details={field: ["This is not valid text."]}) from None
    if "\x00" in content:
        raise InvalidInput(details={field: ["Null characters are not allowed."]})
    return content


def checked_client_id(client_id: str | None) -> str | None:
    """The id itself; an empty one is none. Raises InvalidInput."""
    return checked(client_id, field="client_id", most=MAX_CLIENT_ID) if client_id else None


def names(content: str) -> frozenset[str]:
    """The user names a text may mean by ``@name``, in lower case: a hyphen at the end may belong to the sentence."""
    if "@" not in content:
        return frozenset()
    found = [name.lower() for name in _NAME.findall(content)[:MAX_MENTIONS]]
    return frozenset(found) | {name.rstrip("-_") for name in found}


def renamed(content: str, change: Callable[[str], str]) -> str:
    """The text with other names behind the @; what cannot belong to a name at its end stays."""

    def other(match: re.Match[str]) -> str:
        name = match[1]
        plain = name.rstrip("-_")
        return "@" + (change(name) if change(name) == name else change(plain) + name[len(plain) :])

    return _NAME.sub(other, content)


def first_link(content: str) -> str | None:
    """The first address in a text, without the punctuation that follows it; None when there is none."""
    found = _LINK.search(content) if "://" in content else None
    return found.group().rstrip(_AROUND_LINKS)[:2000] if found else None
