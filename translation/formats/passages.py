"""Marked-up text, as a text with markers and back: for whatever is a sequence of texts and tags.

Tags go back as the very characters that they were; only text between them is written anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Literal

from translation import markers
from translation.formats.base import has_words

_NO_LETTER = re.compile(r"\W")
_WORD_AFTER = re.compile(r"\A\w+")
_LINES = re.compile(r"(?<!\s)\s+")
_ONCE = re.compile(r"""\s(?:xml:)?(?:id|name)\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A text, a tag that opens or closes, or what is neither; ``raw`` are its characters in the file.

    ``text`` is what it says, or protects. ``is_kept`` marks a tag whose content stays as it is.
    """

    kind: Literal["text", "open", "close", "void"]
    raw: str
    text: str = ""
    tag: str = ""
    is_kept: bool = False


class Passage:
    """The tokens of one paragraph.

    ``text`` is its source with markers, empty if there is nothing to translate; ``whole`` counts all its characters,
    ``plain`` are those to translate.
    """

    def __init__(self, tokens: Sequence[Token], *, joins_lines: bool = False) -> None:
        self.whole = sum(len(token.text) for token in tokens)
        found = _without_cut_words(_without_empty(_balanced(_texts_joined(tokens, _of_one_kind))))
        found = _texts_joined(found, lambda _one, _other: True)
        self._head, middle, self._tail = _peeled(found)
        self._middle = "".join(token.raw for token in middle)
        if joins_lines:
            middle = [_in_one_line(token) if token.kind == "text" else token for token in middle]
        self._table: dict[str, str] = {}
        self.text = self._marked(middle)
        self.plain = markers.plain(self.text)
        if not has_words(self.plain):
            self.text = self.plain = ""

    def _marked(self, tokens: list[Token]) -> str:
        parts = []
        open_: list[int] = []
        number = 0
        for token in tokens:
            for part in re.split("([⟦⟧])", token.text) if token.kind == "text" else [token.raw]:
                if token.kind == "text" and part not in {"⟦", "⟧"}:
                    parts.append(part)
                    continue
                if token.kind == "close":
                    parts.append(markers.closing(open_.pop()))
                else:
                    number += 1
                    parts.append(markers.opening(number) if token.kind == "open" else markers.void(number))
                    if token.kind == "open":
                        open_.append(number)
                self._table[parts[-1]] = part
        return "".join(parts)

    def render(self, target: str, escape: Callable[[str], str]) -> str:
        """The characters for the file: a translation that fits, in what was around the source."""
        return self._head + self._rendered(target, escape) + self._tail

    def render_beside(self, target: str, escape: Callable[[str], str], before: str, after: str) -> str:
        """The source, ``before``, the translation with nothing that a file may name only once, and ``after``."""
        double = self._rendered(target, escape, is_second=True)
        return f"{self._head}{self._middle}{before}{double}{after}{self._tail}"

    def _rendered(self, target: str, escape: Callable[[str], str], *, is_second: bool = False) -> str:
        parts = []
        for part in markers.split(target):
            if not markers.MARKER.fullmatch(part):
                parts.append(escape(part))
            elif part in self._table:
                raw = self._table[part]
                parts.append(_ONCE.sub("", raw) if is_second and raw.startswith("<") else raw)
        return "".join(parts)


def _in_one_line(token: Token) -> Token:
    return replace(token, text=_LINES.sub(lambda space: " " if "\n" in space[0] else space[0], token.text))


def _of_one_kind(one: Token, other: Token) -> bool:
    """Both are written as they are, or an entity is a letter of a word: a word can be cut out of what they make."""
    if one.raw == one.text and other.raw == other.text:
        return True
    return bool(_word_at_end(one.text) and _WORD_AFTER.search(other.text))


def _word_at_end(text: str) -> int:
    """How many letters of a word a text ends with. From its end: a search from the front tries each letter of it."""
    found = _NO_LETTER.search(text[::-1])
    return found.start() if found else len(text)


def _texts_joined(tokens: Sequence[Token], wanted: Callable[[Token, Token], bool]) -> list[Token]:
    groups: list[list[Token]] = []
    for token in tokens:
        last = groups[-1][-1] if groups else None
        if last and last.kind == token.kind == "text" and wanted(last, token):
            groups[-1].append(token)
        else:
            groups.append([token])
    return [group[0] if len(group) == 1 else replace(_as_one(group), kind="text") for group in groups]


def _pairs(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each tag that opens is closed, by positions; those that are not, or cross another, are not in it."""
    pairs: dict[int, int] = {}
    open_: dict[str, list[int]] = {}
    stack: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "open":
            stack.append(at)
            open_.setdefault(token.tag, []).append(at)
        elif token.kind == "close" and open_.get(token.tag):
            start = open_[token.tag].pop()
            while stack[-1] != start:
                open_[tokens[stack.pop()].tag].pop()
            stack.pop()
            pairs[start] = at
    return pairs


