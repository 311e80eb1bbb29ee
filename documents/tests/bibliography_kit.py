"""Works and people made up for tests of bibliographies, and how a golden file has what a style makes of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import ascii_uppercase

from documents.bibliography.references import Kind
from documents.bibliography.references import Name
from documents.bibliography.references import Reference
from documents.bibliography.shapes import Bibliography
from documents.bibliography.shapes import Entry
from documents.bibliography.styles import STYLES

GOLDEN = Path(__file__).parent / "golden"
_MILLER, _ODELL = Name("Miller", "Ann B."), Name("Ödell", "Jörg")

WORKS = (
    Reference(
        "S1", Kind.ARTICLE, "Attention to meadows", (_MILLER, _ODELL), container="Journal of Meadows", year=2020,
        volume="12", issue="3", pages="101—118", doi="10.5555/meadow.1",
    ),
    Reference(
        "S2", Kind.ARTICLE, "A second paper of that year.", (_MILLER, _ODELL), container="Journal of Meadows",
        year=2020, volume="13", pages="1-9", doi="10.5555/meadow.2",
    ),
    Reference(
        "S3", Kind.BOOK, "Мова степу",
        (Name("Коваль", "Марія Ігорівна"), Name("Жук", "Жан-Поль"), Name("Ґудзь", "О.П.")),
        publisher="Обрій", place="Київ", year=2018, edition="2-ге", page_count="320", genre="монографія",
    ),
    Reference(
        "S4", Kind.PAGE, "Does it rain?", (Name(literal="World Weather Office"),), container="Steppe", year=2023,
        url="https://example.org/x", accessed=date(2026, 1, 2),
    ),
    Reference(
        "S5", Kind.ARTICLE, "Many hands", tuple(Name(f"Author{letter}", "Xenia") for letter in ascii_uppercase[:25]),
        container="Meadows", year=2019, volume="1", pages="e12",
    ),
    Reference(
        "S6", Kind.CHAPTER, "A chapter", (Name("de Vries", "Joey"),), (Name("Lark", "Ada"),), container="A handbook",
        publisher="Quill", place="Leeds", pages="20-40", edition="2nd", year=2015,
    ),
    Reference("S7", Kind.ARTICLE, "No date here", (Name("Nodate", "Nell"),), container="Meadows"),
    Reference(
        "S8", Kind.THESIS, "Роса", (Name("Іваненко", "Яна"),), publisher="Університет степу", place="Одеса", year=2002,
        genre="дис. ... канд. геогр. наук : 11.00.01", page_count="150",
    ),
    Reference("S9", Kind.REPORT, "Is dew water?", publisher="Dew Institute", year=2011, place="Leeds"),
    Reference(
        "S10", Kind.PAPER, "Вода в полі", (Name("Їжак", "Остап"),), container="Поле і вода", publisher="Обрій",
        year=2021, pages="5–7", place="Львів",
    ),
    Reference(
        "S11", Kind.BOOK, "Grass, collected", (), (_MILLER, Name("Lark", "Ada")), publisher="Quill", place="Leeds",
        year=1999,
    ),
)  # fmt: skip
CITATIONS = (("S1",), ("S2", "S3"), ("S4",), ("S5", "S6", "S7"), ("S8",), ("S10", "S9"), ("S11", "S1"))


def rendered(style: str, language: str) -> Bibliography:
    """All works, cited at seven places."""
    return STYLES[style].render(WORKS, CITATIONS, language)


def written(found: Bibliography) -> str:
    """A mark or an entry a line; what is in italics stands between underscores."""
    return "\n".join([*found.marks, "", *map(_written, found.entries)]) + "\n"


def _written(entry: Entry) -> str:
    text = "".join(f"_{run.text}_" if run.is_italic else run.text for run in entry.runs)
    return f"{entry.label} {text}" if entry.label else text
