"""What is in a text: nothing a database refuses, names and links."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from itertools import islice

from core.errors import InvalidInput
from messenger import limits

MAX_CHARS = limits.TEXT_CHARS
MAX_CLIENT_ID = 64
MAX_MENTIONS = 50
ALL = "all"
"""The name behind an @ that means every member; a reserved one, so nobody else has it."""

# Before the @ of a name stands nothing that could be part of an e-mail address.
_NAME = re.compile(r"(?<![A-Za-z0-9._%+@-])@([A-Za-z0-9_-]{3,50})")
_PIECE = re.compile(
    r"(?P<code>(?:^|(?<=\n)) {0,3}```[^`\n]*\n(?:[\s\S]*?\n)?(?: {0,3}```(?=\s|$)|$)|`[^`\n]+`)|"
    rf"(?P<address>(?<![A-Za-z0-9])https?://|(?<![A-Za-z0-9@._/-])www\.)|{_NAME.pattern}",
    re.IGNORECASE,
)
"""As the client's reader (frontend/src/lib/addresses.ts) has it; both are tested by tests/grammar.json."""
_MAX_LINK = 2000
_NEVER = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f<>\"`|«»‹›“”„‟‘’‚\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40"
    r"\uff5b-\uff65]"
)
"""No address holds these: blanks, brackets of markup, quotation marks, punctuation of languages without blanks."""
_UNSPACED = re.compile(
    r"[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u30ff\u3105-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    r"\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff]"
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_SENTENCE_END = ".,;:!?…*_~'([{"
_WHOLE = re.compile(r"https?://(?:[^/?#]*@)?(?:\[[^/?#]*:|[^/?#]*[^\W_])|www\.(?:[^\W_]|-)+\.[^\W_]", re.IGNORECASE)


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
    every = (piece.lower() for kind, piece in _pieces(content) if kind == "name")
    found = list(islice(every, MAX_MENTIONS))
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
    found = next(addresses(content), None)
    return found[:_MAX_LINK] if found else None


def addresses(content: str) -> Iterator[str]:
    """The addresses in a text, as the client shows them as links; one without a scheme gets ``https``."""
    if "://" in content or "www." in content.lower():
        for kind, piece in _pieces(content):
            if kind == "address":
                yield piece if "://" in piece[:8] else f"https://{piece}"


def _pieces(content: str) -> Iterator[tuple[str, str]]:
    """Addresses and names, outside code and each other."""
    at = 0
    while found := _PIECE.search(content, at):
        at = found.end()
        if found["address"]:
            address = _address(content, found.start())
            if address:
                at = found.start() + len(address)
                yield "address", address
        elif not found["code"]:
            yield "name", found[3]


def _address(content: str, start: int) -> str:
    """The address that begins there, as it is written; empty when none does."""
    end, is_ascii = start, True
    opened: list[str] = []
    for character in content[start:]:
        if _NEVER.match(character):
            break
        opener = _PAIRS.get(character)
        if opener and (not opened or opened.pop() != opener):
            break
        if character in "([{":
            opened.append(character)
        # A word right behind an ASCII letter is the sentence's; behind a slash it is a part of the address.
        if is_ascii and _UNSPACED.match(character):
            if content[end - 1].isascii() and content[end - 1].isalnum():
                break
            is_ascii = False
        end += 1
    found = content[start:end].rstrip(_SENTENCE_END)
    return found if _WHOLE.match(found) else ""
