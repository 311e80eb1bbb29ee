"""How much of a PDF is read."""

from __future__ import annotations

from translation.limits import DOCUMENT_PAGES

MAX_PAGES = DOCUMENT_PAGES
MAX_OUTLINE = 20_000
"""Items; the largest manual at hand (1,300 pages) has 1,500."""
MAX_LINKS = 200_000
MAX_LEVEL = 32
"""Of an outline. Readers show about ten."""
MAX_TITLE = 1000
"""Characters of a title in the outline."""
MAX_PART_OPERATORS = 2_000_000
"""Drawing operators of one page. A dense map has some 300,000."""
