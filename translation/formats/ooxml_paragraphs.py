"""Paragraphs of Office documents: ``w:p`` of texts and ``a:p`` of drawings, as pieces and back (ECMA-376, part 1).

What is not a run of text is moved as it is. Ranges (bookmarks, comments) that began or ended within the text cover the
whole paragraph afterwards: nobody knows where their words have gone.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from lxml import etree

from translation.formats.runs import Line
from translation.formats.runs import Piece
from translation.formats.runs import Stretch

Element = etree._Element

WORDS = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",  # "Strict", here and below
    }
)
DRAWINGS = frozenset(
    {
        "http://schemas.openxmlformats.org/drawingml/2006/main",
        "http://purl.oclc.org/ooxml/drawingml/main",
    }
)
TEXTS = WORDS | DRAWINGS
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_CONTAINERS = frozenset({"hyperlink", "ins", "moveTo", "smartTag", "customXml", "sdt", "sdtContent", "dir", "bdo"})
_BEGINS = frozenset({"bookmarkStart", "commentRangeStart", "moveToRangeStart", "permStart", "customXmlInsRangeStart"})
_ENDS = frozenset({"bookmarkEnd", "commentRangeEnd", "moveToRangeEnd", "permEnd", "customXmlInsRangeEnd"})
_AWAY = frozenset({"del", "moveFrom"})
_STAYS = frozenset({"pPr", "endParaRPr", "moveFromRangeStart", "moveFromRangeEnd"}) | _AWAY
_DROPPED = frozenset({"proofErr", "lastRenderedPageBreak"})
"""What a program found out about the text that was, and finds out again about the one that is."""
_SPACES = frozenset({"br", "cr", "tab", "noBreakHyphen", "softHyphen"})
_CONTAINER_PROPERTIES = frozenset({"sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr"})
_NOISE = frozenset({"lang", "noProof", "webHidden"})
_NOISE_ATTRIBUTES = ("lang", "altLang", "dirty", "err", "noProof", "smtClean", "bmk")
_TRANSLATED_FIELDS = frozenset({"HYPERLINK", "TOC", "INDEX", "FORMTEXT", "QUOTE"})
"""Fields whose result is words that somebody wrote, not a figure of a program (ECMA-376, part 1, 17.16.5)."""


def local(element: Element) -> str:
    """The name without its namespace; nothing for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    """The namespace of a name; nothing for a comment or an instruction."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag[0] == "{" else ""


def paragraphs(root: Element) -> list[Element]:
    """All of a part in their order; those in a text box come after the one that the box hangs on."""
    return list(root.iter(*(f"{{{space}}}p" for space in TEXTS)))


def texts(root: Element) -> Iterator[Element]:
    """The elements that hold text."""
    return root.iter(*(f"{{{space}}}t" for space in TEXTS))


class Paragraph:
    """One paragraph; ``line.text`` is empty where there is nothing to translate."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self._space = namespace(element)
        self._pieces: list[Piece[Element]] = []
        self._ranges: list[Element] = []
        self._fields: list[str] = []
        self._runs: dict[Element, Element] = {}
        self.aside = ""
        """Text that was deleted or moved away, and is still there to be looked at."""
        self._gather(element, ())
        self.line = Line(list(self._pieces))

    # Reading

    def _gather(self, parent: Element, path: tuple[Element, ...]) -> None:
        for child in parent:
            name = local(child) if namespace(child) in TEXTS else "?" if isinstance(child.tag, str) else ""
            if name == "r":
                self._run(child, path)
            elif name in _CONTAINERS:
                self._gather(child, (*path, child))
            elif name in _BEGINS or name in _ENDS:
                self._ranges.append(child)
            elif name in _AWAY:
                self.aside += self._own_text(child)
            elif name and name not in _STAYS and name not in _DROPPED and name not in _CONTAINER_PROPERTIES:
                self._thing(child, path)

    def _run(self, run: Element, path: tuple[Element, ...]) -> None:
        look: str | None = None
        content = [child for child in run if isinstance(child.tag, str) and local(child) not in {"rPr", *_DROPPED}]
        for child in content:
            name = local(child)
            is_text = name == "t" and namespace(child) in TEXTS and not self._is_in_figure()
            if is_text:
                look = _look(run) if look is None else look
                self._pieces.append(Piece(child.text or "", look, [run], path))
                continue
            self._follow_field(child, name)
            if len(content) > 1:
                self._runs[child] = run
            self._thing(child if len(content) > 1 else run, path)

    def _thing(self, node: Element, path: tuple[Element, ...]) -> None:
        self._pieces.append(Piece(self._own_text(node), None, [node], path, is_text=False))

    def _own_text(self, node: Element) -> str:
        """Without that of paragraphs inside, which are looked at for themselves."""
        return "".join(text.text or "" for text in texts(node) if self._is_own(text))

    def _is_own(self, text: Element) -> bool:
        above = next(found for found in text.iterancestors() if local(found) == "p" and namespace(found) in TEXTS)
        return above is self.element

    def _follow_field(self, child: Element, name: str) -> None:
        """Whether what follows is the result of a field: it begins, says what it is, is separated, and ends."""
        if name == "fldChar":
            kind = next((value for key, value in child.attrib.items() if str(key).endswith("}fldCharType")), "")
            if kind == "begin":
                self._fields.append("")
            elif kind == "end" and self._fields:
                self._fields.pop()
        elif name == "instrText" and self._fields and not self._fields[-1].strip():
            self._fields[-1] += child.text or ""

    def _is_in_figure(self) -> bool:
        return any(field.split()[:1] and field.split()[0].upper() not in _TRANSLATED_FIELDS for field in self._fields)

    # Writing

    def write(self, target: str) -> None:
        """Put a translation that fits in the place of the source."""
        nodes = self._built(self.line.stretches(target))
        anchor = self._cleared()
        for node in nodes:
            anchor.addprevious(node)
        if (parent := anchor.getparent()) is not None:
            parent.remove(anchor)

    def write_beside(self, target: str) -> None:
        """Put a translation that fits into a copy of the paragraph behind it: words in their looks, nothing twice."""
        double = etree.Element(self.element.tag, nsmap=self.element.nsmap)
        for child in self.element:
            if local(child) in {"pPr", "endParaRPr"}:
                kept = copy.deepcopy(child)
                for once in [found for found in kept if local(found) in {"sectPr", "numPr"}]:
                    kept.remove(once)
                double.append(kept)
        at = sum(local(child) == "pPr" for child in double)
        for stretch in self.line.stretches(target):
            new = [node for found in stretch.piece.nodes if (node := self._space_again(found)) is not None]
            if stretch.text is not None:
                new = [self._text_run(stretch.piece.nodes[0], stretch.text)]
            double[at:at] = new
            at += len(new)
        double.tail, self.element.tail = self.element.tail, None
        self.element.addnext(double)

    def _built(self, stretches: list[Stretch[Element]]) -> list[Element]:
        """Nodes to stand in the paragraph; containers are copied where what they held has been parted."""
        made: list[Element] = []
        open_: list[tuple[Element, Element]] = []  # containers of the source, and their copies that are being filled
        for stretch in stretches:
            path = stretch.piece.path
            same = 0
            while same < min(len(path), len(open_)) and open_[same][0] is path[same]:
                same += 1
            del open_[same:]
            for container in path[same:]:
                shell = _shell(container)
                (open_[-1][1] if open_ else made).append(shell)
                open_.append((container, shell))
            into = open_[-1][1] if open_ else made
            if stretch.text is None:
                for node in stretch.piece.nodes:
                    into.append(self._moved(node))
            else:
                into.append(self._text_run(stretch.piece.nodes[0], stretch.text))
        return made

    def _cleared(self) -> Element:
        """Take out what is written anew; ranges come to stand around the element that is returned."""
        anchor = etree.Element("anchor")
        tops = [child for child in self.element if _is_content(child)]
        tops[0].addprevious(anchor)
        for found in self._ranges:
            is_first = local(found) in _BEGINS
            anchor.addprevious(found) if is_first else anchor.addnext(found)
        # Those that end were each put next to the anchor: the last of them first.
        for top in tops:
            if top.getparent() is self.element and top not in self._ranges:
                kept = [found for found in top.iter() if local(found) in {"del", "moveFrom"}]
                for found in kept if local(top) in _CONTAINERS else []:
                    anchor.addprevious(found)
                self.element.remove(top)
        return anchor

    def _moved(self, node: Element) -> Element:
        """What is no text, in a run of its own if it shared one."""
        node.tail = None
        run = self._runs.get(node)
        if run is None:
            return node
        new = _same_run(run)
        new.append(node)
        return new

    def _space_again(self, node: Element) -> Element | None:
        """A break or a tab once more; nothing for what may be there only once."""
        run = self._runs.get(node)
        content = (
            [node] if run is not None or local(node) != "r" else [child for child in node if local(child) != "rPr"]
        )
        if not all(local(child) in _SPACES for child in content):
            return None
        new = copy.deepcopy(node) if run is None else _same_run(run)
        if run is not None:
            new.append(copy.deepcopy(node))
        return new

    def _text_run(self, run: Element, text: str) -> Element:
        new = _same_run(run)
        holder = etree.SubElement(new, f"{{{namespace(run)}}}t")
        holder.text = text
        if self._space in WORDS and text != text.strip():
            holder.set(_SPACE, "preserve")
        return new


