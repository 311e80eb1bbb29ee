"""People's devices are told of runs that wait for them, and of the end of those that nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from agents.models import AgentApproval
from agents.models import AgentRun
from agents.models import AgentStep
from agents.services import approvals
from agents.services import notifying
from agents.services import run_events
from agents.services import runs
from agents.tests.asking import Asker
from agents.tests.asking import run_of
from agents.tests.factories import make_agent
from agents.tests.factories import make_run
from agents.tests.readers import make
from core.jobs import looks
from core.jobs.models import Job
from core.models import PushNotice
from tests.kit.push_service import Browser
from tests.kit.push_service import PushService
from tests.kit.push_service import deliver
from tests.kit.push_service import push_service

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = ("show", "agent_asks", "May “note” be called?")


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    with push_service(settings) as running:
        yield running
        assert running.complaints == []


def heard(browser: Browser) -> list[tuple[str, str, str]]:
    deliver()
    return [(notice["action"], notice["kind"], notice["body"]) for notice in browser.shown]


def asked(agent: Any, asker: User, of: User) -> AgentApproval:
    """A run that waits, as the runner leaves it."""
    run = make_run(agent, asker, state="waiting", finished_at=None)
    step = AgentStep.objects.create(run=run, n=1, kind="tool", state="asking", name="note")
    until = timezone.now() + timedelta(minutes=15)
    made = AgentApproval.objects.create(step=step, asked_of=of, why="writes", arguments_hash="h", expires_at=until)
    with transaction.atomic():
        run_events.publish_asked(run, [made])
    return made


def pass_patience() -> None:
    """As if a moment had gone by."""
    for job in Job.objects.filter(kind=notifying.TELL_ASKED, state=Job.State.QUEUED):
        notifying.tell_asked(job.payload["approval_id"])


def test_who_does_not_answer_in_a_moment_is_told_and_the_word_goes_with_the_answer(
    service: PushService, alice: User, bob: User
) -> None:
    phone, other = service.device(bob), service.device(alice)
    made = asked(make_agent(alice), bob, bob)
    job = Job.objects.get(kind=notifying.TELL_ASKED)
    assert job.run_at > timezone.now()
    assert heard(phone) == []
    pass_patience()
    assert heard(phone) == [ASKED]
    (shown,) = phone.shown
    assert (shown["title"], shown["url"]) == ("Clerk", f"/app/agents/runs/{made.step.run_id}")
    approvals.decide(bob, made.step.run_id, made.step_id, approve=True, arguments_hash="h")
    assert heard(phone)[-1][0] == "clear"
    assert heard(other) == []


def test_who_has_answered_or_follows_the_run_is_left_alone(service: PushService, alice: User, bob: User) -> None:
    agent = make_agent(alice)
    phone, hers = service.device(bob), service.device(alice)
    answered = asked(agent, bob, bob)
    approvals.decide(bob, answered.step.run_id, answered.step_id, approve=False, arguments_hash="h")
    followed = asked(agent, bob, bob)
    looks.note(followed.step.run_id)
    stopped = asked(agent, bob, bob)
    runs.request_stop(bob, stopped.step.run_id)
    # The owner is asked wherever they are: that bob looks is nothing to them.
    of_owner = asked(agent, bob, alice)
    looks.note(of_owner.step.run_id)
    pass_patience()
    assert heard(phone) == []
    assert heard(hers) == [ASKED]


def test_without_a_device_nothing_is_noted_down(alice: User, bob: User) -> None:
    asked(make_agent(alice), bob, bob)
    assert not Job.objects.filter(kind=notifying.TELL_ASKED).exists()


@pytest.mark.parametrize(
    ("state", "seconds", "is_watched", "body"),
    [
        ("complete", 5, False, None),
        ("complete", 60, False, "An agent has finished"),
        ("complete", 60, True, None),
        ("limited", 5, False, "An agent had to stop before it was finished"),
        ("failed", 5, False, "An agent could not finish"),
        ("failed", 5, True, None),
        ("stopped", 60, False, None),
    ],
)
def test_the_end_of_a_run_that_nobody_looks_at(
    service: PushService, alice: User, state: str, seconds: int, *, is_watched: bool, body: str | None
) -> None:
    phone = service.device(alice)
    run = make_run(make_agent(alice), alice, state=state, created_at=timezone.now() - timedelta(seconds=seconds))
    if is_watched:
        looks.note(run.pk)
    with transaction.atomic():
        run_events.publish_ended(run)
    assert heard(phone) == ([("show", "agent_run", body)] if body else [])


def test_what_stands_in_a_conversation_is_told_by_the_messenger(service: PushService, alice: User) -> None:
    phone = service.device(alice)
    with transaction.atomic():
        run_events.publish_ended(make_run(make_agent(alice), alice, state="limited", answer_message_ids=["m"]))
    assert heard(phone) == []


async def test_who_reads_the_stream_follows_the_run_until_they_leave(asker: Asker) -> None:
    agent = await make(asker.user)
    stream = await asker.open(agent, "Hello")
    events = [await anext(stream), await anext(stream)]
    run_id = (await AgentRun.objects.aget()).pk
    assert run_of(events) == str(run_id)
    assert looks.is_watched(run_id)
    rest = [event async for event in stream]
    assert rest[-1].is_last
    assert not await PushNotice.objects.aexists()
