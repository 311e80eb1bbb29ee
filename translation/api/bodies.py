"""What clients send about texts and glossaries."""

from __future__ import annotations

from typing import Annotated
from typing import Literal
from uuid import UUID

from pydantic import Field

from core.shapes import Body
from core.shapes import Filled
from core.shapes import Name
from core.shapes import Verbatim
from core.shapes import optional
from translation import limits
from translation.providers.base import Name as ServiceName

Language = Annotated[str, Field(min_length=2, max_length=limits.LANGUAGE_LENGTH)]
Formality = Literal["", "more", "less"]
Term = Annotated[Filled, Field(max_length=limits.TERM_LENGTH)]


class TextRequest(Body):
    """A text to translate."""

    text: Annotated[Verbatim, Field(min_length=1, max_length=limits.TEXT_CHARS)]
    target_lang: Language
    source_lang: Annotated[str, Field(max_length=limits.LANGUAGE_LENGTH)] | None = None
    """Left out: it is detected."""
    service: ServiceName | None = None
    """Left out, or off: the next real one is taken, and the answer says which."""
    model: Annotated[str, Field(max_length=200)] | None = None
    """Of `llm`."""
    formality: Formality | None = None
    glossary: UUID | None = None
    instructions: Annotated[str, Field(max_length=limits.INSTRUCTIONS_LENGTH)] | None = None
    client_id: Annotated[Filled, Field(max_length=64)] | None = None
    """Your own name for this request: asked again with it, it is done and charged once."""


class PricingQuery(Body):
    """What a price is asked for."""

    service: ServiceName | None = None
    char_count: Annotated[int, Field(ge=0, le=limits.DOCUMENT_CHARS)] = 0
    format: Annotated[str, Field(max_length=10)] | None = None
    """Of a file, such as docx."""
    pages: Annotated[int, Field(ge=1, le=limits.DOCUMENT_PAGES)] | None = None


class LanguagesQuery(Body):
    """Of which service; left out: of the one that is taken where nobody chose."""

    service: ServiceName | None = None


class HistoryQuery(Body):
    """What of the history."""

    kind: Literal["text", "document"] | None = None
    service: ServiceName | None = None
    status: Literal["pending", "processing", "completed", "failed", "cancelled"] | None = None
    q: Annotated[str, Field(max_length=100)] | None = None
    """Words of the text, its translation, or the file's name."""


class EntryBody(Body):
    """A word and its rendering."""

    source: Term
    target: Term


class NewGlossaryRequest(Body):
    """A glossary for one pair of languages."""

    name: Annotated[Name, Field(max_length=limits.NAME_LENGTH)]
    source_lang: Language
    target_lang: Language
    entries: Annotated[list[EntryBody], Field(min_length=1, max_length=limits.GLOSSARY_ENTRIES)]


class GlossaryChangeRequest(Body):
    """What is left out stays; entries are replaced as a whole."""

    name: Annotated[Name, Field(max_length=limits.NAME_LENGTH)] = optional()
    entries: Annotated[list[EntryBody], Field(min_length=1, max_length=limits.GLOSSARY_ENTRIES)] = optional()


class ImportRequest(Body):
    """The fields beside the file of an import."""

    name: Annotated[Name, Field(max_length=limits.NAME_LENGTH)]
    source_lang: Language
    target_lang: Language
