"""Markdown in place: the parser says in which lines a block stands, and what is inside it; code stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token as Block

from translation.formats import encoded
from translation.formats import markup
from translation.formats.base import Walk
from translation.formats.base import has_words
from translation.formats.passages import Passage
from translation.formats.passages import Token

_FRONT = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_LINK_END = re.compile(r"\](?:\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|\[[^\]]*\])?")
_IMAGE = re.compile(r"!\[(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\])*" + _LINK_END.pattern)
_BREAK = re.compile(r"(?: {2,}|\\)\n[ \t]*")
_LINE = re.compile(r"[ \t]*\n[ \t]*")
_URL = re.compile(r"((?:https?|ftp)://[^\s<>()\[\]]+[^\s<>()\[\].,;:!?*_'\"])")
_TAG = re.compile(r"<(/?)(\w+)[^>]*(?<!/)>")
_MARKUP = re.compile(r"([\\`*\[\]]|(?<!\w)_|_(?!\w)|<(?=[\w/!?])|~~)")
_BEGINNING = re.compile(r"\A[#+\-=>](?!\w)")
_BEGINNING_DIGITS = re.compile(r"\A(\d+)(?=[.)](?:\s|\Z))")
"""What makes a paragraph a heading, a list or a quote."""
_KINDS = {"heading_open": "heading", "td_open": "cell", "th_open": "cell"}


def walk_md(path: Path, walk: Walk, to: Path | None) -> None:
    """A page of CommonMark with tables, in whatever encoding; written as UTF-8 with its line ends."""
    data = encoded.load(path)
    text = encoded.decoded(data).removeprefix("\ufeff")
    end = "\r\n" if "\r\n" in text else "\n"
    new = _Page(text.replace("\r\n", "\n"), walk).rewritten()
    walk.finish()
    if to is not None:
        to.write_bytes(encoded.encoded(new.replace("\n", end), data))


class _Page:
    def __init__(self, text: str, walk: Walk) -> None:
        self._text = text
        self._walk = walk
        front = _FRONT.match(text)
        self._front = front.end() if front else 0
        self._lines = _line_starts(text)
        self._edits: list[tuple[int, int, str]] = []
        self._at = self._front
        self._number = 0

    def rewritten(self) -> str:
        skipped = self._text.count("\n", 0, self._front)
        parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
        in_item, opened = 0, ""
        for block in parser.parse(self._text[self._front :]):
            opened = block.type if block.type.endswith("_open") else opened
            in_item += block.nesting if block.type.startswith("list_item") else 0
            if not block.map or not block.content:
                continue
            self._walk.count(block.content)
            first, last = block.map[0] + skipped, block.map[1] + skipped
            if block.type == "inline":
                self._inline(block, first, last, _KINDS.get(opened, "item" if in_item else "paragraph"))
            elif block.type == "html_block":
                self._html(block, first, last)
            else:
                self._walk.protect(block.content)
        return self._spliced()

    def _html(self, block: Block, first: int, last: int) -> None:
        start, end = self._lines[first], self._lines[last]
        self._number += 1
        if self._text[start:end] != block.content or not has_words(block.content):
            self._walk.protect(block.content)
            return
        inside = Walk()
        marks = markup.html_marks(block.content)
        markup.Page(marks, inside, "")
        found = inside.finish()
        # Tags are no text of a page, but of a file that is looked at as Markdown.
        self._walk.protect(" " * (len(block.content) - found.characters - found.protected))
        page = markup.Page(marks, _Uncounted(self._walk, found.protected), f"text#p{self._number}")
        if page.rewritten != block.content:
            self._edits.append((start, end, page.rewritten))

    def _inline(self, block: Block, first: int, last: int, kind: str) -> None:
        self._number += 1
        spans = self._spans(block.content, first, last)
        tokens, is_found = _tokens(block)
        if spans is None or not has_words(block.content):
            if spans is None and has_words(block.content):
                self._walk.warn("block_kept")
            self._walk.protect(block.content)
            return
        passage = Passage(tokens, joins_lines=True)
        self._walk.protect(" " * (len(block.content) - len(passage.plain)))
        if not passage.text:
            return
        target = self._walk.segment(f"text#p{self._number}", kind, passage.text)
        if target is not None:
            self._replace(spans, self._rendered(passage, target, kind, escapes=is_found))

    def _rendered(self, passage: Passage, target: str, kind: str, *, escapes: bool) -> str:
        # Lines of a translation are no lines of the file: one may begin with what makes it a list.
        target = " ".join(target.split("\n"))
        escape = (_in_cell if kind == "cell" else _escaped) if escapes else str
        if not self._walk.both:
            return _BEGINNING_DIGITS.sub(r"\1\\", _BEGINNING.sub(r"\\\g<0>", passage.render(target, escape)))
        between = " / " if kind in {"cell", "heading"} else "\\\n"
        return passage.render_beside(target, escape, between, "")

    def _spans(self, content: str, first: int, last: int) -> list[tuple[int, int]] | None:
        """Where the lines of a block's content stand in the file, after what makes them a quote or an item."""
        spans = []
        line, self._at = first, max(self._at, self._lines[first])
        for part in content.split("\n"):
            found = -1
            while line < last and found < 0:
                found = self._text.find(part, max(self._at, self._lines[line]), self._lines[line + 1])
                line += 1
            if found < 0:
                return None
            self._at = found + len(part)
            spans.append((found, self._at))
        return spans

    def _replace(self, spans: list[tuple[int, int]], new: str) -> None:
        """Each further line begins as the second of the source did, or as deep as the first."""
        start, end = spans[0][0], spans[-1][1]
        line_start = self._text.rfind("\n", 0, start) + 1
        prefix = re.sub(r"[^>\s]", " ", self._text[line_start:start])
        if len(spans) > 1:
            second = self._text.rfind("\n", 0, spans[1][0]) + 1
            prefix = self._text[second : spans[1][0]]
        self._edits.append((start, end, new.replace("\n", f"\n{prefix}")))

    def _spliced(self) -> str:
        parts, at = [], 0
        note = self._walk.note if self._walk.writes else ""
        if note:
            parts, at = [self._text[: self._front], f"> {_escaped(note)}\n\n"], self._front
        for start, end, new in sorted(self._edits):
            parts += [self._text[at:start], new]
            at = end
        return "".join([*parts, self._text[at:]])


