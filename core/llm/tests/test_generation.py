"""The engine over a store that is not a database: what any app that keeps its promises gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from core import llm
from core.errors import Unavailable
from core.ids import uuid7
from core.llm.generation import AnswerOutcome
from core.llm.generation import AnswerProgress
from core.llm.generation import Attempt
from core.llm.generation import Engine
from core.llm.generation import Engines
from core.llm.generation import Generated
from core.llm.generation import Heartbeat
from core.llm.generation import Snapshot
from core.llm.generation import Transcript
from core.llm.generation import engine as generation_engine

pytestmark = pytest.mark.django_db
"""No query is made here, but the engine's database threads look after the connections that other tests left them."""


@dataclass
class Memory:
    """A store in a dictionary; ``lost`` and ``stopped`` are what somebody else did meanwhile."""

    stream_prefix: str = "memory"
    texts: dict[UUID, str] = field(default_factory=dict)
    generated: dict[UUID, Generated] = field(default_factory=dict)
    outcomes: list[tuple[UUID, AnswerOutcome]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    lost: set[UUID] = field(default_factory=set)
    stopped: set[UUID] = field(default_factory=set)

    def checkpoint(
        self, grown: Sequence[AnswerProgress[Attempt]], *, running: Sequence[Attempt], renew_lease: bool
    ) -> dict[UUID, Heartbeat]:
        self.texts |= {item.attempt.answer_id: item.text for item in grown}
        mine = [attempt.answer_id for attempt in running if attempt.answer_id not in self.lost]
        return {answer_id: Heartbeat(0, answer_id in self.stopped) for answer_id in mine}

    def finish(self, attempt: Attempt, generated: Generated) -> AnswerOutcome:
        if self.failures:
            raise self.failures.pop()
        self.generated[attempt.answer_id] = generated
        return self._outcome(generated)

    def snapshots(self, answer_ids: Iterable[UUID]) -> dict[UUID, Snapshot]:
        return {answer_id: self._snapshot(answer_id) for answer_id in answer_ids}

    def _snapshot(self, answer_id: UUID) -> Snapshot:
        ended = self.generated.get(answer_id)
        if ended is None:
            return Snapshot(1, self.texts.get(answer_id, ""), None)
        return Snapshot(1, ended.text, self._outcome(ended))

    async def ended(self, attempt: Attempt, outcome: AnswerOutcome) -> None:
        self.outcomes.append((attempt.answer_id, outcome))

    def _outcome(self, generated: Generated) -> AnswerOutcome:
        ending, error = generated.ending, generated.ending.error
        return AnswerOutcome(
            ending.status, ending.finish_reason, 0, 0, estimated=True, error=None if error is None else error.body()
        )


@pytest.fixture(autouse=True)
def _quick(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = ""
    settings.LLM_DEMO_WORD_SECONDS = 0.001
    monkeypatch.setattr(generation_engine, "CHECKPOINT_SECONDS", 0.01)


@pytest.fixture
def store() -> Memory:
    return Memory()


@pytest.fixture
async def engine(store: Memory) -> AsyncIterator[Engine[Attempt]]:
    engine = Engine(store)
    yield engine
    with suppress(TimeoutError):
        await engine.shut_down()


def attempt_at(base: str = "", question: str = "Hello") -> Attempt:
    return Attempt(
        answer_id=uuid7(),
        number=1,
        model=llm.catalogue.get("demo"),
        prompt=(llm.Message("user", question),),
        max_tokens=500,
        temperature=None,
        base=base,
    )


async def read(transcript: Transcript, position: int = 0) -> str:
    async with asyncio.timeout(20):
        return "".join([text async for text in transcript.follow(position, idle=60)])


async def test_the_store_gets_what_the_readers_got_and_is_told_when_they_know(
    engine: Engine[Attempt], store: Memory
) -> None:
    attempt = attempt_at(base="So far: ")
    transcript = engine.start(attempt)
    text = await read(transcript)
    generated = store.generated[attempt.answer_id]
    assert text.startswith("So far: ")
    assert generated.text == text
    assert generated.responded
    assert (generated.ending.status, generated.ending.finish_reason) == ("complete", "stop")
    await engine.drain()
    assert store.outcomes == [(attempt.answer_id, transcript.outcome)]


async def test_an_attempt_whose_lease_is_lost_is_interrupted_with_its_text(
    engine: Engine[Attempt], store: Memory, settings: Settings
) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.02
    attempt = attempt_at()
    transcript = engine.start(attempt)
    await anext(transcript.follow(0, idle=60))
    store.lost.add(attempt.answer_id)
    text = await read(transcript)
    ending = store.generated[attempt.answer_id].ending
    assert (ending.status, ending.error and ending.error.code) == ("incomplete", "interrupted")
    assert store.generated[attempt.answer_id].text == text != ""


async def test_a_stop_asked_for_elsewhere_is_found_at_the_next_checkpoint(
    engine: Engine[Attempt], store: Memory, settings: Settings
) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.02
    attempt = attempt_at()
    transcript = engine.start(attempt)
    store.stopped.add(attempt.answer_id)
    await read(transcript)
    assert store.generated[attempt.answer_id].ending.status == "stopped"


async def test_a_store_that_is_away_is_asked_again(engine: Engine[Attempt], store: Memory) -> None:
    store.failures.append(Unavailable())
    attempt = attempt_at()
    await read(engine.start(attempt))
    assert store.generated[attempt.answer_id].ending.status == "complete"


async def test_a_failure_before_the_first_word_is_failed_with_the_providers_error(
    engine: Engine[Attempt], store: Memory
) -> None:
    attempt = attempt_at(question="/demo fail quota")
    transcript = engine.start(attempt)
    assert await read(transcript) == ""
    generated = store.generated[attempt.answer_id]
    assert (generated.ending.status, generated.responded) == ("failed", False)
    assert transcript.outcome
    assert transcript.outcome.error
    assert transcript.outcome.error["code"] == "provider_quota"


async def test_an_answer_that_ended_elsewhere_is_read_from_the_store(engine: Engine[Attempt], store: Memory) -> None:
    attempt = attempt_at()
    mirror = engine.transcript(attempt.answer_id, Snapshot(1, "", None))
    elsewhere = Engine(store)
    text = await read(elsewhere.start(attempt))
    assert await read(mirror) == text
    assert mirror.outcome == store.snapshots([attempt.answer_id])[attempt.answer_id].outcome


async def test_shutting_down_ends_what_runs_and_the_store_is_not_asked_for_more(
    store: Memory, settings: Settings
) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.2
    engines = Engines(store)
    attempt = attempt_at()
    transcript = await engines.start(attempt)
    before = engines.current()
    await engines.shut_down()
    assert store.generated[attempt.answer_id].ending.status == "incomplete"
    assert transcript.closed
    assert store.outcomes == []
    assert engines.current() is not before
    await engines.shut_down()
