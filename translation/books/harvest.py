"""What a book loses when it is split: outline, links from page to page, labels of pages; taken once, before."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from typing import TypedDict

import pikepdf
from pikepdf import Array
from pikepdf import Dictionary
from pikepdf import Name
from pikepdf import String

from translation.books import limits

_VIEWS = frozenset({"/XYZ", "/Fit", "/FitH", "/FitV", "/FitR", "/FitB", "/FitBH", "/FitBV"})
"""How a page is shown when a link leads to it (ISO 32000-2, table 149)."""


class Target(TypedDict):
    """A page (from 0), how it is shown, and how far down it is, from 0 (top) to 1."""

    page: int
    view: list[Any]
    down: float


class Item(TypedDict):
    """A title of the outline; without a target it is a heading only."""

    title: str
    level: int
    is_open: bool
    target: Target | None


class Link(TypedDict):
    """A rectangle on a page that leads to another."""

    page: int
    rect: list[float]
    target: Target


class Harvest(TypedDict):
    """As it is kept beside the parts, in JSON."""

    pages: int
    sizes: list[int]
    outline: list[Item]
    links: list[Link]
    labels: list[tuple[int, dict[str, str | int]]]
    info: dict[str, str]
    warnings: list[str]


def gather(pdf: pikepdf.Pdf, sizes: list[int]) -> Harvest:
    """All that a merge needs of the original. What of it is broken is left out: the pages are what matters."""
    pages = [page.obj for page in pdf.pages]
    targets = _Targets(pdf, pages)
    return {
        "pages": len(pages),
        "sizes": sizes,
        "outline": list(_outline(pdf, targets)),
        "links": _links(pages, targets),
        "labels": _labels(pdf),
        "info": _info(pdf),
        "warnings": _lost(pdf),
    }


class _Targets:
    """Where links lead: straight, by a name (PDF 1.2) or by a string in a tree of names."""

    def __init__(self, pdf: pikepdf.Pdf, pages: Sequence[Any]) -> None:
        self._numbers = {page.objgen: number for number, page in enumerate(pages)}
        self._pages = pages
        self._heights: dict[int, float] = {}
        self._old = pdf.Root.get("/Dests")
        self._named: dict[bytes, Any] = {}
        with suppress(pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RuntimeError):
            names = pdf.Root.get("/Names")
            if isinstance(names, Dictionary) and "/Dests" in names:
                # Names of destinations are bytes; as text some would be the same.
                for name, value in pikepdf.NameTree(names.Dests).items():
                    self._named[_key(name)] = value

    def of(self, item: Any) -> Target | None:
        """Where an annotation or a title leads, inside this file."""
        dest = item.get("/Dest")
        if dest is None:
            action = item.get("/A")
            if not isinstance(action, Dictionary) or action.get("/S") != "/GoTo":
                return None
            dest = action.get("/D")
        return self._resolve(dest)

    def _resolve(self, dest: Any) -> Target | None:
        if isinstance(dest, String):
            dest = self._named.get(_key(str(dest)))
        elif isinstance(dest, Name) and isinstance(self._old, Dictionary):
            dest = self._old.get(str(dest))
        if isinstance(dest, Dictionary):
            dest = dest.get("/D")
        if not isinstance(dest, Array) or not len(dest):
            return None
        page = self._page(dest[0])
        return None if page is None else self._target(page, [_plain(dest[at]) for at in range(1, min(len(dest), 6))])

    def _page(self, value: Any) -> int | None:
        if isinstance(value, Dictionary):
            return self._numbers.get(value.objgen)
        number = _number(value)  # against the standard, but written by some
        return int(number) if number is not None and 0 <= number < len(self._pages) else None

    def _target(self, page: int, view: list[Any]) -> Target:
        if not view or view[0] not in _VIEWS:
            view = ["/Fit"]
        top = {"/XYZ": 2, "/FitH": 1, "/FitBH": 1, "/FitR": 4}.get(view[0], 9)
        height = self._height(page)
        y = view[top] if top < len(view) else None
        down = 0.0 if y is None or height <= 0 else min(max(1 - y / height, 0.0), 0.999)
        return {"page": page, "view": view, "down": round(down, 4)}

    def _height(self, number: int) -> float:
        if number not in self._heights:
            self._heights[number] = _height(pikepdf.Page(self._pages[number]))
        return self._heights[number]


def _key(name: Any) -> bytes:
    return str(name).encode("utf-8", "surrogateescape")


def _height(page: pikepdf.Page) -> float:
    with suppress(pikepdf.PdfError, ValueError, TypeError, AttributeError, IndexError):
        box = page.mediabox
        return float(box[3])
    return 0.0


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, NotImplementedError, pikepdf.PdfError):
        return None


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Name) else _number(value)


def titles(pdf: pikepdf.Pdf) -> Iterator[tuple[Any, int, str]]:
    """Items of the outline with their level and title, depth first; what leads back to one seen before ends there."""
    root = pdf.Root.get("/Outlines")
    if not isinstance(root, Dictionary):
        return
    waiting = [(root.get("/First"), 0)]
    seen: set[tuple[int, int]] = set()
    while waiting and len(seen) < limits.MAX_OUTLINE:
        item, level = waiting.pop()
        if not isinstance(item, Dictionary) or not item.is_indirect or item.objgen in seen:
            continue
        seen.add(item.objgen)
        title = " ".join(str(item.get("/Title", "")).replace("\x00", "").split())
        yield item, level, title[: limits.MAX_TITLE]
        waiting.append((item.get("/Next"), level))
        if level < limits.MAX_LEVEL:
            waiting.append((item.get("/First"), level + 1))


def _outline(pdf: pikepdf.Pdf, targets: _Targets) -> Iterator[Item]:
    for item, level, title in titles(pdf):
        count = _number(item.get("/Count"))
        is_open = count is None or count >= 0
        yield {"title": title, "level": level, "is_open": is_open, "target": targets.of(item)}


def _links(pages: Sequence[Any], targets: _Targets) -> list[Link]:
    found: list[Link] = []
    for number, page in enumerate(pages):
        for annotation in notes(page):
            if annotation.get("/Subtype") != "/Link" or len(found) >= limits.MAX_LINKS:
                continue
            rect = annotation.get("/Rect")
            target = targets.of(annotation)
            if target is None or not isinstance(rect, Array) or len(rect) != 4:
                continue
            sides = [_number(side) for side in rect]
            if None not in sides:
                found.append({"page": number, "rect": [float(side or 0) for side in sides], "target": target})
    return found


def notes(page: Any) -> list[Any]:
    """Of the object of a page, those that are some."""
    listed = page.get("/Annots")
    return [item for item in listed if isinstance(item, Dictionary)] if isinstance(listed, Array) else []


def _labels(pdf: pikepdf.Pdf) -> list[tuple[int, dict[str, str | int]]]:
    """``[(first page, {"/S": "/r", "/P": "A-", "/St": 1})]`` (ISO 32000-2, 12.4.2)."""
    found: list[tuple[int, dict[str, str | int]]] = []
    with suppress(pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RuntimeError):
        if "/PageLabels" not in pdf.Root:
            return found
        for start, entry in pikepdf.NumberTree(pdf.Root.PageLabels).items():
            label: dict[str, str | int] = {}
            for key in ("/S", "/P"):
                if key in entry:
                    label[key] = str(entry[key])
            if "/St" in entry:
                label["/St"] = int(entry["/St"])
            if 0 <= int(start) < len(pdf.pages):
                found.append((int(start), label))
    return found


def _info(pdf: pikepdf.Pdf) -> dict[str, str]:
    found = {}
    with suppress(pikepdf.PdfError, ValueError, TypeError, KeyError):
        for key in ("/Title", "/Author", "/Subject", "/Keywords"):
            if key in pdf.docinfo:
                found[key] = str(pdf.docinfo[key])[: limits.MAX_TITLE]
    return found


def _lost(pdf: pikepdf.Pdf) -> list[str]:
    """What nobody brings through a split: said to whom pays for it, before and after."""
    root = pdf.Root
    names = root.get("/Names")
    has_files = isinstance(names, Dictionary) and "/EmbeddedFiles" in names
    found = {
        "tags_lost": "/StructTreeRoot" in root,
        "forms_lost": "/AcroForm" in root,
        "layers_lost": "/OCProperties" in root,
        "attachments_lost": has_files,
    }
    return [name for name, is_there in found.items() if is_there]
