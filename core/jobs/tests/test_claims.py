"""Of many that claim one has it, and who was overtaken writes nothing more."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.jobs import claims
from core.jobs.models import Job
from core.jobs.models import JobQuerySet
from core.jobs.tests.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = timedelta(minutes=1)
QUEUED = Job.State.QUEUED
RUNNING = Job.State.RUNNING


@pytest.fixture
def job() -> Job:
    return Job.objects.create(kind="test.job")


def claim(job: Job) -> Job | None:
    return claims.claim(Job.objects.filter(state=QUEUED), job.pk, lease=LEASE, state=RUNNING)


def claimed(job: Job) -> Job:
    found = claim(job)
    assert found is not None
    return found


def lose(job: Job) -> int:
    """Its process has been silent for too long."""
    late = timezone.now() + LEASE + timedelta(seconds=1)
    return claims.take_back(Job.objects.filter(pk=job.pk), late, state=QUEUED)


def row(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_of_ten_that_claim_at_once_one_has_it(job: Job) -> None:
    found = in_threads(10, lambda: claim(job))
    assert [(one.pk, one.fence, one.state) for one in found if one is not None] == [(job.pk, 1, RUNNING)]


def test_a_lapsed_claim_may_be_taken_over_directly_and_by_one(job: Job) -> None:
    claimed(job)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    free = claims.lapsed(timezone.now())
    found = in_threads(10, lambda: claims.claim(Job.objects.filter(free), job.pk, lease=LEASE))
    assert [one.fence for one in found if one is not None] == [2]


def test_a_claim_is_held_until_it_is_released(job: Job) -> None:
    mine = claimed(job)
    assert claims.held(mine).update(progress=10) == 1
    assert claims.release(mine, state="succeeded", progress=100)
    after = row(job)
    assert (after.state, after.progress, after.lease_until) == ("succeeded", 100, None)
    assert not claims.release(mine, state="failed")
    assert not claims.extend(mine, lease=LEASE)
    assert not claims.held(mine).exists()


def test_extending_lets_the_lease_run_from_now(job: Job) -> None:
    mine = claimed(job)
    assert claims.extend(mine, lease=timedelta(hours=1), progress=5)
    after = row(job)
    assert after.lease_until is not None
    assert (after.lease_until > timezone.now() + timedelta(minutes=59), after.progress) == (True, 5)


def test_only_what_has_lapsed_is_taken_back(job: Job) -> None:
    mine, waiting = claimed(job), Job.objects.create(kind="test.job")
    assert claims.take_back(Job.objects.all(), timezone.now(), state=QUEUED) == 0
    assert (row(job).state, row(waiting).state) == ("running", "queued")
    assert lose(job) == 1
    assert (row(job).state, row(job).lease_until) == ("queued", None)
    assert not claims.extend(mine, lease=LEASE)


def test_who_wakes_up_after_his_lease_is_fenced(job: Job) -> None:
    sleeper = claimed(job)
    lose(job)
    successor = claimed(job)
    assert not claims.held(sleeper).update(progress=1)
    assert not claims.extend(sleeper, lease=LEASE)
    assert not claims.release(sleeper, state="failed")
    with pytest.raises(claims.LeaseLost), claims.fenced(sleeper):
        row(job).delete()
    with claims.fenced(successor):
        Job.objects.filter(pk=job.pk).update(progress=50)
    after = row(job)
    assert (after.state, after.progress, after.fence) == ("running", 50, successor.fence)


def test_who_falls_asleep_while_he_claims_does_not_wake_up_with_the_next_claim(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is updated and then read; what another does between the two must not be taken for one's own."""
    read = JobQuerySet.get
    others: list[threading.Thread] = []

    def overtaken(self: JobQuerySet, *args: Any, **kwargs: Any) -> Job:
        if not others:
            others.append(threading.Thread(target=take_over))
            others[0].start()
            others[0].join(1)
        return read(self, *args, **kwargs)

    def take_over() -> None:
        try:
            lose(job)
            claims.claim(Job.objects.filter(state=QUEUED), job.pk, lease=LEASE, state=RUNNING)
        finally:
            connection.close()

    monkeypatch.setattr(JobQuerySet, "get", overtaken)
    sleeper = claimed(job)
    others[0].join(30)
    assert sleeper.fence == 1
    lose(job)
    assert not claims.held(sleeper).exists()
