"""What a model wrote, as blocks: in the shape that was asked for, in one near it, or in Markdown within it.

Nothing here judges a citation: they come out as they were written, each at its sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import regex  # type: ignore[import-untyped]

from core import text as letters
from documents import blocks

_MARKED = regex.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")
_HEADING = regex.compile(r"\A(#{1,6})\s+(.+)\Z")
_ITEM = regex.compile(r"\A\s*(?:[-*•]|(\d+)[.)])\s+(.+)\Z")
_RULE = regex.compile(r"\A[\s|:-]+\Z")
_END = regex.compile(r"(?<=[.!?…][»”\"')]?)\s+(?=\p{Lu}|[«“\"(])")
_LEVELS = (2, 4)


@dataclass(frozen=True, slots=True)
class Raw:
    """A citation as it was written."""

    key: str
    quote: str = ""
    claim: str = ""


@dataclass(slots=True)
class Said:
    """A sentence as it was written."""

    text: str
    citations: list[Raw] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A block whose sentences are not judged yet: ``items`` of a list, or the one of a paragraph; else ``ready``."""

    items: tuple[tuple[Said, ...], ...] = ()
    is_list: bool = False
    is_ordered: bool = False
    ready: blocks.Heading | blocks.Table | None = None


def parts(document: Any) -> list[Part]:
    """Of the document of an answer; what cannot be understood is left out, and nothing is raised."""
    if isinstance(document, Mapping):
        document = next((document[name] for name in ("blocks", "paragraphs", "sentences") if name in document), [])
    if isinstance(document, str):
        document = [document]
    found: list[Part] = []
    loose: list[Said] = []
    for entry in document if isinstance(document, list) else []:
        if isinstance(entry, Mapping) and _is_sentence(entry):
            loose += _sentences([entry])
            continue
        found += _paragraph(loose)
        loose = []
        found += _part(entry)
    return [*found, *_paragraph(loose)][: blocks.MOST_BLOCKS]


def _is_sentence(entry: Mapping[str, Any]) -> bool:
    """Sentences that stand in no block make one paragraph."""
    return not _kind(entry) and isinstance(entry.get("t", entry.get("text")), str)


def _part(entry: Any) -> list[Part]:
    if isinstance(entry, str):
        return list(_from_lines(entry))
    if isinstance(entry, list):
        return _paragraph(_sentences(entry))
    if not isinstance(entry, Mapping):
        return []
    match _kind(entry):
        case "heading":
            return _heading(_text(entry), entry.get("level"))
        case "list":
            items = _items(entry.get("items"))
            return [Part(items, is_list=True, is_ordered=entry.get("ordered") is True)] if items else []
        case "table":
            return _table(entry.get("header"), entry.get("rows"), _plain(entry.get("caption")))
    inside = _first(entry, "s", "sentences", "text", "t")
    return list(_from_lines(inside)) if isinstance(inside, str) else _paragraph(_sentences(inside))


def _kind(entry: Mapping[str, Any]) -> str:
    kind = entry.get("kind", entry.get("type", ""))
    if isinstance(kind, str) and kind:
        return kind
    return next((name for name, key in (("table", "rows"), ("list", "items"), ("paragraph", "s")) if key in entry), "")


def _first(entry: Mapping[str, Any], *names: str) -> Any:
    return next((entry[name] for name in names if entry.get(name)), None)


def _text(entry: Mapping[str, Any]) -> str:
    return _plain(_first(entry, "t", "text", "title"))


def _plain(value: Any) -> str:
    """One line of text without the marks of Markdown."""
    return letters.line(_MARKED.sub(r"\2", value)) if isinstance(value, str) else ""


def _paragraph(sentences: Sequence[Said]) -> list[Part]:
    most = blocks.MOST_SENTENCES
    return [Part((tuple(sentences[at : at + most]),)) for at in range(0, len(sentences), most)]


def _heading(text: str, level: Any) -> list[Part]:
    least, most = _LEVELS
    number = level if isinstance(level, int) else least
    return (
        [Part(ready=blocks.Heading(level=min(max(number, least), most), text=letters.cut(text, 300)))] if text else []
    )


