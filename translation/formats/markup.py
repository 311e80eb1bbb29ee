"""HTML and XHTML by position: tokens say where text is, and only that is replaced.

No parser's tree is written: none gives back the characters that it read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal
from xml.parsers import expat

from translation.formats.base import Unreadable
from translation.formats.base import Walk
from translation.formats.base import has_words
from translation.formats.passages import Passage
from translation.formats.passages import Token

_INLINE_WORDS = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q ruby s samp small span strike
    strong sub sup time tt u var
"""
INLINE = frozenset(_INLINE_WORDS.split())
_INLINE_VOID = frozenset({"br", "img", "wbr", "input"})
_KEPT_INLINE = frozenset({"code", "kbd", "samp", "tt", "ruby"})
_SKIPPED = frozenset({"script", "style", "pre", "textarea", "svg", "math", "template", "object", "iframe"})
_NO_TEXT = frozenset({"script", "style"})
_EMPTY_WORDS = "area base br col embed hr img input link meta source track wbr"
_EMPTY = frozenset(_EMPTY_WORDS.split())
"""Elements that have no end (HTML, 13.1.2)."""
_KINDS = {"li": "item", "dd": "item", "td": "cell", "th": "cell", "title": "title", "figcaption": "caption"}
_PLAIN_ONLY = frozenset({"title", "option"})
"""No tag may stand in them."""
_UNTRANSLATED = re.compile(r"""\stranslate\s*=\s*["']?no\b""", re.IGNORECASE)
_LANG = re.compile(r"""(\s(?:xml:)?lang\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_CHARSET = re.compile(r"""(charset\s*=\s*["']?\s*)[\w.:-]+""", re.IGNORECASE)
_RTL = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "ckb", "ug"})
"""Languages that are written from right to left."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A token of a file: a text, an element that begins, ends or is empty, or something else."""

    kind: Literal["text", "start", "end", "empty", "other"]
    raw: str
    tag: str = ""
    text: str = ""


def escape(text: str) -> str:
    """A text for a file."""
    return html.escape(text, quote=False)


# Tokens


