"""Sign-in, the lockout, and what nobody may learn from either."""

from __future__ import annotations

import time
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.errors import AccountDisabled
from accounts.errors import InvalidCredentials
from accounts.errors import LockedOut
from accounts.errors import SessionEnded
from accounts.models import AuditEvent
from accounts.models import LoginAttempt
from accounts.models import User
from accounts.services import lockout
from accounts.services import login
from accounts.services import sessions
from accounts.tests.parallel import at_once
from conftest import PASSWORD

HOME = ClientInfo(ip="192.0.2.1", user_agent="Firefox")
ELSEWHERE = ClientInfo(ip="203.0.113.50", user_agent="curl")
BCRYPT_FIRST = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]


@pytest.fixture
def bcrypt_first(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real hasher, at a quarter of its cost."""
    monkeypatch.setattr(BCryptSHA256PasswordHasher, "rounds", 10)
    settings.PASSWORD_HASHERS = BCRYPT_FIRST


def attempt(identifier: str = "alice", password: str = "wrong-guess-1", client: ClientInfo = HOME) -> str:
    """What one sign-in ends in, by name."""
    try:
        login.login(identifier, password=password, client=client)
    except (InvalidCredentials, LockedOut, AccountDisabled) as error:
        return error.code
    return "in"


def later(**delta: float) -> datetime:
    return timezone.now() + timedelta(**delta)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.com", "Alice@Example.COM", "  alice "])
def test_any_of_ones_names_opens_the_door(alice: User, name: str) -> None:
    grant = login.login(name, password=PASSWORD, client=HOME)
    assert grant.user == alice
    assert (grant.session.ip, grant.session.user_agent) == ("192.0.2.1", "Firefox")
    alice.refresh_from_db()
    assert alice.last_login is not None


@pytest.mark.django_db
def test_a_name_finds_its_user_by_index(alice: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as captured:
        assert login.find("ALICE@example.com") == alice
    assert "LOWER" in captured[0]["sql"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nobody", "nobody@example.com", "", "bob"])
def test_unknown_names_and_wrong_passwords_get_one_answer(alice: User, name: str) -> None:
    with pytest.raises(InvalidCredentials) as unknown:
        login.login(name, password=PASSWORD, client=HOME)
    with pytest.raises(InvalidCredentials) as wrong:
        login.login("alice", password="wrong-guess-1", client=HOME)
    assert unknown.value.body() == wrong.value.body()
    assert unknown.value.body() == {"error": "Invalid credentials", "code": "invalid_credentials"}


@pytest.mark.django_db
def test_that_an_account_is_disabled_only_its_owner_learns(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert attempt(password="wrong-guess-1") == "invalid_credentials"
    assert attempt(password=PASSWORD) == "account_disabled"


@pytest.mark.django_db
def test_an_account_without_a_password_cannot_be_entered(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    assert attempt(password=alice.password) == "invalid_credentials"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_five_failures_lock_known_and_unknown_names_alike(alice: User, name: str) -> None:
    assert [attempt(name) for _ in range(7)] == ["invalid_credentials"] * 5 + ["locked_out"] * 2
    assert attempt(name, PASSWORD) == "locked_out"
    with pytest.raises(LockedOut) as refusal:
        login.login(name, password=PASSWORD, client=HOME)
    assert refusal.value.status == 429
    assert refusal.value.retry_after is not None
    assert 14 * 60 < refusal.value.retry_after <= 15 * 60 + 1


@pytest.mark.django_db
def test_all_names_of_an_account_are_counted_together(alice: User) -> None:
    for name in ("alice", "ALICE", "alice@example.com", "Alice@Example.com", " alice"):
        assert attempt(name) == "invalid_credentials"
    assert attempt("alice@example.com", PASSWORD) == "locked_out"


@pytest.mark.django_db
def test_unknown_names_are_counted_without_regard_to_case() -> None:
    assert [attempt(name) for name in ("ghost", "GHOST", " ghost", "Ghost", "gHost", "ghost")][-1] == "locked_out"


@pytest.mark.django_db
def test_the_lock_holds_for_one_address_and_one_account(alice: User, bob: User) -> None:
    for _ in range(5):
        attempt()
    assert attempt(password=PASSWORD) == "locked_out"
    assert attempt(password=PASSWORD, client=ELSEWHERE) == "in"
    assert attempt("bob", PASSWORD) == "in"


@pytest.mark.django_db
def test_a_subscriber_of_ipv6_has_one_address(alice: User) -> None:
    for host in range(5):
        attempt(client=ClientInfo(ip=f"2001:db8:1:2::{host + 1}"))
    assert attempt(password=PASSWORD, client=ClientInfo(ip="2001:db8:1:2:ffff::1")) == "locked_out"
    assert attempt(password=PASSWORD, client=ClientInfo(ip="2001:db8:1:3::1")) == "in"


@pytest.mark.django_db
def test_locks_grow_from_a_quarter_to_half_an_hour(alice: User) -> None:
    start = timezone.now()
    lengths = []
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(3):
            for _ in range(5):
                assert attempt() == "invalid_credentials"
            with pytest.raises(LockedOut) as refusal:
                login.login("alice", password=PASSWORD, client=HOME)
            lengths.append((refusal.value.retry_after or 0) // 60)
            clock.shift(timedelta(seconds=refusal.value.retry_after or 0))
        assert attempt(password=PASSWORD) == "in"
    assert lengths == [15, 30, 30]


@pytest.mark.django_db
def test_the_lock_ends_on_time(alice: User) -> None:
    for _ in range(5):
        attempt()
    with time_machine.travel(later(minutes=14, seconds=58), tick=False):
        assert attempt(password=PASSWORD) == "locked_out"
    with time_machine.travel(later(minutes=15, seconds=2), tick=False):
        assert attempt(password=PASSWORD) == "in"


@pytest.mark.django_db
def test_a_success_forgives(alice: User) -> None:
    for _ in range(3):
        assert [attempt() for _ in range(4)] == ["invalid_credentials"] * 4
        assert attempt(password=PASSWORD) == "in"
    row = LoginAttempt.objects.get()
    assert (row.failures, row.locks, row.locked_until) == (0, 0, None)


@pytest.mark.django_db
def test_the_fifth_attempt_may_still_be_the_right_one(alice: User) -> None:
    for _ in range(4):
        attempt()
    assert attempt(password=PASSWORD) == "in"
    assert attempt(password=PASSWORD) == "in"


@pytest.mark.django_db
def test_old_failures_are_forgotten(alice: User) -> None:
    for _ in range(4):
        attempt()
    with time_machine.travel(later(minutes=61), tick=False):
        assert [attempt() for _ in range(4)] == ["invalid_credentials"] * 4
        assert attempt(password=PASSWORD) == "in"


@pytest.mark.django_db
def test_flushing_the_cache_frees_nobody(alice: User) -> None:
    for _ in range(5):
        attempt()
    cache.clear()
    assert attempt(password=PASSWORD) == "locked_out"


@pytest.mark.django_db
def test_what_was_typed_as_a_name_is_not_stored(alice: User) -> None:
    attempt("my-secret-Pa55word")
    stored = f"{list(LoginAttempt.objects.values())}{list(AuditEvent.objects.values())}"
    assert "my-secret" not in stored.casefold()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_of_forty_guesses_at_once_five_are_looked_at(alice: User, name: str) -> None:
    outcomes = at_once(40, lambda _index: attempt(name))
    assert sorted(outcomes) == ["invalid_credentials"] * 5 + ["locked_out"] * 35
    assert AuditEvent.objects.filter(event="login.locked_out").count() == 1


@pytest.mark.django_db
def test_a_suspension_during_the_comparison_wins(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    compare = User.check_password

    def slow(user: User, password: str) -> bool:
        right = compare(user, password)
        User.objects.filter(pk=user.pk).update(is_active=False)
        return right

    monkeypatch.setattr(User, "check_password", slow)
    assert attempt(password=PASSWORD) == "invalid_credentials"
    with pytest.raises(SessionEnded):
        sessions.open_session(User.objects.get(pk=alice.pk))


@pytest.mark.django_db
def test_an_old_hash_is_replaced_at_sign_in(alice: User, bcrypt_first: None) -> None:
    User.objects.filter(pk=alice.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert attempt(password="wrong-guess-1") == "invalid_credentials"
    assert User.objects.get(pk=alice.pk).password.startswith("pbkdf2_sha256$")
    assert attempt(password=PASSWORD) == "in"
    upgraded = User.objects.get(pk=alice.pk).password
    assert identify_hasher(upgraded).algorithm == "bcrypt_sha256"
    assert attempt(password=PASSWORD) == "in"
    assert User.objects.get(pk=alice.pk).password == upgraded


def test_bcrypt_is_preferred(settings: Any) -> None:
    fast_one_for_tests, *real = settings.PASSWORD_HASHERS
    assert fast_one_for_tests.endswith("MD5PasswordHasher")
    assert real[0] == "django.contrib.auth.hashers.BCryptSHA256PasswordHasher"


@pytest.mark.django_db
def test_unknown_accounts_take_as_long_as_known_ones(alice: User, bcrypt_first: None) -> None:
    alice.set_password(PASSWORD)
    alice.save()

    def fastest(name: str) -> float:
        times = []
        for _ in range(3):
            begin = time.process_time()
            attempt(name)
            times.append(time.process_time() - begin)
        return min(times)

    known, unknown = fastest("alice"), fastest("nobody")
    assert 0.6 < unknown / known < 1.6


@pytest.mark.django_db
def test_every_ending_stands_in_the_audit_log(alice: User) -> None:
    attempt("nobody")
    for _ in range(6):
        attempt()
    attempt(password=PASSWORD, client=ELSEWHERE)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    attempt(password=PASSWORD, client=ELSEWHERE)
    log = [(e.event, e.outcome, e.object_ref.split(":")[0], e.ip) for e in AuditEvent.objects.order_by("id")]
    failed = ("login.failed", "failure", "user", "192.0.2.1")
    assert log == [
        ("login.failed", "failure", "", "192.0.2.1"),
        *[failed] * 4,
        ("login.locked_out", "denied", "user", "192.0.2.1"),
        failed,
        ("login.refused", "denied", "user", "192.0.2.1"),
        ("login.succeeded", "success", "session", "203.0.113.50"),
        ("login.refused", "denied", "user", "203.0.113.50"),
    ]
    reasons = AuditEvent.objects.filter(event="login.refused").order_by("id").values_list("data", flat=True)
    assert [data["reason"] for data in reasons] == ["locked_out", "disabled"]


@pytest.mark.django_db
def test_looking_at_the_lock_counts_nothing(alice: User) -> None:
    for _ in range(5):
        assert lockout.locked_for("alice", user=alice, client=HOME) is None
        attempt()
    assert lockout.locked_for("alice", user=alice, client=HOME) is not None
    assert lockout.locked_for("alice", user=alice, client=ELSEWHERE) is None
