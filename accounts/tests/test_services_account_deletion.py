"""What happens when several people, or machines, decide about one account in one moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import AccountDisabled
from accounts.errors import InvalidCredentials
from accounts.errors import LastOperator
from accounts.errors import SessionEnded
from accounts.models import AccountDeletion
from accounts.models import AuditEvent
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import login
from accounts.services import purging
from accounts.services import sessions
from accounts.tests.parallel import at_once
from conftest import PASSWORD
from conftest import make_user
from core.jobs import sweeper
from core.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def outcome(work: Callable[[], object]) -> str:
    try:
        work()
    except (AccountDisabled, InvalidCredentials, LastOperator, SessionEnded) as error:
        return type(error).__name__
    return "done"


def test_asking_ten_times_at_once_is_asking_once(alice: User) -> None:
    found = at_once(10, lambda _: account_deletion.schedule(alice, user=User.objects.get(pk=alice.pk), grace=DAY).pk)
    assert len(set(found)) == AccountDeletion.objects.count() == 1
    assert AuditEvent.objects.filter(event="deletion.scheduled").count() == 1


def test_of_two_last_administrators_one_stays() -> None:
    two = [make_user(name, is_superuser=True) for name in ("root", "boss")]
    ends = at_once(2, lambda index: outcome(lambda: account_deletion.schedule(two[index], user=two[index], grace=DAY)))
    assert sorted(ends) == ["LastOperator", "done"]
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


@pytest.mark.parametrize("_round", range(5))
def test_coming_back_and_the_end_exclude_each_other(alice: User, _round: int) -> None:
    account_deletion.schedule(alice, user=alice, grace=timedelta(0))

    def either(index: int) -> str:
        if index:
            return "closed" if purging.close(alice.pk) else "not closed"
        return outcome(lambda: login.login("alice", password=PASSWORD, restore=True))

    back, end = at_once(2, either)
    user = User.objects.get(pk=alice.pk)
    if end == "closed":
        assert back in {"AccountDisabled", "InvalidCredentials", "SessionEnded"}
        assert (user.is_active, user.username, user.has_usable_password()) == (False, None, False)
    else:
        assert back == "done"
        assert (user.is_active, user.username) == (True, "alice")
        assert not AccountDeletion.objects.exists()


def test_two_who_come_back_at_once_are_both_in(alice: User) -> None:
    account_deletion.schedule(alice, user=alice, grace=DAY)
    ends = at_once(2, lambda _: outcome(lambda: login.login("alice", password=PASSWORD, restore=True)))
    assert ends == ["done", "done"]
    assert AuditEvent.objects.filter(event="deletion.cancelled").count() == 1


def test_a_sign_in_under_way_does_not_survive_the_asking(alice: User) -> None:
    before = User.objects.get(pk=alice.pk)
    account_deletion.schedule(alice, user=alice, grace=DAY)
    assert outcome(lambda: sessions.open_session(before)) == "SessionEnded"


def test_nobody_is_erased_before_the_day(alice: User) -> None:
    account_deletion.schedule(alice, user=alice, grace=DAY)
    assert purging.enqueue_due() == 0
    assert not purging.close(alice.pk)
    assert User.objects.get(pk=alice.pk).username == "alice"


def test_an_erasure_that_failed_is_tried_again_by_the_next_window(alice: User, bob: User) -> None:
    account_deletion.schedule(alice, user=alice, grace=timedelta(0))
    deletion = AccountDeletion.objects.get()
    Job.objects.create(
        kind=purging.KIND, key=str(deletion.pk), payload={"user": str(alice.pk)}, state="failed", error="a disk is full"
    )
    sweeper.sweep()
    assert Job.objects.get(kind=purging.KIND).state == "succeeded"
    assert not User.objects.filter(pk=alice.pk).exists()
    deletion.refresh_from_db()
    assert deletion.finished_at is not None
    assert deletion.finished_at <= timezone.now()
