"""One pass over a file: what it says, piece by piece, and what is put in its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from translation import markers
from translation.segments import Extracted
from translation.segments import Segment

Why = Literal["bomb", "broken", "complex", "encrypted", "entities", "inventory", "macros", "nested", "type", "unsafe"]

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""XML 1.0, 2.2."""


class Unreadable(Exception):
    """The file cannot be taken; ``reason`` says why, ``detail`` where."""

    def __init__(self, reason: Why, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Walk:
    """What the reader of a format tells of its file, and asks for; the same for reading and for writing.

    So a segment has the same number both times, and every character is accounted for both times: what ``count`` got
    must have come to ``segment`` or ``protect`` in the end. A list that is skipped is an error, not a gap.
    """

    def __init__(
        self,
        targets: Mapping[int, str] | None = None,
        *,
        language: str = "",
        note: str = "",
        both: bool = False,
    ) -> None:
        self._targets = targets
        self.language = language
        self.note = note
        self.both = both
        self.segments: list[Segment] = []
        self.characters = 0
        self.protected = 0
        self._counted = 0
        self._warnings: dict[str, None] = {}
        self._note_in_text = ""

    @property
    def writes(self) -> bool:
        """Whether translations are put in place."""
        return self._targets is not None

    def segment(self, place: str, kind: str, text: str) -> str | None:
        """The next piece of the source; its translation, which ``markers.fits``, or None where the source stays."""
        number = len(self.segments) + 1
        self.segments.append(Segment(number, place, kind, text))
        self.characters += len(markers.plain(text))
        if self._targets is None:
            return None
        target = self._targets.get(number)
        if target is None or target == text:
            return self._with_note(text) if self._note_in_text else None
        target = _NOT_IN_XML.sub("", target)
        if markers.fits(text, target):
            target = markers.put_back(text, target)
        return self._with_note(target)

    def count(self, text: str) -> None:
        """So much text is in the file."""
        self._counted += len(text)

    def protect(self, text: str) -> None:
        """So much of it stays as it is."""
        self.protected += len(text)

    def warn(self, name: str) -> None:
        """Something that a reader of the translation should know."""
        self._warnings[name] = None

    def say_note_in_text(self) -> None:
        """The note stands before the first segment: there is no other place for it in this format."""
        self._note_in_text = self.note

    def _with_note(self, target: str) -> str:
        note, self._note_in_text = self._note_in_text, ""
        return f"{markers.BRACKETS.sub('', note)} {target}" if note else target

    def finish(self) -> Extracted:
        """Raises Unreadable when a character of the file was neither seen nor protected, or was both."""
        if self._counted != self.characters + self.protected:
            raise Unreadable("inventory", f"{self._counted} != {self.characters} + {self.protected}")
        return Extracted(tuple(self.segments), self.characters, self.protected, tuple(self._warnings))


def has_words(text: str) -> bool:
    """Whether there is anything to translate: a letter of any script. Figures and signs stay as they are."""
    return any(map(str.isalpha, text))
