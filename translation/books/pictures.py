"""A page as a picture, for the preview."""

from __future__ import annotations

from pathlib import Path

import pypdfium2

from translation.books import refusals
from translation.books.refusals import Refused

LONGER_SIDE = 1400
"""Pixels."""
MAX_SCALE = 2.0
"""Pixels a point: 144 to the inch."""


def picture(path: Path, page: int, to: Path) -> None:
    """Write page ``page`` (from 0) as a PNG. Raises Refused: ``password``, ``broken``, ``no_page``."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        reason = refusals.PASSWORD if "password" in str(error).lower() else refusals.BROKEN
        raise Refused(reason) from None
    with document:
        if not 0 <= page < len(document):
            raise Refused(refusals.NO_PAGE, pages=len(document))
        try:
            shown = document[page]
            longer = max(*shown.get_size(), 1.0)
            image = shown.render(scale=min(MAX_SCALE, LONGER_SIDE / longer)).to_pil()
        except pypdfium2.PdfiumError:
            raise Refused(refusals.BROKEN) from None
    image.save(to, "PNG", optimize=False)
