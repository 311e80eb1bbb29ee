"""What REST shows of texts, prices, languages, services and glossaries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.shapes import Page
from core.shapes import Shape
from core.shapes import absent
from translation.shapes import FaultShape
from translation.shapes import Kind
from translation.shapes import Stage
from translation.shapes import Status


class _Translation(Shape):
    id: UUID
    kind: Kind
    status: Status
    stage: Stage
    """Of a document; empty for a text."""
    name: str
    """Of the file; empty for a text."""
    source_lang: str
    """As it was said; empty: it was to be detected."""
    detected_lang: str
    detected_sure: bool | None
    """False: short, or another language is as likely. Null: it was said."""
    target_lang: str
    service: str
    """The one that was taken, which may be another than was asked for."""
    plan: str
    is_demo: bool
    char_count: int
    """Unicode code points of the source."""
    chunk_count: int
    """Units of 1,800 characters, the last one begun."""
    cost: str
    currency: str
    tokens_charged: int
    created_at: datetime
    completed_at: datetime | None
    error: FaultShape | None


class TextShape(_Translation):
    """A translated text."""

    source: str
    text: str
    """The translation; empty until it is there."""
    model: str
    """Of `llm`."""
    formality: str
    glossary: UUID | None
    instructions: str
    flags: list[str]
    """What somebody should look at, such as `numbers`, `language`, `formality_ignored`."""


class TextDelta(Shape):
    """A piece of the translation as it is written."""

    delta: str


class TextReset(Shape):
    """What was shown so far is no good, and is written anew."""

    reset: bool


class TextDone(Shape):
    """The end: the whole translation, which may differ from what was shown."""

    done: bool
    translation: TextShape


class TextFailed(Shape):
    """The end of one that failed: a refusal as everywhere."""

    error: str
    code: str


class TranslationBriefShape(_Translation):
    """A line of the history."""

    source_start: str
    result_start: str


class TranslationPage(Page[TranslationBriefShape]):
    """Part of the history, newest first."""


class PricingShape(Shape):
    """What so many characters cost."""

    service: str
    plan: str
    price_per_1800_chars: str
    estimated_chunks: int
    """Units of 1,800 characters, the last one begun."""
    estimated_cost: str
    currency: str
    minimum_chars: int
    """Characters that the service bills at least for a pdf, docx, pptx or xlsx it takes whole; 0: none."""
    billed_chars: int
    """What the service bills for a file of this format and so many pages that it takes whole; else the characters."""
    billed_chunks: int
    billed_cost: str
    is_on: bool
    note: str = absent()


class LanguageShape(Shape):
    """A language, and what the service can do with it."""

    code: str
    name: str
    native_name: str
    source: bool
    target: bool
    formality: bool
    glossary: bool


class LanguagesShape(Shape):
    """The languages of a service."""

    service: str
    results: list[LanguageShape]
    pairs: dict[str, list[str]] | None
    """Targets by source, where not every pair is offered."""


class FormatLimitShape(Shape):
    """Of a format that the service takes whole."""

    max_bytes: int
    max_characters: int
    minimum_chars: int


class ServiceShape(Shape):
    """A translation service."""

    id: str
    label: str
    plan: str
    real: bool
    """False: a demo, which translates nothing."""
    is_on: bool
    reason: str
    """Why it is off."""
    price_per_1800_chars: str
    currency: str
    formats: dict[str, FormatLimitShape]
    """Those it takes whole; all others are read and written here."""
    max_chars: int
    """Of a text."""
    glossary: bool
    formality: bool
    instructions: bool
    keeps_data: str


class ServicesShape(Shape):
    """All services; the first that is on is taken where nobody chose."""

    results: list[ServiceShape]


class EntryShape(Shape):
    """A word and its rendering."""

    source: str
    target: str


class GlossaryBriefShape(Shape):
    """A glossary without its entries."""

    id: UUID
    name: str
    source_lang: str
    target_lang: str
    entry_count: int
    created_at: datetime
    updated_at: datetime


class GlossaryShape(GlossaryBriefShape):
    """A glossary."""

    entries: list[EntryShape]


class GlossaryPage(Page[GlossaryBriefShape]):
    """Glossaries, newest first."""
