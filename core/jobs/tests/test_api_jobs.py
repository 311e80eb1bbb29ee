"""``/api/jobs``: people see, cancel, pause and resume what is done for them, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from conftest import JsonClient
from core import jobs
from core.errors import Conflict
from core.jobs import run as runs
from core.jobs import sweeper
from core.jobs import worker
from core.jobs.models import Job
from tests.kit.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

Kind = Callable[..., str]


def title(rows: Sequence[Job]) -> dict[UUID, dict[str, Any]]:
    return {row.pk: {"title": row.payload["title"]} for row in rows}


@pytest.fixture
def asleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker hears of anything."""
    monkeypatch.setattr("core.jobs.services.poke", lambda *_args, **_options: True)


def make(kind: str, owner: AbstractBaseUser, text: str = "A book") -> Job:
    return jobs.enqueue(kind, payload={"title": text}, owner=owner)


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


@pytest.mark.usefixtures("asleep")
class TestLooking:
    def test_a_job_in_the_shape_of_all_with_what_its_kind_adds(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        job = make(kind(lambda run: None, shown=title, pausable=True), alice)
        shown = alice_client.get(f"/api/jobs/{job.pk}/status").json()
        assert shown | {"created_at": ""} == {
            "job_id": str(job.pk),
            "kind": "test.job",
            "status": "queued",
            "progress": 0,
            "error_message": "",
            "can": ["cancel", "pause"],
            "created_at": "",
            "started_at": None,
            "finished_at": None,
            "title": "A book",
        }

    def test_a_success_is_called_completed(self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind) -> None:
        job = make(kind(lambda run: None, shown=title), alice)
        worker.run_job(job.pk)
        shown = alice_client.get(f"/api/jobs/{job.pk}/status").json()
        assert (shown["status"], shown["progress"], shown["can"]) == ("completed", 100, [])

    def test_the_list_is_ones_own_newest_first(
        self, alice_client: JsonClient, alice: AbstractBaseUser, bob: AbstractBaseUser, kind: Kind
    ) -> None:
        name = kind(lambda run: None, shown=title)
        first, _, last = make(name, alice, "1"), make(name, bob, "2"), make(name, alice, "3")
        results = alice_client.get("/api/jobs").json()["results"]
        assert [job["job_id"] for job in results] == [str(last.pk), str(first.pk)]
        jobs.cancel(first)
        results = alice_client.get("/api/jobs?status=cancelled").json()["results"]
        assert [job["title"] for job in results] == ["1"]
        assert alice_client.get("/api/jobs?status=succeeded").status_code == 400

    def test_the_houses_own_work_is_not_shown(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        job = make(kind(lambda run: None), alice)
        assert alice_client.get("/api/jobs").json()["results"] == []
        assert alice_client.get(f"/api/jobs/{job.pk}/status").status_code == 404
        assert alice_client.post(f"/api/jobs/{job.pk}/cancel").status_code == 404
        assert state(job) == "queued"

    def test_the_queries_of_a_list_are_few(
        self,
        alice_client: JsonClient,
        alice: AbstractBaseUser,
        kind: Kind,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        name = kind(lambda run: None, shown=title)
        for number in range(20):
            make(name, alice, str(number))
        with django_assert_max_num_queries(3):
            assert len(alice_client.get("/api/jobs").json()["results"]) == 20


@pytest.mark.usefixtures("asleep")
class TestWishes:
    def test_a_stranger_may_do_nothing(self, charlie_client: JsonClient, alice: AbstractBaseUser, kind: Kind) -> None:
        job = make(kind(lambda run: None, shown=title, pausable=True), alice)
        for wish in ("cancel", "pause", "resume"):
            assert charlie_client.post(f"/api/jobs/{job.pk}/{wish}").status_code == 404
        assert state(job) == "queued"

    def test_what_has_not_begun_waits_and_goes_on(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        job = make(kind(lambda run: None, shown=title, pausable=True), alice)
        paused = alice_client.post(f"/api/jobs/{job.pk}/pause").json()
        assert (paused["status"], paused["can"]) == ("paused", ["cancel", "resume"])
        assert not worker.run_job(job.pk)
        assert alice_client.post(f"/api/jobs/{job.pk}/pause").json()["code"] == "job_state"
        assert alice_client.post(f"/api/jobs/{job.pk}/resume").json()["status"] == "queued"
        assert worker.run_job(job.pk)
        assert state(job) == "succeeded"

    def test_a_kind_that_cannot_wait_says_so(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        job = make(kind(lambda run: None, shown=title), alice)
        answer = alice_client.post(f"/api/jobs/{job.pk}/pause")
        assert (answer.status_code, answer.json()["code"]) == (409, "job_state")
        assert state(job) == "queued"

    def test_what_is_over_is_over(self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind) -> None:
        job = make(kind(lambda run: None, shown=title, pausable=True), alice)
        worker.run_job(job.pk)
        for wish in ("cancel", "pause", "resume"):
            assert alice_client.post(f"/api/jobs/{job.pk}/{wish}").status_code == 409
        assert state(job) == "succeeded"

    def test_a_paused_job_is_cancelled_and_its_app_hears_of_it(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        heard: list[str] = []
        name = kind(lambda run: None, shown=title, pausable=True, ended=lambda job: heard.append(job.state))
        job = make(name, alice)
        alice_client.post(f"/api/jobs/{job.pk}/pause")
        assert alice_client.post(f"/api/jobs/{job.pk}/cancel").json()["status"] == "cancelled"
        assert heard == ["cancelled"]
        assert alice_client.post(f"/api/jobs/{job.pk}/resume").status_code == 409

    def test_what_failed_is_resumed_where_its_kind_says_so_and_its_app_hears_of_each_move(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        begun, heard = list[Any](), list[str]()

        def fail_once(run: jobs.Run) -> None:
            begun.append(run.checkpoint)
            if run.checkpoint is None:
                run.save(checkpoint="half")
                raise jobs.GiveUp("No.")

        name = kind(fail_once, shown=title, pausable=True, again=True, moved=lambda job: heard.append(job.state))
        job = make(name, alice)
        alice_client.post(f"/api/jobs/{job.pk}/pause")
        alice_client.post(f"/api/jobs/{job.pk}/resume")
        worker.run_job(job.pk)
        assert alice_client.get(f"/api/jobs/{job.pk}/status").json()["can"] == ["resume"]
        assert alice_client.post(f"/api/jobs/{job.pk}/resume").json()["status"] == "queued"
        worker.run_job(job.pk)
        assert (begun, state(job), heard) == ([None, "half"], "succeeded", ["paused", "queued", "queued"])

    def test_an_app_may_refuse_that_its_job_goes_on(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        def fail(_run: jobs.Run) -> None:
            raise jobs.GiveUp("No.")

        def refuse(_job: Job) -> None:
            raise Conflict("Another one is at it.")

        job = make(kind(fail, shown=title, again=True, moved=refuse), alice)
        worker.run_job(job.pk)
        answer = alice_client.post(f"/api/jobs/{job.pk}/resume")
        assert (answer.status_code, answer.json()["error"]) == (409, "Another one is at it.")
        assert state(job) == "failed"


@pytest.fixture
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies look at every turn and not once a second."""
    monkeypatch.setattr(runs, "_LOOK_SECONDS", 0)


@pytest.mark.usefixtures("asleep", "attentive")
class TestWhileItRuns:
    def start(self, alice: AbstractBaseUser, kind: Kind) -> tuple[Job, threading.Thread, list[int]]:
        """A job of endless steps at work in a thread."""
        done: list[int] = []

        def count(run: jobs.Run) -> None:
            while True:
                done.append((run.checkpoint or 0) + 1)
                run.save(checkpoint=done[-1])
                run.check()

        job = make(kind(count, shown=title, pausable=True), alice)
        thread = threading.Thread(target=worker.run_job, args=(job.pk,))
        thread.start()
        wait_for(lambda: done, "it never began")
        return job, thread, done

    def test_it_pauses_keeps_its_place_and_goes_on(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        job, thread, done = self.start(alice, kind)
        alice_client.post(f"/api/jobs/{job.pk}/pause")
        thread.join(timeout=20)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.pause_requested, job.lease_until) == ("paused", 0, False, None)
        kept = len(done)
        assert job.checkpoint == done[-1] == kept

        alice_client.post(f"/api/jobs/{job.pk}/resume")
        thread = threading.Thread(target=worker.run_job, args=(job.pk,))
        thread.start()
        wait_for(lambda: len(done) > kept + 2, "it did not go on")
        assert alice_client.post(f"/api/jobs/{job.pk}/cancel").json()["can"] == []
        thread.join(timeout=20)
        assert done == list(range(1, len(done) + 1)), "no step twice, none left out"
        assert state(job) == "cancelled"

    def test_a_pause_outlives_the_process_that_should_have_heard_it(
        self, alice_client: JsonClient, alice: AbstractBaseUser, kind: Kind
    ) -> None:
        begun: list[int] = []
        job = make(kind(lambda run: begun.append(run.attempt), shown=title, pausable=True), alice)
        for is_resumed in (False, True):
            long_ago = timezone.now() - timedelta(minutes=1)
            lost = {"state": "running", "lease_until": long_ago, "attempts": 1, "pause_requested": True}
            Job.objects.filter(pk=job.pk).update(**lost)
            sweeper.sweep()
            assert alice_client.get(f"/api/jobs/{job.pk}/status").json()["can"] == ["cancel", "resume"]
            if is_resumed:
                assert alice_client.post(f"/api/jobs/{job.pk}/resume").status_code == 200
            worker.run_job(job.pk)
            assert (state(job), len(begun)) == (("succeeded", 1) if is_resumed else ("paused", 0))

    def test_a_pause_that_was_taken_back_in_time_costs_nothing(self, alice: AbstractBaseUser, kind: Kind) -> None:
        def pause_and_think_again(run: jobs.Run) -> None:
            job = Job.objects.get(pk=run.job_id)
            assert jobs.pause(job)
            try:
                run.check()
            finally:
                assert jobs.resume(job)

        job = make(kind(pause_and_think_again, shown=title, pausable=True), alice)
        worker.run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.pause_requested) == ("queued", 0, False)
        assert job.run_at <= timezone.now()
