"""Runs that come back later, and the end of a job as its app hears of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.utils import timezone

from core import jobs
from core.jobs import sweeper
from core.jobs import worker
from core.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)

Kind = Callable[..., str]


def row(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def run_now(job: Job) -> bool:
    Job.objects.filter(pk=job.pk).update(run_at=timezone.now())
    return worker.run_job(job.pk)


def lost(job: Job, **changes: Any) -> Job:
    """Its process died."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=past, **changes)
    return job


def in_an_hour(name: str, **options: Any) -> Job:
    return jobs.enqueue(name, payload={}, run_at=timezone.now() + timedelta(hours=1), **options)


# Later ---


def test_a_run_comes_back_later_from_its_checkpoint_and_costs_no_attempt(kind: Kind) -> None:
    seen: list[Any] = []

    def body(run: jobs.Run) -> None:
        seen.append((run.attempt, run.checkpoint))
        looked = run.checkpoint or 0
        if looked < 5:
            run.later(30, checkpoint=looked + 1)

    job = jobs.enqueue(kind(body, max_attempts=2), payload={})
    waiting = row(job)
    assert (waiting.state, waiting.lease_until, waiting.attempts, waiting.error) == ("queued", None, 0, "")
    assert timedelta(seconds=25) < waiting.run_at - timezone.now() < timedelta(seconds=31)
    assert not worker.run_job(job.pk)  # not yet
    for _ in range(5):
        assert run_now(job)
    assert (row(job).state, seen) == ("succeeded", [(1, step or None) for step in range(6)])


def test_without_a_checkpoint_the_one_there_is_stays(kind: Kind) -> None:
    def body(run: jobs.Run) -> None:
        if run.checkpoint is None:
            run.save(checkpoint="asked")
            run.later(1)
        assert run.checkpoint == "asked"

    job = jobs.enqueue(kind(body), payload={})
    run_now(job)
    assert row(job).state == "succeeded"


def test_coming_back_begins_the_tries_anew(kind: Kind) -> None:
    outcomes = iter(["fail", "later", "fail", "later", "fail", "fail"])

    def body(run: jobs.Run) -> None:
        if next(outcomes) == "later":
            run.later(1)
        raise ConnectionError

    job = jobs.enqueue(kind(body, max_attempts=2), payload={})
    for _ in range(4):
        assert run_now(job)
        assert row(job).state == "queued"
    assert run_now(job)
    assert row(job).state == "failed"


