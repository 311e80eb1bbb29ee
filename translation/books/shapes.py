"""What is said of a PDF."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Inspection:
    """Characters are code points with runs of white space as one. ``sample`` is text from over the whole book, to tell
    its language by. ``is_encrypted``: it opens without a password, but says what may not be done with it."""

    pages: int
    characters: int
    by_page: tuple[int, ...]
    has_text: bool
    is_garbled: bool
    is_encrypted: bool
    is_repaired: bool
    sample: str
    title: str
    warnings: tuple[str, ...]
    """``pages_without_text``, ``repaired``, ``has_forms``, ``has_attachments``, ``has_scripts``, ``has_signature``."""

    @property
    def empty_pages(self) -> int:
        """Pages without text: pictures of it, or blank."""
        return self.by_page.count(0)