def _items(value: Any) -> tuple[tuple[Said, ...], ...]:
    found = [
        tuple(_sentences(item if isinstance(item, list) else [item])[: blocks.MOST_SENTENCES])
        for item in (value if isinstance(value, list) else [])
    ]
    return tuple(item for item in found if item)[: blocks.MOST_SENTENCES]


def _sentences(value: Any) -> list[Said]:
    """Of a list of objects and texts. A text that is too long is parted where a sentence ends."""
    found: list[Said] = []
    for entry in value if isinstance(value, list) else []:
        text = _plain(entry) if isinstance(entry, str) else _text(entry) if isinstance(entry, Mapping) else ""
        if not text:
            continue
        said = [Said(piece) for piece in _pieces(text)]
        if isinstance(entry, Mapping):
            # Whoever writes several sentences as one puts the citations at the end.
            said[-1].citations = _citations(_first(entry, "c", "citations"))
            said[-1].note = letters.cut(_plain(entry.get("note")), blocks.SENTENCE_CHARS)
        found += said
    return found


def _pieces(text: str) -> list[str]:
    if len(text) <= blocks.SENTENCE_CHARS:
        return [text]
    most = blocks.SENTENCE_CHARS
    return [piece[at : at + most] for piece in _END.split(text) for at in range(0, len(piece), most)]


def _citations(value: Any) -> list[Raw]:
    entries = value if isinstance(value, list) else [value]
    found = [Raw(entry.strip()) for entry in entries if isinstance(entry, str)]
    found += [
        Raw(_plain(_first(entry, "s", "source", "key")), _quoted(entry.get("quote")), _plain(entry.get("claim")))
        for entry in entries
        if isinstance(entry, Mapping)
    ]
    return found[:20]


def _quoted(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _table(header: Any, rows: Any, caption: str = "") -> list[Part]:
    """Each row gets as many cells as the header; a table without a header takes its first row for it."""
    lines = [_cells(row) for row in ([header] if header else []) + (rows if isinstance(rows, list) else [])]
    lines = [line for line in lines if line]
    if not lines:
        return []
    width = len(lines[0])
    fitted = [(*line[:width], *[""] * (width - len(line))) for line in lines]
    table = blocks.Table(
        caption=letters.cut(caption, 300), header=fitted[0], rows=tuple(fitted[1 : blocks.MOST_ROWS + 1])
    )
    return [Part(ready=table)]


def _cells(row: Any) -> tuple[str, ...]:
    cells = list(row.values()) if isinstance(row, Mapping) else row if isinstance(row, list) else []
    texts = [str(cell) if isinstance(cell, int | float) else cell for cell in cells]
    return tuple(letters.cut(_plain(cell), blocks.CELL_CHARS) for cell in texts)[: blocks.MOST_COLUMNS]


def _from_lines(text: str) -> Iterator[Part]:
    """Markdown that was written where text was asked for."""
    kept: list[str] = []
    lines = text.splitlines()
    while lines:
        line = lines.pop(0)
        if "|" in line and lines and _RULE.match(lines[0]) and "-" in lines[0]:
            yield from _plainly(kept)
            rows = []
            while lines and "|" in lines[0]:
                rows.append(_split(lines.pop(0)))
            yield from _table(_split(line), rows[1:])
        elif heading := _HEADING.match(line):
            yield from _plainly(kept)
            yield from _heading(_plain(heading[2]), len(heading[1]))
        elif item := _ITEM.match(line):
            yield from _plainly(kept)
            items = [item]
            while lines and (more := _ITEM.match(lines[0])):
                items.append(more)
                lines.pop(0)
            told = tuple(tuple(_sentences([one[2]])) for one in items[: blocks.MOST_SENTENCES])
            yield Part(tuple(filter(None, told)), is_list=True, is_ordered=item[1] is not None)
        elif line.strip():
            kept.append(line)
        else:
            yield from _plainly(kept)
    yield from _plainly(kept)


def _plainly(kept: list[str]) -> list[Part]:
    """The lines as a paragraph; they are taken out of the list."""
    text = _plain(" ".join(kept))
    kept.clear()
    return _paragraph(_sentences(_END.split(text))) if text else []


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
