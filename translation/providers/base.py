"""What a translation service must be able to do, and the shapes it takes and gives; its failures are in ``errors``.

Languages are our codes (:mod:`translation.languages`); an adapter turns them into its vendor's. Adapters know no
models: what a call needs of the database stands in :class:`Context`, and money is the caller's, by its :class:`Meter`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from typing import Literal
from typing import Protocol

from translation.errors import Gone
from translation.errors import Refused
from translation.segments import Outcome
from translation.segments import Segment

Name = Literal["deepl", "otranslator", "llm", "libretranslate", "demo"]
Formality = Literal["", "more", "less"]
"""How the person addressed is spoken to; empty leaves it to the service."""


@dataclass(frozen=True, slots=True)
class FileLimit:
    """Of a format that the service takes whole. ``minimum`` are the characters billed for each file at least."""

    max_bytes: int
    max_characters: int = 1_000_000
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the service can do at present. An empty set of languages stands for all that we know.

    ``targets_by_source`` is None where each source goes with each target. ``formats`` are those it takes whole; all
    others go through our own formats. ``keeps_data`` says in a sentence what the service keeps.
    """

    sources: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    targets_by_source: Mapping[str, frozenset[str]] | None = None
    formal: frozenset[str] = frozenset()
    """Targets in which formality can be chosen."""
    has_glossary: bool = False
    has_instructions: bool = False
    formats: Mapping[str, FileLimit] = field(default_factory=dict)
    max_texts: int = 50
    max_bytes: int = 100_000
    """Of all texts of one call, as UTF-8."""
    at_once: int = 4
    """Calls that one translation may have running."""
    is_metered_by_use: bool = False
    """The caller's meter is told of each call; otherwise the source alone is charged."""
    keeps_data: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A segment beside the batch; ``target`` is empty while it has no translation."""

    source: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Translated:
    """A batch that came back: one outcome for each segment, to be matched by number, never by place.

    ``detected`` is the source language the service found, empty where it was told or did not say; ``billed`` the
    characters it charges for, None where it does not say.
    """

    outcomes: Sequence[Outcome]
    detected: str = ""
    billed: int | None = None


class Spending(Protocol):
    """One call to a model, while it runs."""

    max_tokens: int
    """What may be generated: what was asked for, or less."""

    def used(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Say what the call used; without it, nothing was."""


class Meter(Protocol):
    """Whoever pays for the calls of a service that is metered by use."""

    def call(self, prompt_tokens: int, max_tokens: int) -> AbstractContextManager[Spending]:
        """Around one call; raises what the house's metering raises when there is not enough."""


class _Free:
    """Nobody pays: tests, and the free sample."""

    def call(self, prompt_tokens: int, max_tokens: int) -> AbstractContextManager[Spending]:  # noqa: ARG002 - free
        return _FreeCall(max_tokens)


class _FreeCall:
    def __init__(self, max_tokens: int) -> None:
        self.max_tokens = max_tokens

    def __enter__(self) -> _FreeCall:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def used(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Forgotten."""


FREE: Meter = _Free()


def _go_on() -> None:
    """Nobody asks for an end."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a service is told beside the segments.

    ``source`` is empty where the service is to find out. ``glossary`` and ``terms`` are renderings by source word: a
    person's, and those this translation has come to. ``glossary_id`` is the vendor's name of its copy of the glossary.
    ``before`` and ``after`` are the segments around the batch, in the order of the text. ``chunk`` and ``round`` say
    which part of a document this is and which try at it, each from 1. ``check`` raises when the work is no
    longer wanted; long calls call it every second.
    """

    target: str
    source: str = ""
    formality: Formality = ""
    glossary: Mapping[str, str] = field(default_factory=dict)
    glossary_id: str = ""
    instructions: str = ""
    title: str = ""
    headings: Sequence[str] = ()
    before: Sequence[Neighbour] = ()
    after: Sequence[str] = ()
    terms: Mapping[str, str] = field(default_factory=dict)
    has_terms: bool = False
    """The caller has looked for terms: none is none."""
    model: str = ""
    fallback_model: str = ""
    """Asked for what ``model`` could not do."""
    filename: str = ""
    callback: str = ""
    """An address of ours that the service may call when something has happened; it is believed nothing."""
    chunk: int = 0
    round: int = 1
    meter: Meter = FREE
    check: Callable[[], object] = _go_on


@dataclass(frozen=True, slots=True)
class Handle:
    """A document at the service: both are needed to ask for it, ``key`` is a secret."""

    id: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """How a document stands at the service.

    ``percent`` and ``seconds`` (left, as the service guesses) are None where it does not say. ``billed`` are the
    characters it charges for, once it is done. ``message`` is a sentence of ours for a document that failed.
    """

    state: Literal["queued", "working", "done", "failed"]
    percent: int | None = None
    seconds: int | None = None
    billed: int | None = None
    price: Decimal | None = None
    """What the service says it costs, in its own unit."""
    detected: str = ""
    message: str = ""


class Provider(Protocol):
    """One translation service. All raise children of :class:`ServiceError`."""

    name: Name
    is_demo: bool

    def capabilities(self) -> Capabilities:
        """What it can do; asks the vendor at most once a day, and answers from what is known when it is down."""

    def translate(self, batch: Sequence[Segment], ctx: Context) -> Translated:
        """Translate segments, together no more than ``capabilities`` allows at once. Raises TooMuch for more."""

    def begin(self, file: Path, ctx: Context) -> Handle:
        """Hand over a whole document, of a format among ``capabilities().formats``. Sent once, never repeated.

        Raises Refused, Paused and OutOfCredit when the service certainly does not have it, Doubtful otherwise.
        """

    def look(self, handle: Handle) -> Progress:
        """How a document stands. Raises Gone for one that the service does not know."""

    def fetch(self, handle: Handle, to: BinaryIO) -> None:
        """Write the result, which some services hand out only once. Raises Gone, and Doubtful when it was cut off."""


class TextsOnly:
    """The half of a provider that takes no whole files: ``capabilities().formats`` is empty, so nobody should ask."""

    def begin(self, file: Path, ctx: Context) -> Handle:  # noqa: ARG002 - the Protocol's
        """Raises Refused."""
        raise Refused

    def look(self, handle: Handle) -> Progress:  # noqa: ARG002 - the Protocol's
        """Raises Gone."""
        raise Gone

    def fetch(self, handle: Handle, to: BinaryIO) -> None:  # noqa: ARG002 - the Protocol's
        """Raises Gone."""
        raise Gone
