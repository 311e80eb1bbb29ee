"""Opening a PDF: qpdf repairs what it can, the rest is refused by name."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf

from translation.books import limits
from translation.books import refusals
from translation.books.refusals import Refused


@contextmanager
def opened(path: Path, *, most: int = limits.MAX_PAGES) -> Iterator[pikepdf.Pdf]:
    """A PDF of 1 to ``most`` pages; an empty password, which only forbids printing, is tried.

    Raises Refused: ``password``, ``broken`` (also for what turns out to be broken while it is open) or ``pages``.
    """
    try:
        with pikepdf.open(path) as pdf:
            count = len(pdf.pages)
            if not count:
                raise Refused(refusals.BROKEN)
            if count > most:
                raise Refused(refusals.PAGES, pages=count, limit=most)
            yield pdf
    except pikepdf.PasswordError:
        raise Refused(refusals.PASSWORD) from None
    except (pikepdf.PdfError, OSError) as error:
        raise Refused(refusals.BROKEN) from error


def save(pdf: pikepdf.Pdf, to: Path) -> None:
    """The same bytes for the same contents: who was killed between writing and noting it writes the same again."""
    pdf.save(to, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)


def append(out: pikepdf.Pdf, pages: Iterable[pikepdf.Page]) -> None:
    """Copy pages of another PDF."""
    with warnings.catch_warnings():  # that links and names are left behind; the harvest has them
        warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
        out.pages.extend(pages)
