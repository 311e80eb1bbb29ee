"""What a document's text is made of, as it is stored, shown and set: blocks of sentences.

A citation is data: a sentence points at a source by its key, and the text never holds "(Smith, 2020)".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import TypeAdapter
from pydantic import ValidationError

MOST_BLOCKS = 2_000
MOST_SENTENCES = 200
MOST_ROWS = 200
MOST_COLUMNS = 12
SENTENCE_CHARS = 2_000
CELL_CHARS = 1_000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Mark(_Part):
    """A citation: the key of a source of this document ("S3") and the citation's number in its section, from 1."""

    source: str = Field(alias="s", pattern=r"^S[1-9][0-9]{0,3}$")
    number: int = Field(alias="n", ge=1)


class Sentence(_Part):
    """Plain text; ``note`` is a footnote of the author's own.

    ``lacks`` says why somebody should look at it: a citation of it was dropped as nothing stood behind it
    (``dropped``), or it states what needs one and has none (``uncited``).
    """

    text: str = Field(alias="t", min_length=1, max_length=SENTENCE_CHARS)
    marks: tuple[Mark, ...] = Field(default=(), alias="c", max_length=20)
    note: str = Field(default="", max_length=SENTENCE_CHARS)
    lacks: Literal["", "dropped", "uncited"] = ""


Sentences = Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=MOST_SENTENCES)]
Cell = Annotated[str, Field(max_length=CELL_CHARS)]
Row = Annotated[tuple[Cell, ...], Field(min_length=1, max_length=MOST_COLUMNS)]


class Paragraph(_Part):
    kind: Literal["paragraph"] = "paragraph"
    sentences: Sentences = Field(alias="s")


class Heading(_Part):
    """Within a section, whose own title is no block of it."""

    kind: Literal["heading"] = "heading"
    level: int = Field(ge=2, le=4)
    text: str = Field(alias="t", min_length=1, max_length=300)


class Items(_Part):
    kind: Literal["list"] = "list"
    is_ordered: bool = Field(default=False, alias="ordered")
    items: tuple[Sentences, ...] = Field(min_length=1, max_length=MOST_SENTENCES)


class Table(_Part):
    """Every row has as many cells as the header."""

    kind: Literal["table"] = "table"
    caption: str = Field(default="", max_length=300)
    header: Row
    rows: tuple[Row, ...] = Field(max_length=MOST_ROWS)

    def model_post_init(self, context: Any, /) -> None:
        del context
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError("A row of a table has another number of cells than its header.")


Block = Annotated[Paragraph | Heading | Items | Table, Field(discriminator="kind")]
Blocks = tuple[Block, ...]
_BLOCKS: TypeAdapter[Blocks] = TypeAdapter(Annotated[Blocks, Field(max_length=MOST_BLOCKS)])


class NotBlocks(ValueError):
    """What was given has not the shape of a document's text; the message says where."""


def read(stored: object) -> Blocks:
    """Of JSON as it is stored or sent. NotBlocks where it has another shape."""
    try:
        return _BLOCKS.validate_python(stored)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NotBlocks(f"{where}: {first['msg']}") from None


def stored(blocks: Blocks) -> list[dict[str, Any]]:
    """JSON of them; what is empty by itself is left out."""
    return [
        block.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"kind": block.kind} for block in blocks
    ]


def sentences(blocks: Blocks) -> Iterator[Sentence]:
    """In the order of reading; a table has none."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from block.sentences
        elif isinstance(block, Items):
            for item in block.items:
                yield from item


def sentence_hash(sentence: str) -> str:
    """By which a sentence is known again after an edit of others; blanks do not count."""
    return hashlib.sha256(" ".join(sentence.split()).encode()).hexdigest()


def count_words(blocks: Blocks) -> int:
    """Of all that a reader reads, but notes."""
    told = [sentence.text for sentence in sentences(blocks)]
    told += [block.text for block in blocks if isinstance(block, Heading)]
    for block in blocks:
        if isinstance(block, Table):
            told += [block.caption, *block.header, *(cell for row in block.rows for cell in row)]
    return sum(len(one.split()) for one in told)