def test_what_comes_back_soon_is_told_to_the_queue_and_the_rest_by_the_sweeper(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[float] = []
    monkeypatch.setattr(
        "core.jobs.services.poke_on_commit", lambda _job_id, _kind, *, delay=0: delays.append(delay) if delay else None
    )
    name = kind(lambda run: run.later(run.payload["seconds"]))
    soon, late = (jobs.enqueue(name, payload={"seconds": seconds}) for seconds in (60, 6 * 3600))
    for job in (soon, late):
        run_now(job)
    assert delays == [60]
    assert row(soon).poke_at > row(soon).run_at
    assert row(late).poke_at == row(late).run_at


def test_later_inside_fenced_is_refused_as_it_would_undo_what_was_written(kind: Kind) -> None:
    told: list[str] = []

    def body(run: jobs.Run) -> None:
        with run.fenced(), pytest.raises(RuntimeError) as refused:
            run.later(1)
        told.append(str(refused.value))
        with run.fenced():
            run.save(checkpoint="kept")
        run.later(1)

    job = jobs.enqueue(kind(body), payload={})
    assert (row(job).state, row(job).checkpoint, len(told)) == ("queued", "kept", 1)


def test_who_was_overtaken_does_not_come_back(kind: Kind) -> None:
    def body(run: jobs.Run) -> None:
        if run.attempt > 1:
            return
        lost(row(job))
        sweeper.sweep()  # the eager queue runs it again here, inside the first run
        run.later(60, checkpoint="never")

    job = in_an_hour(kind(body))
    run_now(job)
    assert (row(job).state, row(job).checkpoint) == ("succeeded", None)


@pytest.mark.parametrize("ending", ["later", "failure"])
def test_what_is_cancelled_while_it_runs_does_not_come_back(kind: Kind, ending: str) -> None:
    def body(run: jobs.Run) -> None:
        jobs.cancel(row(job))
        if ending == "later":
            run.later(1)
        raise ConnectionError

    job = in_an_hour(kind(body))
    run_now(job)
    assert (row(job).state, row(job).finished_at is None) == ("cancelled", False)


# The end ---


@pytest.fixture
def ended(kind: Kind) -> Callable[..., tuple[str, list[tuple[str, str]]]]:
    """Register a body whose ends are listed: state and error of each, seen in the transaction that ends it."""

    def register(body: Callable[[jobs.Run], None], **options: Any) -> tuple[str, list[tuple[str, str]]]:
        ends: list[tuple[str, str]] = []

        def hear(job: Job) -> None:
            assert connection.in_atomic_block
            ends.append((job.state, job.error))

        return kind(body, ended=hear, **options), ends

    return register


def fail(_run: jobs.Run) -> None:
    raise ConnectionError


FAULT = "An unexpected fault (ConnectionError)."
LOST = "The process that did this work was lost each time."


def test_the_last_failure_ends_a_job_and_no_earlier_one(ended: Callable[..., Any]) -> None:
    name, ends = ended(fail, max_attempts=2)
    job = jobs.enqueue(name, payload={})
    assert ends == []
    run_now(job)
    assert ends == [("failed", FAULT)]


def test_giving_up_ends_a_job_and_success_is_no_such_end(ended: Callable[..., Any]) -> None:
    def body(run: jobs.Run) -> None:
        if run.payload["gives_up"]:
            raise jobs.GiveUp("The document has no pages.")

    name, ends = ended(body)
    for gives_up in (False, True):
        jobs.enqueue(name, payload={"gives_up": gives_up})
    assert ends == [("failed", "The document has no pages.")]


def test_cancelling_ends_a_job_whether_it_waits_or_runs(ended: Callable[..., Any]) -> None:
    def body(run: jobs.Run) -> None:
        jobs.cancel(Job.objects.get(pk=run.job_id))
        raise ConnectionError

    name, ends = ended(body)
    waiting, running = in_an_hour(name), in_an_hour(name)
    jobs.cancel(waiting)
    assert ends == [("cancelled", "")]
    assert not jobs.cancel(waiting)
    run_now(running)
    assert ends == [("cancelled", "")] * 2


def test_the_sweeper_ends_what_was_lost_each_time_or_cancelled_and_nothing_else(ended: Callable[..., Any]) -> None:
    name, ends = ended(fail, max_attempts=3)
    again = lost(in_an_hour(name), attempts=2)
    lost(in_an_hour(name), attempts=3)
    lost(in_an_hour(name), attempts=1, cancel_requested=True)
    sweeper._take_back(timezone.now())
    assert sorted(ends) == [("cancelled", ""), ("failed", LOST)]
    assert row(again).state == "queued"


def test_a_job_has_not_ended_when_its_app_could_not_hear_of_it(kind: Kind, alice: AbstractBaseUser) -> None:
    broken = [True]

    def hear(job: Job) -> None:
        alice.set_unusable_password()
        alice.save(update_fields=["password"])
        if broken:
            raise ConnectionError

    job = jobs.enqueue(kind(fail, max_attempts=1, ended=hear), payload={})
    assert (row(job).state, row(job).attempts) == ("running", 1)
    sweeper._take_back(timezone.now() + timedelta(minutes=2))
    assert row(job).state == "running"
    alice.refresh_from_db()
    assert alice.has_usable_password()
    broken.clear()
    sweeper._take_back(timezone.now() + timedelta(minutes=2))
    alice.refresh_from_db()
    assert (row(job).state, alice.has_usable_password()) == ("failed", False)


def test_a_job_of_an_app_that_was_taken_out_can_be_cancelled() -> None:
    job = Job.objects.create(kind="gone.job")
    assert jobs.cancel(job)
    assert row(job).state == "cancelled"
