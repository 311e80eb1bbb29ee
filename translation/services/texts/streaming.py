"""A text as it is written: for a person who looks on while a model translates.

Passages are asked for one after the other and shown as they come. One that does not fit when it is whole is done again
by the provider, with all it does for such segments, and the text is shown anew. Services that answer at once are asked
in a thread and shown in one piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from typing import ParamSpec
from typing import TypeVar

from django.db import connections

from core import llm
from core.db_threads import in_db_thread
from core.errors import DomainError
from core.llm import tokens
from translation import markers
from translation import passages
from translation import verdicts
from translation.models import Translation
from translation.models import TranslationText
from translation.providers.base import Context
from translation.providers.llm import asking
from translation.providers.llm import prompts
from translation.providers.llm import streaming
from translation.providers.llm.asking import NoAnswer
from translation.segments import Outcome
from translation.segments import Segment
from translation.services.metered import TokenMeter
from translation.services.texts import doing
from translation.services.texts.asking import Begun
from translation.services.texts.doing import Result

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Piece:
    """More of the translation; with ``is_anew`` in place of all that was shown."""

    text: str
    is_anew: bool = False


async def run(begun: Begun) -> AsyncGenerator[Piece | Translation]:
    """Pieces, and at the end the row. Raises what :func:`translation.services.texts.doing.do` does.

    Whoever stops reading ends the call to the model: what was written is charged, and the row is cancelled.
    """
    if begun.choice.name != "llm":
        row = await _beside(doing.do, begun)
        yield Piece(await in_db_thread(_text_of, row))
        yield row
        return
    meter = doing.meter_of(begun)
    try:
        async with aclosing(_written(begun, meter)) as pieces:
            async for piece in pieces:
                yield piece
    except DomainError as error:
        await in_db_thread(doing.fail, begun.translation, error, charged=meter.charged)
        raise
    except (asyncio.CancelledError, GeneratorExit):
        await asyncio.shield(asyncio.ensure_future(in_db_thread(doing.cancel, begun.translation, meter.charged)))
        raise


async def _written(begun: Begun, meter: TokenMeter) -> AsyncGenerator[Piece | Translation]:
    taken_apart = passages.split(begun.text)
    ctx = await in_db_thread(doing.context_of, begun, meter)
    outcomes: dict[int, Outcome] = {}
    for piece in taken_apart.pieces:
        if not piece.number:
            yield Piece(piece.text)
            continue
        segment = taken_apart.segments[piece.number - 1]
        shown: list[str] = []
        async with aclosing(_passage(segment, ctx, shown)) as deltas:
            async for delta in deltas:
                yield Piece(markers.restore(delta, piece.brackets))
        outcome = _judged(segment, "".join(shown), ctx)
        if outcome.flags:
            outcome = await _beside(_again, begun, segment, ctx)
            outcomes[piece.number] = outcome
            yield Piece(_so_far(taken_apart, outcomes), is_anew=True)
        outcomes[piece.number] = outcome
    result = Result(taken_apart.joined({number: one.text for number, one in outcomes.items()}))
    doing.count_flags(result, list(outcomes.values()))
    result.flags += doing.ignored(begun.choice.capabilities, begun.translation)
    yield await in_db_thread(doing.finish, begun, result, charged=meter.charged)


async def _passage(segment: Segment, ctx: Context, shown: list[str]) -> AsyncGenerator[str]:
    """The pieces of one passage, held and settled; a model that gives nothing ends it, and it is done again."""
    model = await asyncio.to_thread(llm.catalogue.require, ctx.model)
    prompt = await asyncio.to_thread(tokens.count_messages, prompts.plain(segment.text, ctx), model)
    room = asking.room(model, len(segment.text.encode()) // 3 + 20)
    call = ctx.meter.call(prompt, room)
    spending = await in_db_thread(call.__enter__)
    usage: llm.Usage | None = None
    is_over = True
    try:
        async with aclosing(streaming.stream(segment.text, ctx, max_tokens=spending.max_tokens)) as deltas:
            async for delta in deltas:
                usage = delta.usage or usage
                if delta.text:
                    shown.append(delta.text)
                    yield delta.text
    except NoAnswer:
        is_over = False
    finally:
        said = "".join(shown)
        if not is_over:
            shown.clear()  # what there is of it cannot stand
        used = usage or llm.Usage(prompt if said else 0, await asyncio.to_thread(tokens.count_text, said, model))
        spending.used(used.prompt_tokens, used.completion_tokens)
        await asyncio.shield(asyncio.ensure_future(in_db_thread(call.__exit__, None, None, None)))


async def _beside(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """In a thread of its own: a service may take longer than the database threads can be missed."""

    def work() -> R:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(work)


def _judged(segment: Segment, said: str, ctx: Context) -> Outcome:
    text = prompts.without_fence(said).strip()
    glossary = {**ctx.terms, **ctx.glossary}
    return Outcome(segment.number, text, verdicts.verdict(segment.text, text, language=ctx.target, glossary=glossary))


def _again(begun: Begun, segment: Segment, ctx: Context) -> Outcome:
    answer = begun.choice.provider.translate([segment], ctx)
    (outcome,) = answer.outcomes
    if markers.fits(segment.text, outcome.text):
        return Outcome(segment.number, markers.put_back(segment.text, outcome.text), outcome.flags)
    return outcome


def _so_far(taken_apart: passages.Passages, outcomes: dict[int, Outcome]) -> str:
    """What has been translated, up to the last passage that was."""
    last = max(outcomes)
    pieces: list[Any] = []
    for piece in taken_apart.pieces:
        pieces.append(piece)
        if piece.number == last:
            break
    return passages.Passages(pieces, taken_apart.segments).joined({n: one.text for n, one in outcomes.items()})


def _text_of(row: Translation) -> str:
    return TranslationText.objects.values_list("result", flat=True).get(translation=row)
