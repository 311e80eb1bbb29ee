"""Sources as a model is given them, under keys that it may point at, and as its quotations are looked for in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from documents import words
from documents.checks import quoting

FENCE = "=====SOURCES====="
"""Between two of these all is data."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a work that may be quoted; ``locator`` is where they stand, such as "p. 12"; empty for an abstract."""

    text: str
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A work under a key of its document. Without passages it can be named in a list, and carries no claim."""

    key: str
    title: str
    authors: str = ""
    year: int | None = None
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Quoted words as they stand in a source."""

    words: str
    passage: Passage


@dataclass(frozen=True)
class Sources:
    """What may be cited in one part of a document."""

    by_key: Mapping[str, Source]

    @classmethod
    def of(cls, sources: Iterable[Source]) -> Sources:
        """Under their own keys."""
        return cls({source.key: source for source in sources})

    @cached_property
    def rarity(self) -> words.Rarity:
        """How much a word tells among these sources."""
        return words.rarity(passage.text for source in self.by_key.values() for passage in source.passages)

    def find(self, key: str, quote: str) -> Place | None:
        """Where the quoted words stand in a source: word for word before nearly."""
        nearly: Place | None = None
        for passage in self.by_key[key].passages:
            found = quoting.find(quote, passage.text)
            if found is None:
                continue
            if found.is_exact:
                return Place(found.words, passage)
            nearly = nearly or Place(found.words, passage)
        return nearly

    def told(self) -> str:
        """For a prompt: JSON between two fences; those that carry no claim are left out."""
        entries = [
            {
                "key": source.key,
                "title": source.title,
                "authors": source.authors,
                "year": source.year,
                "passages": [passage.text.replace(FENCE, "") for passage in source.passages],
            }
            for source in self.by_key.values()
            if source.passages
        ]
        return f"{FENCE}\n{json.dumps(entries, ensure_ascii=False)}\n{FENCE}"
