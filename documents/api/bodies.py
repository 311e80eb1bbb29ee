"""What clients send about documents."""

from __future__ import annotations

from typing import Annotated
from typing import Any
from typing import Literal
from uuid import UUID

from pydantic import BeforeValidator
from pydantic import Field

from core.shapes import Body
from core.shapes import Filled
from core.shapes import optional
from documents import blocks
from documents import cleaning
from documents import limits
from documents import outlining
from documents.shapes import Kind
from documents.shapes import Language


def _cleaned(value: Any) -> Any:
    return cleaning.plain(value) if isinstance(value, str) else value


def _one_line(value: Any) -> Any:
    return cleaning.line(value) if isinstance(value, str) else value


# Tags and what cannot be seen are taken out before anything is counted.
Text = Annotated[str, BeforeValidator(_cleaned)]
Title = Annotated[Filled, BeforeValidator(_one_line), Field(max_length=limits.TITLE_LENGTH)]
Topic = Annotated[Text, Field(min_length=limits.TOPIC_LEAST, max_length=limits.TOPIC_LENGTH)]
Pages = Annotated[int, Field(ge=1, le=limits.PAGES)]
Model = Annotated[str, Field(max_length=200)]
Style = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9-]*$")]
Requirements = Annotated[Text, Field(max_length=limits.REQUIREMENTS_LENGTH)]
ClientId = Annotated[Filled, Field(max_length=64)]


class NewDocumentRequest(Body):
    """A document to be written."""

    title: Title
    topic: Topic
    kind: Kind = "essay"
    language: Language = "en"
    target_pages: Pages = 10
    model: Model = ""
    """Left out: the first of those that are set up."""
    citation_style: Style = ""
    """Left out: the usual one of the language."""
    additional_requirements: Requirements = ""
    """They stand in every prompt, as those of a file do."""
    client_id: ClientId | None = None
    """Your own name for it: asked again with it, nothing is made twice."""


class DocumentPutRequest(Body):
    """All that can be changed of a document, as it is to be; what is left out is as in a new one."""

    title: Title
    topic: Topic
    kind: Kind = "essay"
    language: Language = "en"
    target_pages: Pages = 10
    model: Model = ""
    citation_style: Style = ""
    additional_requirements: Requirements = ""


class DocumentChangeRequest(Body):
    """What is to be changed of a document; what is left out stays."""

    title: Title = optional()
    topic: Topic = optional()
    kind: Kind = optional()
    language: Language = optional()
    target_pages: Pages = optional()
    model: Model = optional()
    citation_style: Style = optional()
    additional_requirements: Requirements = optional()


class ListQuery(Body):
    """Part of a list by a position instead of a cursor."""

    offset: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class RequirementsForm(Body):
    """A form with the file."""

    file: Annotated[str, Field(json_schema_extra={"format": "binary"})]


class OutlineEntryBody(Body):
    """An entry of an outline."""

    id: UUID | None = None
    """Of the section that it is; left out for a new one."""
    title: Annotated[Filled, BeforeValidator(_one_line), Field(max_length=limits.SECTION_TITLE)]
    goal: Annotated[Text, Field(max_length=limits.GOAL_LENGTH)] = ""
    target_words: Annotated[int, Field(ge=outlining.SHORTEST, le=limits.SECTION_WORDS)]
    level: Annotated[int, Field(ge=1, le=limits.LEVELS)] = 1
    needs_sources: bool = True


class OutlineRequest(Body):
    """All sections in their order; those that are not named are gone."""

    sections: Annotated[list[OutlineEntryBody], Field(min_length=1, max_length=limits.SECTIONS)]
    version: Annotated[int, Field(ge=0)]
    """Of the outline that you have seen. 409 `outline_changed` when it is another one by now."""


class SectionChangeRequest(Body):
    """The text of a section as it is to be."""

    content: Annotated[list[dict[str, Any]], Field(max_length=blocks.MOST_BLOCKS)]
    """Blocks, as the section shows them; a new mark names a source of the document, and a number that is free."""
    version: Annotated[int, Field(ge=1)]
    """Of the text that you have seen. 409 `section_changed` when it is another one by now."""


class StyleRequest(Body):
    """What is thought of the style pass: sentences by their index, from 0."""

    accept: Annotated[list[int], Field(max_length=blocks.MOST_BLOCKS)] = []
    revert: Annotated[list[int], Field(max_length=blocks.MOST_BLOCKS)] = []
    """These get their old words back."""


class CitedSourceRequest(Body):
    """A source by its DOI or by a description, and your own PDF of it if there is one."""

    doi: Annotated[str, Field(max_length=300)] | None = None
    file_id: UUID | None = None
    """A PDF that was uploaded for `document_source`."""
    csl: dict[str, Any] | None = None
    """CSL-JSON with at least a title."""


class CitedSourceChangeRequest(Body):
    """Whether a source may be cited."""

    excluded: bool


class CitationsQuery(Body):
    """Which citations."""

    lamp: Literal["green", "amber", "red", "grey"] | None = None
    """Only those with such a lamp that nobody has overridden."""


class OverrideRequest(Body):
    """Why a citation shall stand."""

    reason: Annotated[Filled, BeforeValidator(_one_line), Field(max_length=500)]


class LayoutBody(Body):
    """How a page looks: a preset, and what is other than in it."""

    preset: Literal["", "dstu-3008", "apa", "university"] = ""
    font: str = optional()
    size: float = optional()
    spacing: float = optional()
    indent: float = optional()
    margins: dict[str, float] = optional()
    new_pages: bool = optional()


class ExportRequest(Body):
    """A file is to be made."""

    format: Literal["docx", "pdf"]
    layout: LayoutBody | None = None
    """Left out: the document's own."""
    include_metadata: bool = True
    """Whether it names its author."""
    include_citations: bool = True
    """Whether it lists what was not verified."""


class GenerateOutlineRequest(Body):
    """An outline is to be made."""

    document_id: UUID
    additional_requirements: Requirements | None = None
    """Kept with the document: they stand in every prompt from then on. Left out: those that there are stay."""


class GenerateSectionRequest(Body):
    """One section is to be written."""

    document_id: UUID
    section_index: Annotated[int, Field(ge=1, le=limits.SECTIONS)]
    """From 1, in the order of the outline."""
    section_title: Annotated[Filled, BeforeValidator(_one_line), Field(max_length=limits.SECTION_TITLE)] | None = None
    additional_requirements: Requirements | None = None


class GenerateDocumentRequest(Body):
    """All that is missing is to be written."""

    document_id: UUID
    model: Model | None = None
    """Of this run alone."""
    quote_digest: Annotated[str, Field(max_length=64)] | None = None
    """Of the quote that was seen; needed where pages are sold."""
    requirements: Requirements | None = None
    """As `additional_requirements` elsewhere."""
    client_id: ClientId | None = None
