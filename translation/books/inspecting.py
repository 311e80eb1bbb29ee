"""What a PDF holds, seen before anybody pays: pages, characters, and whether its text can be read at all."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from pathlib import Path

import pikepdf
import pypdfium2
from pypdfium2 import raw

from translation.books import limits
from translation.books import refusals
from translation.books.opening import opened
from translation.books.opening import save
from translation.books.refusals import Refused
from translation.books.shapes import Inspection

SAMPLE_CHARACTERS = 3000
SAMPLE_PAGES = 8
_WORD = re.compile(r"[^\W\d_]{3,}")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[A-Za-z]")
_ACCENTED = re.compile(r"[\u00c0-\u00ff]")
_TOO_MANY = 0.05
"""Share of letters without meaning; a formula has some, a text that is wrong throughout has half of them or more."""
_MIXED = 0.1
"""Share of words with letters of two scripts. In good texts they are slips of the keyboard."""
_MOJIBAKE = 0.25
"""Share of words of accented letters mostly: Windows-1251 read as Latin 1. French and Vietnamese stay far below."""


def inspect(path: Path) -> Inspection:
    """Look into a PDF. Raises Refused: ``password``, ``broken``, ``pages``."""
    with opened(path) as pdf, tempfile.TemporaryDirectory(prefix="inspect-") as scratch:
        warnings = _warnings(pdf)
        title = _title(pdf)
        is_encrypted, is_repaired = pdf.is_encrypted, bool(pdf.get_warnings())
        readable = path
        if is_repaired or is_encrypted:  # PDFium is stricter than qpdf
            readable = Path(scratch) / "repaired.pdf"
            save(pdf, readable)
        texts, unmapped = _texts(readable, len(pdf.pages))
    by_page = tuple(len(text) for text in texts)
    if is_repaired:
        warnings.append("repaired")
    has_text = any(by_page)
    if has_text and 0 in by_page:
        warnings.append("pages_without_text")
    sample = _sample(texts)
    return Inspection(
        pages=len(texts),
        characters=sum(by_page),
        by_page=by_page,
        has_text=has_text,
        is_garbled=unmapped > _TOO_MANY or is_garbled(sample),
        is_encrypted=is_encrypted,
        is_repaired=is_repaired,
        sample=sample,
        title=title,
        warnings=tuple(warnings),
    )


def is_garbled(text: str) -> bool:
    """Whether a text layer means nothing: its fonts have no table of letters, or a wrong one."""
    visible = [char for char in text if not char.isspace()]
    if not visible:
        return False
    if sum(_is_meaningless(char) for char in visible) > _TOO_MANY * len(visible):
        return True
    words = _WORD.findall(text)
    if not words:
        signs = sum(not char.isalnum() for char in visible)
        return len(visible) > 200 and signs > len(visible) / 2
    mixed = sum(bool(_CYRILLIC.search(word) and _LATIN.search(word)) for word in words)
    mojibake = sum(len(_ACCENTED.findall(word)) > len(word) * 0.6 for word in words)
    return mixed > _MIXED * len(words) or mojibake > _MOJIBAKE * len(words)


def _is_meaningless(char: str) -> bool:
    # Cc, Cn, Co, Cs: controls, unassigned, private use, halves of pairs. Soft hyphens (Cf) are none of them.
    return char == "\ufffd" or unicodedata.category(char) in {"Cc", "Cn", "Co", "Cs"}


def _texts(path: Path, pages: int) -> tuple[list[str], float]:
    """The text of each page, and the share of characters of the sampled pages whose font has no letter for them."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        raise Refused(refusals.BROKEN) from None
    looked_at = {round(step * (pages - 1) / max(SAMPLE_PAGES - 1, 1)) for step in range(SAMPLE_PAGES)}
    texts: list[str] = []
    seen = unmapped = 0
    with document:
        for number in range(min(pages, limits.MAX_PAGES)):
            try:
                page = document[number]
                text = page.get_textpage()
            except (pypdfium2.PdfiumError, IndexError):  # a page that is none
                texts.append("")
                continue
            texts.append(_clean(text.get_text_range()))
            if number in looked_at:
                count = min(text.count_chars(), SAMPLE_CHARACTERS)
                seen += count
                unmapped += sum(raw.FPDFText_HasUnicodeMapError(text, at) == 1 for at in range(count))
            text.close()
            page.close()
    return texts, unmapped / max(seen, 1)


def _clean(text: str) -> str:
    # PDFium says U+FFFE for a hyphen at the end of a line.
    return " ".join(text.replace("\ufffe", "").replace("\x00", "").encode("utf-8", "ignore").decode().split())


def _sample(texts: list[str]) -> str:
    filled = [text for text in texts if text]
    if not filled:
        return ""
    step = max(len(filled) // SAMPLE_PAGES, 1)
    chosen = filled[::step][:SAMPLE_PAGES]
    return "\n".join(text[: SAMPLE_CHARACTERS // len(chosen)] for text in chosen)


def _title(pdf: pikepdf.Pdf) -> str:
    try:
        return " ".join(str(pdf.docinfo.get("/Title", "")).split())[: limits.MAX_TITLE]
    except (pikepdf.PdfError, ValueError, TypeError, KeyError):
        return ""


def _warnings(pdf: pikepdf.Pdf) -> list[str]:
    root = pdf.Root
    found = []
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and "/Fields" in form:
        found.append("has_forms")
        if "/SigFlags" in form:
            found.append("has_signature")
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        if "/EmbeddedFiles" in names:
            found.append("has_attachments")
        if "/JavaScript" in names:
            found.append("has_scripts")
    return found
