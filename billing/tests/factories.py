"""Rows the tests of this app need, made through the front door where there is one."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from billing import metering
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core import jobs
from core.ids import uuid7
from core.jobs import worker
from core.jobs.models import Job


def held(user: User, key: str = "", *, prompt: int = 100, answer: int = 890, feature: str = "aichat") -> metering.Hold:
    """A hold of 1,000 tokens unless told otherwise."""
    return metering.hold(
        user.pk,
        key=key or str(uuid7()),
        prompt_tokens=prompt,
        max_tokens=answer,
        feature=feature,
        model="demo",
        reference="message-1",
    )


def spent(user: User, tokens: int, *, feature: str = "aichat") -> None:
    """A settled action of so many tokens, ten of them for the prompt."""
    hold = held(user, answer=max(tokens, 64), feature=feature)
    assert metering.settle(hold.key, prompt_tokens=10, completion_tokens=tokens - 10, source="provider")


def spent_on(user: User, moment: datetime, tokens: int, *, feature: str = "aichat") -> None:
    """A settlement of another day, as the ledger would hold it."""
    hold = TokenHold.objects.create(
        key=str(uuid7()),
        user=user,
        amount=tokens,
        max_tokens=tokens,
        state=TokenHold.State.SETTLED,
        charged=tokens,
        feature=feature,
        created_at=moment,
        expires_at=moment + timedelta(seconds=90),
    )
    UsageEntry.objects.create(
        hold=hold,
        user=user,
        feature=feature,
        model="demo",
        prompt_tokens=0,
        completion_tokens=tokens,
        total_tokens=tokens,
        source="provider",
        window=0,
        created_at=moment,
    )


def quota(user: User) -> TokenQuota:
    """The user's row as it stands."""
    return TokenQuota.objects.get(pk=user.pk)


def run_scheduled(kind: str) -> None:
    """Do the scheduled work of a kind, as a worker does."""
    job = jobs.enqueue(kind, payload={})
    worker.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED


def later(**span: float) -> datetime:
    """Now and so much more."""
    return timezone.now() + timedelta(**span)
