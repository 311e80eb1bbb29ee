"""What has run out goes; what is still needed to notice a theft stays."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.errors import InvalidCredentials
from accounts.errors import SessionEnded
from accounts.models import AuditEvent
from accounts.models import LoginAttempt
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import User
from accounts.services import cleanup
from accounts.services import login
from accounts.services import sessions
from core import jobs
from core.jobs import registry
from core.jobs import worker

pytestmark = pytest.mark.django_db


def removed() -> dict[str, int]:
    """What a run takes away, without what it finds nothing of."""
    return {name: count for name, count in cleanup.purge_expired().items() if count}


def purge() -> None:
    """As the hourly job does it."""
    assert worker.run_job(jobs.enqueue(cleanup.KIND, payload={}).pk)


def later(delta: timedelta) -> datetime:
    return timezone.now() + delta


def fail(name: str) -> None:
    with pytest.raises(InvalidCredentials):
        login.login(name, password="wrong-guess-1", client=ClientInfo(ip="192.0.2.1"))


def test_used_tokens_stay_until_they_would_have_run_out(alice: User) -> None:
    grant = sessions.open_session(alice)
    sessions.refresh(sessions.refresh(grant.refresh_token).refresh_token)
    with time_machine.travel(later(settings.JWT_REFRESH_EXPIRY - timedelta(minutes=1)), tick=False):
        assert removed() == {}
        with pytest.raises(SessionEnded):
            sessions.refresh(grant.refresh_token)
    assert AuditEvent.objects.filter(event="session.reuse_detected").exists()


def test_a_long_session_loses_only_its_old_tokens(alice: User) -> None:
    grant = sessions.open_session(alice)
    token = grant.refresh_token
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        for _day in range(12):
            clock.shift(timedelta(days=1))
            token = sessions.refresh(token).refresh_token
        assert removed() == {"refresh_tokens": 4}
        assert RefreshToken.objects.count() == 9
        assert sessions.refresh(token).session == grant.session


def test_what_has_run_out_goes(alice: User) -> None:
    for _ in range(3):
        sessions.open_session(alice)
    fail("alice")
    fail("nobody")
    with time_machine.travel(later(settings.JWT_REFRESH_EXPIRY + timedelta(days=2)), tick=False):
        sessions.open_session(alice)
        purge()
        purge()
    assert (Session.objects.count(), RefreshToken.objects.count(), LoginAttempt.objects.count()) == (1, 1, 0)
    assert User.objects.filter(pk=alice.pk).exists()


def test_a_lock_is_not_swept_away() -> None:
    for _ in range(5):
        fail("nobody")
    with time_machine.travel(later(timedelta(hours=23)), tick=False):
        cleanup.purge_expired()
    assert LoginAttempt.objects.get().locks == 1


def test_it_works_in_batches(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "_BATCH", 2)
    for _ in range(5):
        sessions.open_session(alice)
    with time_machine.travel(later(timedelta(days=30)), tick=False):
        assert removed() == {"refresh_tokens": 5, "sessions": 5}


def test_it_is_due_every_hour() -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert registry.windows(noon + timedelta(minutes=59))[cleanup.KIND] == noon
    assert registry.windows(noon + timedelta(minutes=60))[cleanup.KIND] == noon + timedelta(hours=1)
