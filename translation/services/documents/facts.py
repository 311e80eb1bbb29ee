"""What is read of a file before it is quoted: how much there is to translate, and whether anybody can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from translation import errors
from translation import limits
from translation import markers
from translation import paging
from translation import pricing
from translation import reading
from translation.segments import Segment

ALIASES = {"htm": "html", "xhtml": "html", "xlf": "xliff", "markdown": "md", "jpeg": "jpg", "text": "txt", "pot": "po"}
_SAMPLE_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Facts:
    """``by_page`` has the characters of each page; ``characters`` and ``tokens`` are sums, so parts add up to them."""

    characters: int
    tokens: int
    segments: int = 0
    parts: int = 1
    pages: int = 0
    by_page: list[int] = field(default_factory=list)
    has_text: bool = True
    is_garbled: bool = False
    sample: str = ""
    size: int = 0

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Facts:
        """From JSON."""
        return cls(**stored)

    def tokens_of(self, characters: int) -> int:
        """Of so many of its characters, where only the whole was counted."""
        return -(-self.tokens * characters // self.characters) if self.characters else 0


def format_of(name: str) -> str:
    """By its extension; empty where there is none."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return ALIASES.get(extension, extension)[:10]


def characters_of(segments: Sequence[Segment]) -> int:
    """Code points of what is said, without markers."""
    return sum(len(markers.plain(segment.text)) for segment in segments)


def cut(segments: Sequence[Segment]) -> list[list[Segment]]:
    """In parts that are translated and repeated alone, the same ones each time."""
    parts: list[list[Segment]] = []
    room = 0
    for segment in segments:
        length = len(markers.plain(segment.text))
        if not parts or room < length:
            parts.append([])
            room = limits.CHUNK_CHARS
        parts[-1].append(segment)
        room -= length
    return parts


def tokens_of(text: str) -> int:
    """Of one segment: the whole is the sum, however it is cut into parts."""
    return pricing.source_tokens(markers.plain(text))


def read(path: Path, kind: str) -> tuple[Facts, list[str]]:
    """The facts, and codes of what its owner should know. Raises the app's errors for what cannot be translated."""
    size = path.stat().st_size
    if kind == "pdf":
        return _of_pdf(path, size)
    if kind not in reading.FORMATS:
        # Nobody here reads it; a service may.
        return Facts(characters=0, tokens=0, has_text=False, size=size), ["not_counted"]
    extracted = reading.extract(path, kind)
    segments = list(extracted.segments)
    characters = characters_of(segments)
    _check_amount(characters)
    if not characters:
        raise errors.NothingToTranslate
    found = Facts(
        characters=characters,
        tokens=sum(tokens_of(segment.text) for segment in segments),
        segments=len(segments),
        parts=len(cut(segments)),
        sample=_sample(segments),
        size=size,
    )
    return found, list(extracted.warnings)


def _of_pdf(path: Path, size: int) -> tuple[Facts, list[str]]:
    seen = paging.inspect(path)
    if seen.pages > limits.DOCUMENT_PAGES:
        raise errors.TooManyPages(pages=seen.pages, limit=limits.DOCUMENT_PAGES)
    _check_amount(seen.characters)
    sample = seen.sample[:_SAMPLE_CHARS]
    tokens = -(-pricing.source_tokens(sample) * seen.characters // len(sample)) if sample else 0
    found = Facts(
        characters=seen.characters,
        tokens=tokens,
        pages=seen.pages,
        by_page=list(seen.by_page),
        has_text=seen.has_text,
        is_garbled=seen.is_garbled,
        sample=sample,
        size=size,
    )
    return found, list(seen.warnings)


def _check_amount(characters: int) -> None:
    if characters > limits.DOCUMENT_CHARS:
        raise errors.TooManyCharacters(characters=characters, limit=limits.DOCUMENT_CHARS)


def _sample(segments: Sequence[Segment]) -> str:
    said = ""
    for segment in segments:
        if len(said) >= _SAMPLE_CHARS:
            break
        said += markers.plain(segment.text) + "\n"
    return said[:_SAMPLE_CHARS]
