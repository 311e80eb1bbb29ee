"""How many parts a book is split into."""

from __future__ import annotations

import math

from translation import limits


def even(pages: int, most: int = limits.CHUNK_PAGES) -> list[int]:
    """Sizes of as few parts as there may be, which differ by one page at most, the larger first: 101 → 34, 34, 33."""
    if pages <= 0:
        return []
    count = math.ceil(pages / most)
    small, larger = divmod(pages, count)
    return [small + 1] * larger + [small] * (count - larger)
