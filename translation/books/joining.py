"""Translated parts as one book again, with the outline, links and labels of the original.

Parts count as foreign files: whoever translated them has lost all three. A part may have come back with another number
of pages; then everything that leads into it is put where it stands in proportion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import accumulate
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array
from pikepdf import Dictionary
from pikepdf import Name
from pikepdf import String

from translation.books import limits
from translation.books.harvest import Harvest
from translation.books.harvest import Item
from translation.books.harvest import Target
from translation.books.harvest import notes
from translation.books.opening import append
from translation.books.opening import opened
from translation.books.opening import save
from translation.books.splitting import disarm_annotation


def merge(
    parts: Sequence[Path], harvest: Harvest, to: Path, titles: Mapping[int, str] | None = None, language: str = ""
) -> list[str]:
    """Join the parts in their order; answers what was lost or moved, by name.

    ``titles`` are translations of outline titles by their index in the harvest; others stay. The same parts give the
    same bytes. Raises Refused for a part that cannot be read, and ValueError when there are more or fewer of them.
    """
    if len(parts) != len(harvest["sizes"]):
        raise ValueError(f"{len(parts)} parts of {len(harvest['sizes'])}")
    with ExitStack() as stack, pikepdf.new() as out:
        counts = []
        for part in parts:
            pdf = stack.enter_context(opened(part, most=limits.MAX_PAGES))
            counts.append(len(pdf.pages))
            append(out, pdf.pages)
        places = Places(harvest["sizes"], counts)
        pages = [page.obj for page in out.pages]
        _link(out, pages, harvest, places)
        _outline(out, pages, harvest["outline"], places, titles or {})
        _label(out, harvest, places)
        for key, value in harvest["info"].items():
            out.docinfo[key] = value
        if language:
            out.Root.Lang = String(language)
        save(out, to)
    return [*harvest["warnings"], *(["pages_moved"] if places.has_moved else [])]


class Places:
    """Where the pages of the original are in the merged book."""

    def __init__(self, sizes: Sequence[int], counts: Sequence[int]) -> None:
        self._sizes, self._counts = list(sizes), list(counts)
        self._starts = [0, *accumulate(counts)]
        self._parts = [part for part, size in enumerate(sizes) for _ in range(size)]
        self._firsts = [0, *accumulate(sizes)]
        self.has_moved = self._sizes != self._counts

    def page(self, number: int, down: float = 0.0) -> tuple[int, bool]:
        """The page, and whether its part is as long as it was: then what stands on it stands where it stood."""
        part = self._parts[number]
        local, size, count = number - self._firsts[part], self._sizes[part], self._counts[part]
        if size == count:
            return self._starts[part] + local, True
        return self._starts[part] + min(int((local + down) * count / size), count - 1), False


def _destination(pages: Sequence[Any], target: Target, places: Places) -> Array:
    number, is_same = places.page(target["page"], target["down"])
    kind, *values = target["view"] if is_same else ["/Fit"]
    return Array([pages[number], Name(kind), *values])


def _link(out: pikepdf.Pdf, pages: Sequence[Any], harvest: Harvest, places: Places) -> None:
    """The original's links, in place of those that came with the parts and lead from page to page."""
    new: dict[int, list[Any]] = defaultdict(list)
    for link in harvest["links"]:
        number, _ = places.page(link["page"])
        new[number].append(
            out.make_indirect(
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Link,
                    Rect=link["rect"],
                    Border=[0, 0, 0],
                    Dest=_destination(pages, link["target"], places),
                )
            )
        )
    for number, page in enumerate(pages):
        old = notes(page)
        for annotation in old:
            disarm_annotation(annotation)
        kept = [annotation for annotation in old if not _leads_inside(annotation)] + new[number]
        if kept:
            page.Annots = out.make_indirect(Array(kept))
        elif "/Annots" in page:
            del page["/Annots"]


def _leads_inside(annotation: Any) -> bool:
    action = annotation.get("/A")
    is_outside = isinstance(action, Dictionary) and action.get("/S") == "/URI"
    return bool(annotation.get("/Subtype") == "/Link" and not is_outside)


def _outline(
    out: pikepdf.Pdf, pages: Sequence[Any], items: Sequence[Item], places: Places, titles: Mapping[int, str]
) -> None:
    """Written as objects that are linked to each other, as the format wants it (ISO 32000-2, 12.3.3)."""
    if not items:
        return
    root = out.make_indirect(Dictionary(Type=Name.Outlines))
    made = [
        out.make_indirect(Dictionary(Title=String(titles.get(index) or item["title"])))
        for index, item in enumerate(items)
    ]
    for parent, children in _families(items):
        above = root if parent is None else made[parent]
        above.First, above.Last = made[children[0]], made[children[-1]]
        for before, after in pairwise(children):
            made[before].Next, made[after].Prev = made[after], made[before]
        for child in children:
            made[child].Parent = above
    for count, entry, item in zip(_counts(items), made, items, strict=True):
        if item["target"]:
            entry.Dest = _destination(pages, item["target"], places)
        if count:
            entry.Count = count if item["is_open"] else -count
    root.Count = sum(item["level"] == 0 for item in items)
    out.Root.Outlines = root
    out.Root.PageMode = Name.UseOutlines


def _families(items: Sequence[Item]) -> Iterator[tuple[int | None, list[int]]]:
    """Each parent (None: the root) with its children."""
    children: dict[int | None, list[int]] = defaultdict(list)
    stack: list[int] = []
    for index, item in enumerate(items):
        del stack[item["level"] :]
        children[stack[-1] if stack else None].append(index)
        stack.append(index)
    yield from children.items()


def _counts(items: Sequence[Item]) -> list[int]:
    """How many children each item has; closed ones show none of theirs, and the reader counts when it opens them."""
    counts = [0] * len(items)
    for parent, children in _families(items):
        if parent is not None:
            counts[parent] = len(children)
    return counts


def _label(out: pikepdf.Pdf, harvest: Harvest, places: Places) -> None:
    if not harvest["labels"]:
        return
    numbers = Array()
    for start, label in harvest["labels"]:
        entry = Dictionary()
        for key, value in label.items():
            entry[key] = Name(str(value)) if key == "/S" else String(value) if isinstance(value, str) else value
        numbers.append(places.page(start)[0])
        numbers.append(entry)
    out.Root.PageLabels = out.make_indirect(Dictionary(Nums=numbers))
