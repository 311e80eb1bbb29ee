"""Segments through a service: in batches it takes, with what stands around them, each outcome looked at.

What comes out has one outcome for each segment, whatever the service answered: nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace

from translation import markers
from translation import verdicts
from translation.errors import TooMuch
from translation.providers.base import Context
from translation.providers.base import Neighbour
from translation.providers.base import Provider
from translation.providers.base import Translated
from translation.segments import Outcome
from translation.segments import Segment

BEFORE, AFTER = 3, 2
"""Segments around a batch that a service is told."""


def run(provider: Provider, segments: Sequence[Segment], ctx: Context) -> Translated:
    """Translate all of ``segments``, in their order. Raises children of ServiceError, and what ``ctx.check`` raises.

    Nothing of it is kept when it raises: callers give as much as they want to do again.
    """
    able = provider.capabilities()
    done: list[Outcome] = []
    detected, billed = "", 0
    for batch in _batches(segments, able.max_texts, able.max_bytes):
        ctx.check()
        answer = _ask(provider, batch, _with_neighbours(ctx, segments, done))
        done += _looked_at(batch, answer, is_demo=provider.is_demo)
        detected, billed = detected or answer.detected, billed + (answer.billed or 0)
    return Translated(done, detected, billed or None)


def _batches(segments: Sequence[Segment], most: int, most_bytes: int) -> Iterator[list[Segment]]:
    batch: list[Segment] = []
    size = 0
    for segment in segments:
        length = len(segment.text.encode())
        if batch and (len(batch) >= most or size + length > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(segment)
        size += length
    if batch:
        yield batch


def _with_neighbours(ctx: Context, segments: Sequence[Segment], done: Sequence[Outcome]) -> Context:
    """The context of the batch that comes after what is ``done``."""
    at = len(done)
    if not at:
        return ctx
    before = [
        Neighbour(segment.text, outcome.text)
        for segment, outcome in zip(segments[max(0, at - BEFORE) : at], done[-BEFORE:], strict=False)
    ]
    return replace(ctx, before=before)


def _ask(provider: Provider, batch: Sequence[Segment], ctx: Context) -> Translated:
    """The answer, in halves when it is more than the service takes at once. Raises TooMuch for a single segment."""
    try:
        return provider.translate(batch, ctx)
    except TooMuch:
        if len(batch) == 1:
            raise
    middle = len(batch) // 2
    one, other = _ask(provider, batch[:middle], ctx), _ask(provider, batch[middle:], ctx)
    billed = (one.billed or 0) + (other.billed or 0)
    return Translated([*one.outcomes, *other.outcomes], one.detected or other.detected, billed or None)


def _looked_at(batch: Sequence[Segment], answer: Translated, *, is_demo: bool) -> Iterator[Outcome]:
    by_number = {outcome.number: outcome for outcome in answer.outcomes}
    for segment in batch:
        outcome = by_number.get(segment.number)
        if outcome is None:
            yield Outcome(segment.number, segment.text, (verdicts.MISSING,))
            continue
        # A provider that looked at it itself has flagged it already.
        found = outcome.flags or verdicts.lost(segment.text, outcome.text)
        text = outcome.text
        if markers.fits(segment.text, text):
            text = markers.put_back(segment.text, text)
        if not is_demo and verdicts.EMPTY in found:
            text = segment.text
        yield replace(outcome, text=text, flags=found)