class _Html(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.starts: list[tuple[Literal["text", "start", "end", "empty", "other"], int, str]] = []
        self.feed(text)
        self.close()

    def _note(self, kind: Literal["text", "start", "end", "empty", "other"], tag: str = "") -> None:
        line, column = self.getpos()
        self.starts.append((kind, self._lines[line - 1] + column, tag))

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - only where it stands matters
        self._note("empty" if tag in _EMPTY else "start", tag)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self._note("end", tag)

    def _text(self, *_: object, **__: object) -> None:
        self._note("text")

    def _other(self, *_: object, **__: object) -> None:
        self._note("other")

    handle_data = handle_entityref = handle_charref = _text
    handle_comment = handle_decl = handle_pi = unknown_decl = _other


def html_marks(text: str) -> list[Mark]:
    """The tokens of a page; joined they are its characters."""
    starts = _Html(text).starts  # none of an empty page
    ends = [*(start for _, start, _ in starts[1:]), len(text)][: len(starts)]
    marks = []
    for (kind, start, tag), end in zip(starts, ends, strict=True):
        raw = text[start:end]
        marks.append(Mark(kind, raw, tag, html.unescape(raw) if kind == "text" else ""))
    return marks


def xml_marks(text: str, name: str) -> list[Mark]:
    """The tokens of a well-formed document, names without prefixes. Raises Unreadable, also for a DTD with entities."""
    data = text.encode()
    starts: list[tuple[Literal["text", "start", "end", "empty", "other"], int, str]] = []
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True

    def note(kind: Literal["text", "start", "end", "empty", "other"], tag: str = "") -> None:
        at = parser.CurrentByteIndex
        if kind == "end" and starts[-1][0] == "start" and data[at - 2 : at] == b"/>":
            starts[-1] = ("empty", *starts[-1][1:])  # <br/>: two events for one tag
        else:
            starts.append((kind, at, tag.rpartition(":")[2]))

    def refuse(*_: object) -> None:
        raise Unreadable("entities", name)

    in_cdata: list[bool] = []

    def begin_cdata() -> None:
        note("other")
        in_cdata.append(True)

    parser.StartElementHandler = lambda tag, _attributes: note("start", tag)
    parser.EndElementHandler = lambda tag: note("end", tag)
    parser.CharacterDataHandler = lambda _data: None if in_cdata else note("text")
    parser.DefaultHandler = lambda found: note("text" if found.startswith("&") else "other")
    parser.StartCdataSectionHandler = begin_cdata
    parser.EndCdataSectionHandler = in_cdata.clear
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - it takes no keywords
    except expat.ExpatError as error:
        raise Unreadable("broken", name) from error
    ends = [start for _, start, _ in starts[1:]] + [len(data)]
    marks = []
    for (kind, start, tag), end in zip(starts, ends, strict=True):
        raw = data[start:end].decode()
        marks.append(Mark(kind, raw, tag, html.unescape(raw) if kind == "text" else ""))
    return marks


# Pages


class Page:
    """Leads a walk over the tokens of a page; ``rewritten`` are its characters afterwards."""

    def __init__(self, marks: Iterable[Mark], walk: Walk, place: str, *, note: str = "") -> None:
        self._walk = walk
        self._place = place
        self._note = note
        self._out: list[str] = []
        self._run: list[Token] = []
        self._block = ""
        self._number = 0
        self._skipped: list[str] = []
        for mark in marks:
            self._take(mark)
        self._flush()
        self.rewritten = "".join(self._out)

    def _take(self, mark: Mark) -> None:
        if self._skipped:
            self._skip(mark)
        elif mark.kind == "start" and (mark.tag in _SKIPPED or (mark.tag not in INLINE and _is_untranslated(mark))):
            self._flush()
            self._out.append(mark.raw)
            # Some that have no end are written as empty in XHTML, and as open in HTML.
            if not mark.raw.endswith("/>"):
                self._skipped.append(mark.tag)
        elif mark.kind == "text":
            self._walk.count(mark.text)
            self._run.append(Token("text", mark.raw, mark.text))
        elif mark.tag in INLINE and mark.kind in {"start", "end"}:
            is_kept = mark.tag in _KEPT_INLINE or _is_untranslated(mark)
            self._run.append(Token("open" if mark.kind == "start" else "close", mark.raw, "", mark.tag, is_kept))
        elif mark.kind == "empty" and (mark.tag in _INLINE_VOID or mark.tag in INLINE):
            self._run.append(Token("void", mark.raw))
        else:
            self._flush()
            self._structure(mark)

    def _skip(self, mark: Mark) -> None:
        self._out.append(mark.raw)
        if mark.kind == "text" and not _NO_TEXT.intersection(self._skipped):
            self._walk.count(mark.text)
            self._walk.protect(mark.text)
            if self._skipped[0] == "pre" and has_words(mark.text):
                self._walk.warn("preformatted_kept")
        if mark.kind == "start" and mark.tag == self._skipped[-1] and not mark.raw.endswith("/>"):
            self._skipped.append(mark.tag)
        elif mark.kind == "end" and mark.tag == self._skipped[-1]:
            self._skipped.pop()

    def _structure(self, mark: Mark) -> None:
        raw = mark.raw
        if mark.kind != "other":
            self._block = mark.tag if mark.kind == "start" else ""
        if self._walk.writes:
            raw = self._changed(mark)
        self._out.append(raw)

    def _changed(self, mark: Mark) -> str:
        if mark.tag == "html" and mark.kind == "start":
            return in_language(mark.raw, self._walk.language)
        if mark.tag == "meta":
            return _CHARSET.sub(r"\g<1>utf-8", mark.raw)
        if mark.tag == "body" and mark.kind == "start" and self._note:
            note, self._note = self._note, ""
            return f"{mark.raw}<p><em>{escape(note)}</em></p>"
        return mark.raw

    def _flush(self) -> None:
        if not self._run:
            return
        passage = Passage(self._run, joins_lines=True)
        raw = "".join(token.raw for token in self._run)
        self._run = []
        self._walk.protect(" " * (passage.whole - len(passage.plain)))
        if not passage.text:
            self._out.append(raw)
            return
        self._number += 1
        kind = "heading" if re.fullmatch("h[1-6]", self._block) else _KINDS.get(self._block, "paragraph")
        target = self._walk.segment(f"{self._place}#p{self._number}", kind, passage.text)
        self._out.append(raw if target is None else self._rendered(passage, target))

    def _rendered(self, passage: Passage, target: str) -> str:
        if not self._walk.both:
            return passage.render(target, escape)
        if self._block in _PLAIN_ONLY:
            return passage.render_beside(target, escape, " / ", "")
        language = html.escape(self._walk.language)
        return passage.render_beside(target, escape, f'<br/><span lang="{language}">', "</span>")


def in_language(raw: str, language: str) -> str:
    """A start tag whose language is this one."""
    if not language:
        return raw
    quoted = f'"{html.escape(language)}"'
    changed = _LANG.sub(lambda found: found[1] + quoted, raw)
    if changed == raw and not _LANG.search(raw):
        changed = re.sub(r"^<[\w:]+", lambda found: f"{found[0]} lang={quoted}", raw)
    if language.partition("-")[0] in _RTL and not re.search(r"\sdir\s*=", changed):
        changed = re.sub(r"^<[\w:]+", lambda found: f'{found[0]} dir="rtl"', changed)
    return changed


def _is_untranslated(mark: Mark) -> bool:
    return mark.kind == "start" and bool(_UNTRANSLATED.search(mark.raw))