def _balanced(tokens: list[Token]) -> list[Token]:
    """Tags without their other half are no stretch; what must be kept is one thing with all that is in it."""
    pairs = _pairs(tokens)
    whole = {*pairs, *pairs.values()}
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.is_kept and at in pairs:
            result.append(_as_one(tokens[at : pairs[at] + 1]))
            at = pairs[at]
        elif token.kind in {"open", "close"} and at not in whole:
            result.append(replace(token, kind="void"))
        else:
            result.append(token)
        at += 1
    return result


def _without_empty(tokens: list[Token]) -> list[Token]:
    """A stretch that says nothing is one thing that is no text."""
    pairs = _pairs(tokens)
    says = [0]
    for token in tokens:
        says.append(says[-1] + (token.kind == "text" and bool(token.text.strip())))
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        end = pairs.get(at)
        if end is not None and says[end] == says[at]:
            result.append(_as_one(tokens[at : end + 1]))
            at = end
        else:
            result.append(tokens[at])
        at += 1
    return result


def _without_cut_words(tokens: list[Token]) -> list[Token]:
    """A word with a formatted bit inside (H₂O) is one thing that is no text: no translator keeps its letters."""
    result: list[Token] = []
    rest = list(reversed(tokens))
    while rest:
        token = rest.pop()
        length = _cut_word(token, rest)
        if not length:
            result.append(token)
            continue
        taken = [rest.pop() for _ in range(length)]
        first, last = len(token.text) - _word_at_end(token.text), _WORD_AFTER.search(taken[-1].text)
        if last is None:
            continue
        before, after = token.text[:first], taken[-1].text[last.end() :]
        word = [_cut(token, first, None), *taken[:-1], _cut(taken[-1], None, last.end())]
        if before:
            result.append(_cut(token, None, first))
        result.append(_as_one(word))
        if after:
            rest.append(_cut(taken[-1], last.end(), None))
    return result


def _cut_word(token: Token, rest: list[Token]) -> int:
    """How many of the tokens that follow belong to the word at the end of this one; nothing if it is not cut."""
    if token.kind != "text" or not _word_at_end(token.text) or token.raw != token.text:
        return 0
    depth = bits = length = 0
    for number, found in enumerate(reversed(rest[-12:]), start=1):
        if found.kind == "void" or (found.kind == "text" and found.raw != found.text):
            break
        if found.kind != "text":
            depth += 1 if found.kind == "open" else -1
            if depth < 0:
                break
            continue
        start = _WORD_AFTER.search(found.text)
        if start is None:
            break
        bits += 1
        if depth == 0 and bits > 1:
            length = number
        if start.end() < len(found.text):
            break
    return length


def _cut(token: Token, start: int | None, end: int | None) -> Token:
    return Token("text", token.raw[start:end], token.text[start:end])


def _as_one(tokens: Sequence[Token]) -> Token:
    return Token("void", "".join(token.raw for token in tokens), "".join(token.text for token in tokens))


def _peeled(tokens: list[Token]) -> tuple[str, list[Token], str]:
    """What says nothing at the beginning and at the end, and a stretch around all: no translator need see it."""
    pairs = _pairs(tokens)
    start, end = 0, len(tokens)
    while start < end:
        if not _says(tokens[start]) and tokens[start].kind != "open":
            start += 1
        elif not _says(tokens[end - 1]) and tokens[end - 1].kind != "close":
            end -= 1
        elif tokens[start].kind == "open" and pairs.get(start) == end - 1:
            start, end = start + 1, end - 1
        else:
            break
    head, middle, tail = tokens[:start], tokens[start:end], tokens[end:]
    if middle and middle[0].kind == "text":
        before, middle[0] = _trimmed(middle[0], at_end=False)
        head = [*head, before]
    if middle and middle[-1].kind == "text":
        after, middle[-1] = _trimmed(middle[-1], at_end=True)
        tail = [after, *tail]
    return "".join(token.raw for token in head), middle, "".join(token.raw for token in tail)


def _says(token: Token) -> bool:
    return token.kind == "text" and bool(token.text.strip())


def _trimmed(token: Token, *, at_end: bool) -> tuple[Token, Token]:
    """The space at one end, and the rest; space that is written as an entity stays with the text."""
    raw, text = token.raw, token.text
    size = len(raw) - len(raw.rstrip() if at_end else raw.lstrip())
    size = min(size, len(text) - len(text.rstrip() if at_end else text.lstrip()))
    if not size:
        return Token("text", ""), token
    if at_end:
        return Token("text", raw[-size:], text[-size:]), Token("text", raw[:-size], text[:-size])
    return Token("text", raw[:size], text[:size]), Token("text", raw[size:], text[size:])
