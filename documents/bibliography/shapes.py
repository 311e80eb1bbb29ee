"""What a style makes of references."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of an entry that looks alike."""

    text: str
    is_italic: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One reference in the list; ``label`` is what stands before it ("[1]", "1."), and empty where nothing does."""

    key: str
    runs: tuple[Run, ...]
    label: str = ""

    @property
    def text(self) -> str:
        """With its label, as a reader sees it."""
        written = "".join(run.text for run in self.runs)
        return f"{self.label} {written}" if self.label else written


@dataclass(frozen=True, slots=True)
class Bibliography:
    """``marks`` are in the order of the citations that were given, ``entries`` in that of the list."""

    marks: tuple[str, ...]
    entries: tuple[Entry, ...]


class UnknownReference(ValueError):
    """A citation points at no reference of the document."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no reference {key}.")
        self.key = key
