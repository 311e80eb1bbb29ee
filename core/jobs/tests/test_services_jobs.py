from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from core import jobs
from core.errors import Unavailable
from core.jobs import services
from core.jobs import sweeper
from core.jobs import worker
from core.jobs.models import Job
from core.jobs.tasks import sweep_jobs
from core.jobs.tests.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def due(job: Job) -> bool:
    """Run it now, whenever it wanted to."""
    Job.objects.filter(pk=job.pk).update(run_at=timezone.now())
    return worker.run_job(job.pk)


def lose(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_runs_once_after_the_commit(alice: AbstractBaseUser, kind: Callable[..., str]) -> None:
    seen: list[dict[str, Any]] = []
    name = kind(lambda run: seen.append(run.payload))
    with transaction.atomic():
        job = jobs.enqueue(name, payload={"a": 1}, owner=alice)
        assert seen == []
    assert seen == [{"a": 1}]
    job.refresh_from_db()
    assert (job.state, job.progress, job.attempts, job.owner_id) == ("succeeded", 100, 1, alice.pk)
    assert not worker.run_job(job.pk)
    assert seen == [{"a": 1}]


def test_a_rolled_back_transaction_leaves_no_job(kind: Callable[..., str]) -> None:
    name = kind(lambda run: None)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue(name, payload={})
        1 / 0  # noqa: B018
    assert not Job.objects.exists()


def test_a_key_is_one_job(kind: Callable[..., str]) -> None:
    runs: list[str] = []
    name = kind(lambda run: runs.append(run.payload["n"]))
    first = jobs.enqueue(name, payload={"n": "a"}, key="k")
    assert jobs.enqueue(name, payload={"n": "b"}, key="k").pk == first.pk
    assert runs == ["a"]


def test_ten_with_one_key_at_once_are_one_job(kind: Callable[..., str]) -> None:
    runs: list[int] = []
    name = kind(lambda run: runs.append(1))
    found = in_threads(10, lambda: jobs.enqueue(name, payload={}, key="k").pk)
    assert len(set(found)) == 1
    assert runs == [1]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(LookupError):
        jobs.enqueue("test.nobody", payload={})


def test_a_queue_that_no_worker_consumes_is_refused(kind: Callable[..., str]) -> None:
    with pytest.raises(ValueError, match="medai"):
        kind(lambda run: None, queue="medai")


def test_ten_workers_claim_a_job_once(kind: Callable[..., str]) -> None:
    runs: list[int] = []
    name = kind(lambda run: runs.append(1))
    job = jobs.enqueue(name, payload={}, run_at=timezone.now() + timedelta(hours=1))
    assert runs == []
    Job.objects.update(run_at=timezone.now())
    done = in_threads(10, lambda: worker.run_job(job.pk))
    assert (sum(done), runs) == (1, [1])


def test_a_failure_is_tried_again_later_from_its_checkpoint(kind: Callable[..., str]) -> None:
    seen: list[Any] = []

    def body(run: jobs.Run) -> None:
        seen.append((run.attempt, run.checkpoint))
        if run.attempt < 3:
            raise ConnectionError("sk-canary-secret")

    job = jobs.enqueue(kind(body), payload={})
    job.refresh_from_db()
    assert (job.state, job.error) == ("queued", "An unexpected fault (ConnectionError).")
    assert timedelta(seconds=5) < job.run_at - timezone.now() < timedelta(seconds=11)
    assert not worker.run_job(job.pk)  # not yet
    assert due(job)
    assert due(job)
    assert (state(job), seen) == ("succeeded", [(1, None), (2, None), (3, None)])


def test_after_the_last_try_it_has_failed_with_a_sentence(kind: Callable[..., str]) -> None:
    def body(run: jobs.Run) -> None:
        raise Unavailable

    job = jobs.enqueue(kind(body, max_attempts=2), payload={})
    due(job)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("failed", 2, Unavailable.message)
    assert jobs.retry(job)
    assert state(job) == "queued"


def test_a_checkpoint_gives_new_tries(kind: Callable[..., str]) -> None:
    def body(run: jobs.Run) -> None:
        done = run.checkpoint or 0
        if done < 5:
            run.save(checkpoint=done + 1)
        raise ConnectionError

    job = jobs.enqueue(kind(body, max_attempts=2), payload={})
    for _ in range(20):
        if not due(job):
            break
    job.refresh_from_db()
    assert (job.state, job.checkpoint, job.attempts) == ("failed", 5, 2)


def test_giving_up_ends_at_once(kind: Callable[..., str]) -> None:
    def body(run: jobs.Run) -> None:
        raise jobs.GiveUp("The document has no pages.")

    job = jobs.enqueue(kind(body), payload={})
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The document has no pages.")


def test_the_delay_doubles_up_to_a_limit() -> None:
    assert 7.5 <= worker.delay(1) <= 10
    assert 15 <= worker.delay(2) <= 20
    assert worker.delay(50) <= worker.LONGEST_DELAY_SECONDS


def test_a_waiting_job_is_cancelled_at_once(kind: Callable[..., str]) -> None:
    runs: list[int] = []
    job = jobs.enqueue(kind(lambda run: runs.append(1)), payload={}, run_at=timezone.now() + timedelta(hours=1))
    assert jobs.cancel(job)
    assert not due(job)
    assert (state(job), runs, jobs.cancel(job)) == ("cancelled", [], False)
    assert jobs.retry(job)
    assert (state(job), runs) == ("succeeded", [1])


def test_a_running_job_is_cancelled_at_its_next_look(kind: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.run._LOOK_SECONDS", 0)
    steps: list[int] = []

    def body(run: jobs.Run) -> None:
        for step in range(3):
            run.check()
            steps.append(step)
            if step == 1:
                jobs.cancel(Job.objects.get(pk=run.job_id))

    job = jobs.enqueue(kind(body), payload={})
    assert (state(job), steps) == ("cancelled", [0, 1])


def test_a_lost_run_writes_nothing_more(kind: Callable[..., str]) -> None:
    written: list[str] = []

    def body(run: jobs.Run) -> None:
        if run.payload["first"] and run.checkpoint is None:
            run.save(checkpoint="half")
            lose(Job.objects.get(pk=run.job_id))
            sweeper.sweep()  # the eager queue runs it again here, inside the first run
            with pytest.raises(jobs.LeaseLost), run.fenced():
                written.append("never")
            with pytest.raises(jobs.LeaseLost):
                run.save(checkpoint="never")
            assert not run.extend()
            return
        with run.fenced():
            written.append(run.checkpoint)

    job = jobs.enqueue(kind(body), payload={"first": True})
    job.refresh_from_db()
    assert (job.state, job.fence, job.checkpoint, written) == ("succeeded", 2, "half", ["half"])


def test_what_kills_every_worker_is_not_run_for_ever(kind: Callable[..., str]) -> None:
    def body(run: jobs.Run) -> None:
        lose(Job.objects.get(pk=run.job_id))
        raise SystemExit  # no claim is let go: as if the process had died

    name = kind(body, max_attempts=2)
    job = jobs.enqueue(name, payload={}, run_at=timezone.now() + timedelta(hours=1))
    for _ in range(3):
        Job.objects.filter(pk=job.pk, state="queued").update(run_at=timezone.now())
        with pytest.raises(SystemExit):
            worker.run_job(job.pk)
        Job.objects.filter(pk=job.pk).update(poke_at=timezone.now() + timedelta(hours=1))
        sweeper._take_back(timezone.now())
        if state(job) == "failed":
            break
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 2)


def test_the_heart_keeps_the_lease_and_stops_when_time_is_over(kind: Callable[..., str]) -> None:
    leases: list[datetime | None] = []

    def body(run: jobs.Run) -> None:
        first = Job.objects.get(pk=run.job_id).lease_until
        extended = threading.Event()
        for _ in range(200):
            now = Job.objects.get(pk=run.job_id).lease_until
            if now != first:
                extended.set()
                leases.append(now)
                break
            threading.Event().wait(0.02)
        assert extended.is_set()
        run._ends = 0
        assert not run.extend()
        with pytest.raises(jobs.LeaseLost):
            run.save(progress=1)

    job = jobs.enqueue(kind(body, lease=0.6), payload={})
    assert leases
    assert state(job) == "succeeded"


def test_what_the_queue_forgot_is_told_again(kind: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    name = kind(lambda run: runs.append(1))
    with monkeypatch.context() as patch:
        patch.setattr(services, "poke_on_commit", lambda *_args, **_kwargs: None)
        job = jobs.enqueue(name, payload={})
    assert sweeper.sweep() == 0  # the poke may still arrive
    Job.objects.update(poke_at=timezone.now())
    assert sweep_jobs.delay().result == 1
    assert (state(job), runs) == ("succeeded", [1])


def test_a_queue_that_cannot_be_reached_loses_nothing(
    kind: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.jobs.tasks import run_job

    runs: list[int] = []

    def down(*_args: object, **_kwargs: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(run_job, "apply_async", down)
        job = jobs.enqueue(kind(lambda run: runs.append(1)), payload={})
        Job.objects.update(poke_at=timezone.now())
        sweeper.sweep()
    assert runs == []
    Job.objects.update(poke_at=timezone.now())
    sweeper.sweep()
    assert (state(job), runs) == ("succeeded", [1])


def test_scheduled_work_runs_once_in_a_window_whatever_beat_and_clock_do(kind: Callable[..., str]) -> None:
    windows: list[datetime | None] = []
    name = kind(lambda run: windows.append(run.period))
    jobs.periodic(name, every=timedelta(hours=6))
    noon = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    with time_machine.travel(noon + timedelta(hours=1), tick=True) as clock:
        in_threads(8, lambda: sweeper.schedule(timezone.now()))  # beats
        clock.shift(timedelta(hours=-1))
        sweeper.schedule(timezone.now())
        assert windows == [noon]
        clock.shift(timedelta(hours=14))  # beat was dead over a whole window
        sweeper.schedule(timezone.now())
        sweeper.schedule(timezone.now())
        clock.shift(timedelta(hours=-3))  # a clock set back into a window that nobody looked at
        sweeper.schedule(timezone.now())
    assert windows == [noon, noon + timedelta(hours=12), noon + timedelta(hours=6)]
    assert Job.objects.filter(kind=name).count() == 3


def test_old_jobs_are_forgotten(kind: Callable[..., str]) -> None:
    name = kind(lambda run: None)
    old, fresh, failed = (jobs.enqueue(name, payload={}) for _ in range(3))
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=8))
    Job.objects.filter(pk=failed.pk).update(finished_at=timezone.now() - timedelta(days=8), state="failed")
    sweeper.sweep()
    assert set(Job.objects.filter(kind=name)) == {fresh, failed}


def test_jobs_are_private_and_go_with_their_owner(
    alice: AbstractBaseUser, charlie: AbstractBaseUser, kind: Callable[..., str]
) -> None:
    job = jobs.enqueue(kind(lambda run: None), payload={}, owner=alice)
    assert list(Job.objects.visible_to(alice)) == [job]
    assert not Job.objects.visible_to(charlie).exists()
    alice.delete()
    assert not Job.objects.exists()
