"""PDF in pages, parts and pictures: the Django side of :mod:`translation.books`, which runs in children.

Two at a time in each process. Whatever a file holds, every call ends within its time, with an answer or with one of the
app's errors: PasswordProtected, FileUnreadable, TooManyPages, NoTextLayer or GarbledTextLayer; and with PdfQueueFull
while the places are taken by others.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.files.children import Busy
from core.files.children import Children
from core.files.children import OutOfBounds
from core.files.errors import PdfQueueFull
from translation import errors
from translation.books import refusals
from translation.books.shapes import Inspection

WAIT_SECONDS = 20
TIMEOUT_SECONDS = {"inspect": 180, "split": 300, "merge": 400, "picture": 60}
"""By the clock: the children step behind those who serve, and their own processor time is less (books_worker)."""
TOO_COMPLEX = "This PDF takes too long to read. Split it, or print it to a new PDF."

_children = Children(str(Path(__file__).with_name("books_worker.py")), at_once=2, wait=WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class Split:
    """Parts in their order, and ``harvest``, a JSON file that the merge needs; it is kept beside the parts.

    ``titles`` of the outline are translated as texts; ``warnings``: ``tags_lost``, ``forms_lost``, ``layers_lost``,
    ``attachments_lost``.
    """

    parts: tuple[Path, ...]
    harvest: Path
    titles: tuple[str, ...]
    links: int
    warnings: tuple[str, ...]


def inspect(path: Path) -> Inspection:
    """Look into a PDF. Its text may be missing or mean nothing: the inspection says so, and nothing is raised."""
    answer = _ask("inspect", path=str(path))
    fields = {name: answer[name] for name in Inspection.__dataclass_fields__}
    return Inspection(**fields | {name: tuple(fields[name]) for name in ("by_page", "warnings")})


def split(path: Path, sizes: Sequence[int], folder: Path) -> Split:
    """Write parts of these sizes (``books.parts.even``) into an empty folder. The same file gives the same bytes."""
    answer = _ask("split", path=str(path), sizes=list(sizes), folder=str(folder))
    return Split(
        parts=tuple(Path(part) for part in answer["parts"]),
        harvest=Path(answer["harvest"]),
        titles=tuple(answer["titles"]),
        links=answer["links"],
        warnings=tuple(answer["warnings"]),
    )


def merge(
    parts: Sequence[Path], harvest: Path, to: Path, *, titles: Mapping[int, str] | None = None, language: str = ""
) -> tuple[str, ...]:
    """Join translated parts into a book; ``titles`` by their index in ``Split.titles``, those left out stay.

    Answers what was lost, as in ``Split.warnings``, and ``pages_moved`` when a part came back longer or shorter. The
    same parts give the same bytes.
    """
    answer = _ask(
        "merge",
        parts=[str(part) for part in parts],
        harvest=str(harvest),
        to=str(to),
        titles={str(index): title for index, title in (titles or {}).items()},
        language=language,
    )
    return tuple(answer["warnings"])


def picture(path: Path, page: int, to: Path) -> None:
    """Write page ``page``, counted from 0, as a PNG of at most 1,400 pixels. Raises ValueError: there is none such."""
    _ask("picture", path=str(path), page=page, to=str(to))


def _ask(command: str, **arguments: Any) -> dict[str, Any]:
    try:
        # In a file: the titles of a large book are more than a command line takes.
        with tempfile.NamedTemporaryFile("w", prefix="paging-", suffix=".json", encoding="utf-8") as asked:
            json.dump(arguments, asked)
            asked.flush()
            answer = _children.ask(command, asked.name, timeout=TIMEOUT_SECONDS[command])
    except Busy:
        raise PdfQueueFull(retry_after=WAIT_SECONDS) from None
    except OutOfBounds:
        raise errors.FileUnreadable(TOO_COMPLEX) from None
    if "error" in answer:
        raise _refusal(answer["error"], answer["figures"])
    return answer


def _refusal(reason: str, figures: dict[str, int]) -> Exception:
    match reason:
        case refusals.PASSWORD:
            return errors.PasswordProtected()
        case refusals.PAGES:
            return errors.TooManyPages(pages=figures["pages"], limit=figures["limit"])
        case refusals.NO_TEXT:
            return errors.NoTextLayer()
        case refusals.GARBLED:
            return errors.GarbledTextLayer()
        case refusals.COMPLEX:
            return errors.FileUnreadable(TOO_COMPLEX)
        case refusals.NO_PAGE:
            return ValueError(f"there are {figures['pages']} pages")
        case _:
            return errors.FileUnreadable()
