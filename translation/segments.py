"""What is translated, piece by piece: a paragraph, a heading, a cell, a cue. Without Django, for readers of files."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("paragraph", "heading", "item", "cell", "caption", "note", "comment", "title", "cue", "message")
"""What a segment is in its file. A ``heading`` tells a model where it is, a ``cue`` has lines of 42 characters."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a source; ``text`` may hold markers (:mod:`translation.markers`).

    ``number`` counts from 1 within its file or request and is its only identity: what is printed in a file (numbers of
    cues) is text. ``place`` says where it stands (``word/document.xml#p12``); ``kind`` is one of ``KINDS``.
    """

    number: int
    place: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The translation of the segment of that number; ``flags`` name what a person should look at, or are empty."""

    number: int
    text: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a file says. ``characters`` are to be translated, ``protected`` stay as they are: code points, both.

    ``warnings`` name what a reader of the translation should know (``preformatted_kept``), each once.
    """

    segments: tuple[Segment, ...]
    characters: int
    protected: int
    warnings: tuple[str, ...]
