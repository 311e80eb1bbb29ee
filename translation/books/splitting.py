"""A book in parts, each a PDF of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array
from pikepdf import Dictionary

from translation.books.harvest import Harvest
from translation.books.harvest import gather
from translation.books.harvest import notes
from translation.books.opening import append
from translation.books.opening import opened
from translation.books.opening import save

_HARMLESS = frozenset({"/GoTo", "/URI", "/Named"})
"""Actions that a part may keep. Scripts, programs, forms that send themselves are nobody's to translate."""


def split(path: Path, sizes: list[int], folder: Path) -> tuple[list[Path], Harvest]:
    """Parts of these sizes as ``000.pdf`` … in ``folder``, and what was taken from the original for the merge.

    The same file gives the same bytes. Raises Refused, and ValueError when the sizes are not those of all its pages.
    """
    with opened(path) as pdf:
        if sum(sizes) != len(pdf.pages) or min(sizes) < 1:
            raise ValueError(f"{sizes} are not {len(pdf.pages)} pages")
        harvest = gather(pdf, sizes)
        for page in pdf.pages:
            _disarm(page.obj)
        parts = []
        begin = 0
        for number, size in enumerate(sizes):
            part = folder / f"{number:03}.pdf"
            with pikepdf.new() as out:
                append(out, pdf.pages[begin : begin + size])
                save(out, part)
            parts.append(part)
            begin += size
    return parts, harvest


def _disarm(page: Any) -> None:
    """Take out what acts by itself, and what would drag the rest of the book along."""
    for key in ("/AA", "/B", "/StructParents", "/Metadata", "/PieceInfo"):
        if key in page:
            del page[key]
    for annotation in notes(page):
        disarm_annotation(annotation)


def disarm_annotation(annotation: Any) -> None:
    """An annotation by itself: neither acting, nor tied to what is on other pages."""
    for key in ("/Parent", "/StructParent", "/P", "/IRT", "/Popup"):
        if key in annotation:
            del annotation[key]
    take_actions(annotation)


def take_actions(annotation: Any) -> None:
    """Take out what acts by itself: scripts, programs to start, forms to send."""
    if "/AA" in annotation:
        del annotation["/AA"]
    action = annotation.get("/A")
    if isinstance(action, Array) or (isinstance(action, Dictionary) and str(action.get("/S")) not in _HARMLESS):
        del annotation["/A"]
    elif isinstance(action, Dictionary) and "/Next" in action:
        del action["/Next"]