class _Uncounted(Walk):
    """A walk within another: its text is counted there already."""

    def __init__(self, walk: Walk, protected: int) -> None:
        super().__init__({} if walk.writes else None, language=walk.language, both=walk.both)
        self._outer = walk
        walk.protect(" " * protected)

    def segment(self, place: str, kind: str, text: str) -> str | None:
        return self._outer.segment(place, kind, text)

    def warn(self, name: str) -> None:
        self._outer.warn(name)


def _line_starts(text: str) -> list[int]:
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    return starts if starts[-1] == len(text) else [*starts, len(text)]


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def _in_cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


def _tokens(block: Block) -> tuple[list[Token], bool]:
    """The content of a block as tokens; as one text where the parser's tokens cannot be found in it again (false)."""
    tokens = list(_found(block.content, block.children or []))
    if "".join(token.raw for token in tokens) != block.content:
        return [Token("text", block.content, block.content)], False
    return tokens, True


def _found(content: str, children: list[Block]) -> Iterator[Token]:
    at = 0
    for child in children:
        kind = child.type
        found: re.Match[str] | None = None
        if kind == "text":
            if content.startswith(child.content, at):
                yield from (_words(part) for part in _URL.split(child.content) if part)
                at += len(child.content)
            continue
        if kind == "text_special":
            raw, token = child.markup, Token("text", child.markup, child.content)
        elif kind == "softbreak":
            found = _LINE.match(content, at)
            raw = found[0] if found else ""
            token = Token("text", raw, raw)
        elif kind == "link_open" and child.markup == "autolink":
            raw = content[at : content.find(">", at) + 1]
            token = Token("open", "<", "", "autolink", is_kept=True)
            yield token
            at += 1
            continue
        elif kind == "link_close" and child.markup == "autolink":
            raw, token = ">", Token("close", ">", "", "autolink")
        elif kind.endswith("_open"):
            raw = "[" if kind == "link_open" else child.markup
            token = Token("open", raw, "", child.tag)
        elif kind.endswith("_close"):
            found = _LINK_END.match(content, at) if kind == "link_close" else None
            raw = (found[0] if found else "") if kind == "link_close" else child.markup
            token = Token("close", raw, "", child.tag)
        else:
            raw = _thing(content, at, child)
            token = _html_tag(raw) if kind == "html_inline" else Token("void", raw, raw)
        if not raw or not content.startswith(raw, at):
            return
        yield token
        at += len(raw)


def _html_tag(raw: str) -> Token:
    tag = _TAG.match(raw)
    if tag is None or tag[2].lower() not in markup.INLINE:
        return Token("void", raw, raw)
    return Token("close" if tag[1] else "open", raw, "", f"html:{tag[2].lower()}")


def _words(part: str) -> Token:
    return Token("void" if _URL.fullmatch(part) else "text", part, part)


def _thing(content: str, at: int, child: Block) -> str:
    """The characters of what is no text: code, a picture, a tag, a hard break."""
    if child.type == "code_inline":
        end = content.find(child.markup, at + len(child.markup))
        fence = re.compile(rf"(?<!`){re.escape(child.markup)}(?!`)")
        found = fence.search(content, at + len(child.markup))
        end = found.end() if found else -1
        return content[at:end] if end > 0 else ""
    if child.type == "html_inline":
        return child.content
    pattern = _IMAGE if child.type == "image" else _BREAK
    match = pattern.match(content, at)
    return match[0] if match else ""
