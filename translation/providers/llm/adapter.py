"""Language models as a provider: batches by id, a verdict on each segment, and more tries for what does not fit.

A segment that does not fit is asked for again with the reason, then alone without what stands around it, then of
another model. What still does not fit comes back as the best that there was, flagged: never as silent loss.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from django.db import connections
from django.utils.translation import gettext_noop as _

from core import llm
from core.llm import tokens
from translation import languages
from translation import verdicts
from translation.errors import Refused
from translation.errors import TooMuch
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import Name
from translation.providers.base import Neighbour
from translation.providers.base import TextsOnly
from translation.providers.base import Translated
from translation.providers.llm import asking
from translation.providers.llm import prompts
from translation.providers.llm import terms
from translation.providers.llm.asking import NoAnswer
from translation.segments import Outcome
from translation.segments import Segment

BATCH_TOKENS = 1_200
"""Of the source, in one call."""
MOST_SEGMENTS = 40
AT_ONCE = 4
BEFORE, AFTER = 3, 2


@dataclass(slots=True)
class _Tried:
    """The best of a segment so far; ``problems`` None: nothing came yet."""

    segment: Segment
    text: str = ""
    problems: tuple[str, ...] | None = None

    @property
    def fits(self) -> bool:
        return self.problems == ()

    def offer(self, text: str, problems: tuple[str, ...]) -> None:
        """Another attempt, which is kept when it is better."""
        if self.problems is None or len(problems) < len(self.problems):
            self.text, self.problems = text, problems

    def outcome(self) -> Outcome:
        """As it ends."""
        if self.problems is None:
            return Outcome(self.segment.number, self.segment.text, (verdicts.MISSING,))
        return Outcome(self.segment.number, self.text, self.problems)


class LLMProvider(TextsOnly):
    """See :class:`translation.providers.base.Provider`."""

    name: Name = "llm"
    is_demo = False

    def capabilities(self) -> Capabilities:
        """All languages; how well depends on the model."""
        return Capabilities(
            formal=languages.FORMAL,
            has_glossary=True,
            has_instructions=True,
            max_texts=2_000,
            max_bytes=2_000_000,
            at_once=AT_ONCE,
            is_metered_by_use=True,
            keeps_data=_("Texts go to the maker of the model, or stay on this machine with a model that runs here."),
        )

    def translate(self, batch: Sequence[Segment], ctx: Context) -> Translated:
        """In calls of some 1,200 tokens, at most AT_ONCE at a time. Raises Refused without a model."""
        if not ctx.model:
            raise Refused
        model = llm.catalogue.require(ctx.model)
        groups = list(_groups(batch, model))
        if len(groups) > 1 and not ctx.terms and not ctx.has_terms:
            ctx = replace(ctx, terms=terms.propose(terms.collect(batch, ctx.glossary), ctx))
        return Translated([outcome for done in _at_once(groups, batch, ctx) for outcome in done])


def _groups(batch: Sequence[Segment], model: llm.Model) -> Iterator[list[Segment]]:
    group: list[Segment] = []
    size = 0
    for segment in batch:
        count = tokens.count_text(segment.text, model)
        if group and (size + count > BATCH_TOKENS or len(group) >= MOST_SEGMENTS):
            yield group
            group, size = [], 0
        group.append(segment)
        size += count
    if group:
        yield group


def _at_once(groups: Sequence[list[Segment]], batch: Sequence[Segment], ctx: Context) -> list[list[Outcome]]:
    """The groups in their order. One alone is done in the caller's thread; the first failure ends the others."""
    if len(groups) <= 1:
        return [_Group(group, _around(group, batch, ctx)).done() for group in groups]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="translation") as pool:
        # Each with what the caller's thread knows: request ids of the log, the language.
        running = [
            pool.submit(contextvars.copy_context().run, _in_thread, group, _around(group, batch, ctx))
            for group in groups
        ]
        try:
            return [one.result() for one in running]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _in_thread(group: list[Segment], ctx: Context) -> list[Outcome]:
    try:
        ctx.check()
        return _Group(group, ctx).done()
    finally:
        connections.close_all()  # the meter's, of a thread that ends


def _around(group: Sequence[Segment], batch: Sequence[Segment], ctx: Context) -> Context:
    """The context with what stands beside the group; of the first and last the caller has told what lies beyond."""
    start, end = batch.index(group[0]), batch.index(group[-1]) + 1
    before = [Neighbour(one.text) for one in batch[max(0, start - BEFORE) : start]] if start else ctx.before
    after = [one.text for one in batch[end : end + AFTER]] if end < len(batch) else ctx.after
    return replace(ctx, before=before, after=after)


@dataclass(slots=True)
class _Group:
    """Some segments that are asked for together."""

    segments: Sequence[Segment]
    ctx: Context
    tried: dict[int, _Tried] = field(default_factory=dict)

    def done(self) -> list[Outcome]:
        """All of them, each as well as it could be had."""
        self.tried = {one.number: _Tried(one) for one in self.segments}
        self._ask(self.segments, self.ctx)
        if open_ := self._open():
            self._ask(open_, self.ctx, reasons=self._reasons())
        lonely = replace(self.ctx, before=(), after=(), headings=(), title="")
        for segment in self._open():
            self._ask([segment], lonely, reasons=self._reasons())
        if self.ctx.fallback_model and self.ctx.fallback_model != self.ctx.model:
            other = replace(self.ctx, model=self.ctx.fallback_model)
            for segment in self._open():
                self._ask([segment], other)
        return [self.tried[one.number].outcome() for one in self.segments]

    def _open(self) -> list[Segment]:
        return [one for one in self.segments if not self.tried[one.number].fits]

    def _reasons(self) -> Mapping[int, tuple[str, ...]]:
        known = {number: one.problems for number, one in self.tried.items()}
        return {number: (verdicts.MISSING,) if problems is None else problems for number, problems in known.items()}

    def _ask(
        self, segments: Sequence[Segment], ctx: Context, reasons: Mapping[int, Sequence[str]] | None = None
    ) -> None:
        """Ask for segments and judge what comes; in halves when the answer, or the question, was too long."""
        self.ctx.check()
        told = reasons or {}
        source_tokens = sum(len(one.text.encode()) // 3 + 20 for one in segments)
        try:
            answer = asking.complete(prompts.batch(segments, ctx, told), ctx.model, ctx, source_tokens=source_tokens)
        except NoAnswer as error:
            if error.is_cut:
                self._halves(segments, ctx, reasons)
            return
        except TooMuch:
            if len(segments) == 1:
                raise
            self._halves(segments, ctx, reasons)
            return
        said = prompts.read(answer, frozenset(one.number for one in segments))
        for segment in segments:
            if segment.number in said:
                self.tried[segment.number].offer(
                    said[segment.number], self._verdict(segment, said[segment.number], ctx)
                )

    def _halves(self, segments: Sequence[Segment], ctx: Context, reasons: Mapping[int, Sequence[str]] | None) -> None:
        if len(segments) > 1:
            middle = len(segments) // 2
            self._ask(segments[:middle], ctx, reasons)
            self._ask(segments[middle:], ctx, reasons)

    @staticmethod
    def _verdict(segment: Segment, text: str, ctx: Context) -> tuple[str, ...]:
        # What a person wants goes before what the book has come to.
        return verdicts.verdict(segment.text, text, language=ctx.target, glossary={**ctx.terms, **ctx.glossary})