def _is_content(child: Element) -> bool:
    return bool(local(child)) and local(child) not in _STAYS


def _shell(container: Element) -> Element:
    """A container without its content, which is put in anew."""
    new = etree.Element(container.tag, nsmap=container.nsmap)
    for key, value in container.attrib.items():
        new.set(key, value)
    for child in container:
        if local(child) in _CONTAINER_PROPERTIES:
            new.append(copy.deepcopy(child))
    return new


def _same_run(run: Element) -> Element:
    """An empty run that looks the same."""
    new = etree.Element(run.tag, nsmap=run.nsmap)
    for key, value in run.attrib.items():
        new.set(key, value)
    properties = next((child for child in run if local(child) == "rPr"), None)
    if properties is not None:
        new.append(copy.deepcopy(properties))
    return new


def _look(run: Element) -> str:
    """What makes a run look as it does, without what only helps proofing."""
    properties = next((child for child in run if local(child) == "rPr"), None)
    if properties is None:
        return ""
    parts = [f"{key!r}={value!r}" for key, value in properties.attrib.items() if str(key) not in _NOISE_ATTRIBUTES]
    return " ".join([*parts, *(_plain(child) for child in properties if local(child) not in _NOISE)])


def _plain(element: Element) -> str:
    """An element as text that two elements that say the same have in common."""
    inside = "".join(_plain(child) for child in element)
    return f"<{element.tag!r} {sorted(element.attrib.items())!r}>{inside}"
