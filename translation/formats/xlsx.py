"""XLSX in place: shared and inline strings, comments, and the paragraphs of drawings and charts.

Formulas, names of sheets and the cached results of formulas stay. So do the heads of tables: their names stand in the
table's own part and in formulas once more, and a program repairs a file in which they differ.
"""

from __future__ import annotations

import copy
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from pathlib import PurePosixPath

from lxml import etree

from translation.formats import ooxml
from translation.formats import packages
from translation.formats.base import Walk
from translation.formats.ooxml_paragraphs import Element
from translation.formats.ooxml_paragraphs import local
from translation.formats.runs import Line
from translation.formats.runs import Piece

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_STRINGS = ("sharedStrings", "worksheet", "comments", "threadedcomments")
_DRAWN = frozenset({"drawing", "chart", "diagramData"})
_INLINE = re.compile(rb"inlineStr|\x00i\x00n\x00l\x00i\x00n\x00e\x00S")


def walk_xlsx(path: Path, walk: Walk, to: Path | None) -> None:
    """The strings of the cells, then comments, drawings and charts."""
    with packages.opened(path, "xlsx") as archive:
        walk.say_note_in_text()
        heads = _heads_of_tables(archive)
        if heads:
            walk.warn("table_heads_kept")
        types = packages.content_types(archive)
        strings = sorted(
            (name for name in types if types[name] in _STRINGS), key=lambda name: _STRINGS.index(types[name])
        )
        drawn = [name for name in ooxml.drawn_parts(list(types), "xlsx") if types[name] in _DRAWN]

        def change(name: str, data: bytes) -> bytes:
            if types[name] in _DRAWN:
                return ooxml.drawing(name, data, walk)
            if types[name] == "worksheet" and not _INLINE.search(data):
                return data
            return _strings(name, data, walk, heads, kind="comment" if "comments" in types[name] else "cell")

        packages.rewrite(archive, strings + drawn, change, walk, to)


def _heads_of_tables(archive: zipfile.ZipFile) -> frozenset[str]:
    """What stands in the heads of tables, and so cannot be another string."""
    found = set()
    for name in archive.namelist():
        if name.startswith("xl/tables/") and name.endswith(".xml"):
            root = packages.tree(packages.read(archive, name), name).getroot()
            # A line break in a name is written _x000a_ there (ECMA-376, part 1, 22.9.2.19).
            names = (str(element.get("name", "")) for element in root.iter("{*}tableColumn"))
            found |= {re.sub("_x000a_", "\n", head, flags=re.IGNORECASE) for head in names}
    return frozenset(found)


def _strings(name: str, data: bytes, walk: Walk, heads: frozenset[str], *, kind: str) -> bytes:
    tree = packages.tree(data, name)
    is_changed = False
    for number, holder in enumerate(_holders(tree.getroot()), start=1):
        for text in _texts(holder):
            walk.count(text.text or "")
        string = _String(holder)
        line = string.line
        if not line.text or line.whole in heads:
            walk.protect(line.whole)
            continue
        walk.protect(line.untouched)
        target = walk.segment(f"{PurePosixPath(name)}#s{number}", kind, line.text)
        if target is not None:
            is_changed = True
            string.write(target, both=walk.both)
    return packages.serialized(tree) if is_changed else data


def _holders(root: Element) -> Iterator[Element]:
    """Each string: of the shared ones, of a cell, of a comment."""
    yield from root.iter("{*}si", "{*}is", "{*}text")


def _texts(holder: Element) -> Iterator[Element]:
    """Readings of East Asian words (``rPh``) are no text."""
    if not len(holder) and holder.text:
        yield holder  # a threaded comment
    for child in holder:
        if local(child) == "t":
            yield child
        elif local(child) == "r":
            yield from (text for text in child if local(text) == "t")


class _String:
    """One string: a ``t``, or runs ``r`` that each have one; a threaded comment is text itself."""

    def __init__(self, holder: Element) -> None:
        self._holder = holder
        self.line = Line([Piece(text.text or "", _look(text), [text]) for text in _texts(holder)])

    def write(self, target: str, *, both: bool) -> None:
        stretches = self.line.stretches(target)
        if stretches[0].piece.nodes[0] is self._holder:
            words = "".join(stretch.text or "" for stretch in stretches)
            self._holder.text = f"{self._holder.text}\n{words}" if both else words
            return
        old = [child for child in self._holder if local(child) in {"t", "r", "rPh", "phoneticPr"}]
        is_rich = any(local(child) == "r" for child in old)
        new = [self._part(stretch.piece.nodes[0], stretch.text or "") for stretch in stretches]
        if both:
            sources = [child for child in old if local(child) in {"t", "r"}]
            if is_rich:
                new = [*sources, _run_of("\n", self._holder), *new]
            else:
                new[0] = self._part(sources[0], f"{sources[0].text or ''}\n{new[0].text or ''}")
        for child in old:
            self._holder.remove(child)
        for at, child in enumerate(new):
            child.tail = None
            self._holder.insert(at, child)

    def _part(self, text: Element, words: str) -> Element:
        run = text.getparent()
        new = etree.Element(text.tag)
        new.text = words
        if words != words.strip() or "\n" in words:
            new.set(_SPACE, "preserve")
        if run is None or local(run) != "r":
            return new
        rich = etree.Element(run.tag)
        rich.extend(copy.deepcopy(child) for child in run if local(child) == "rPr")
        rich.append(new)
        return rich


def _run_of(words: str, holder: Element) -> Element:
    space = str(holder.tag).rpartition("}")[0] + "}"
    run = etree.Element(f"{space}r")
    text = etree.SubElement(run, f"{space}t")
    text.text = words
    text.set(_SPACE, "preserve")
    return run


def _look(text: Element) -> str:
    run = text.getparent()
    if run is None or local(run) != "r":
        return ""
    properties = next((child for child in run if local(child) == "rPr"), None)
    return "" if properties is None else etree.tostring(properties, encoding="unicode", with_tail=False)
