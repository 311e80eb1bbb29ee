"""What clients send about documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from typing import Literal
from uuid import UUID

from pydantic import Field
from pydantic import StringConstraints

from core.shapes import Body
from translation import limits

Language = Annotated[str, StringConstraints(min_length=2, max_length=limits.LANGUAGE_LENGTH)]
Money = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=12, decimal_places=4)]


class DocumentRequest(Body):
    """A document to be translated: beside the `file` of a form, or with the `file_id` of one that was uploaded."""

    target_lang: Language
    source_lang: Language | None = None
    """Left out: it is found out, and the answer says whether that is sure."""
    service: Annotated[str, StringConstraints(max_length=20)] | None = None
    path: Literal["native", "in_place"] | None = None
    """`native`: the service takes the file whole; `in_place`: its texts are translated and put back."""
    layout: Literal["translated", "both"] | None = None
    """`both`: a second file has the source beside its translation."""
    model: Annotated[str, StringConstraints(max_length=200)] | None = None
    formality: Literal["more", "less"] | None = None
    glossary: UUID | None = None
    instructions: Annotated[str, StringConstraints(max_length=limits.INSTRUCTIONS_LENGTH)] | None = None
    max_cost: Money | None = None
    """It starts by itself when it costs no more; left out, it waits until somebody has seen the price."""
    client_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    file_id: UUID | None = None


class StartRequest(Body):
    """Agreeing to an offer."""

    quote_digest: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class RetryRequest(Body):
    """What is translated once more; without anything: all that has failed."""

    chunks: Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=5_000)] = []
    flagged: bool = False


class CorrectionRequest(Body):
    """A person's own words for a segment, with the markers of the source."""

    target: Annotated[str, StringConstraints(min_length=1, max_length=limits.TARGET_LENGTH, strip_whitespace=False)]


class DocumentForm(DocumentRequest):
    """The same as a form, with the file itself."""

    file: Annotated[str, Field(json_schema_extra={"format": "binary"})]


class DownloadQuery(Body):
    """Which file."""

    which: Literal["result", "bilingual"] = "result"


class SegmentQuery(Body):
    """Which segments."""

    state: Literal["new", "done", "flagged", "failed"] | None = None
