"""One account guessed from all over: slowed down, told to its owner, and never shut by others."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.errors import InvalidCredentials
from accounts.errors import LockedOut
from accounts.errors import SlowedDown
from accounts.models import AuditEvent
from accounts.models import User
from accounts.services import lockout
from accounts.services import login
from accounts.services import sessions
from accounts.tests.letterbox import letters
from accounts.tests.parallel import at_once
from conftest import PASSWORD
from conftest import JsonClient

pytestmark = pytest.mark.django_db
WRONG = "wrong-guess-1"


def guess(number: int, *, name: str = "alice", password: str = WRONG) -> str:
    """One try, from an address of its own."""
    client = ClientInfo(ip=f"203.0.{number // 250}.{number % 250 + 1}")
    try:
        login.login(name, password=password, client=client)
    except SlowedDown:
        return "slowed"
    except LockedOut:
        return "locked"
    except InvalidCredentials:
        return "compared"
    return "in"


def guesses(name: str = "alice", *, count: int = lockout.MANY_GUESSES) -> None:
    assert {guess(number, name=name) for number in range(count)} == {"compared"}


@pytest.mark.parametrize("name", ["alice", "nobody-of-that-name"])
def test_a_network_of_proxies_gets_one_guess_a_minute(alice: User, name: str) -> None:
    guesses(name)
    assert [guess(number, name=name) for number in range(100, 120)] == ["compared"] + ["slowed"] * 19
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert [guess(number, name=name) for number in range(120, 130)] == ["compared"] + ["slowed"] * 9


def test_one_guess_below_the_bound_is_not_slowed(alice: User) -> None:
    guesses(count=lockout.MANY_GUESSES - 1)
    assert guess(100, password=PASSWORD) == "in"


def test_a_lock_of_one_address_counts_for_what_it_took(alice: User) -> None:
    for number in range(10):
        for _try in range(lockout.ALLOWED_FAILURES):
            guess(number)
    assert [guess(100), guess(101)] == ["compared", "slowed"]


@pytest.mark.django_db(transaction=True)
def test_all_at_once_are_still_one_at_a_time(alice: User) -> None:
    guesses()
    assert sorted(at_once(12, lambda index: guess(200 + index))) == ["compared"] + ["slowed"] * 11


def test_the_owner_comes_in_where_they_are(alice: User) -> None:
    home = ClientInfo(ip="2001:db8:1:2::7")
    sessions.open_session(alice, client=home)
    guesses()
    assert [guess(100), guess(101)] == ["compared", "slowed"]
    neighbour = ClientInfo(ip="2001:db8:1:2::99")  # the same subscriber
    assert login.login("alice", password=PASSWORD, client=neighbour).user == alice
    with pytest.raises(SlowedDown) as refused:
        login.login("alice", password=PASSWORD, client=ClientInfo(ip="198.51.100.1"))
    assert 0 < (refused.value.retry_after or 0) <= 61


def test_through_the_door(alice: User, anonymous: JsonClient) -> None:
    guesses()
    assert guess(100) == "compared"
    answer = anonymous.post("/api/auth/login", {"email": "alice", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")
    assert "link by mail" in answer.json()["error"]
    assert int(answer.headers["Retry-After"]) <= 61


def test_the_owner_is_told_once(alice: User) -> None:
    User.objects.update(is_verified=True)
    guesses()
    assert letters("alice@example.com") == []
    for turn in range(3):
        with time_machine.travel(timezone.now() + timedelta(minutes=2 * turn)):
            guess(100 + turn)
    told = letters("alice@example.com")
    assert [letter.subject for letter in told] == ["Somebody is guessing your password"]
    assert AuditEvent.objects.filter(event="login.guessed", object_ref=f"user:{alice.pk}").count() == 1


def test_an_address_nobody_has_confirmed_gets_no_letter(alice: User) -> None:
    guesses()
    guess(100)
    assert letters("alice@example.com") == []


def test_an_hour_of_quiet_ends_it(alice: User) -> None:
    guesses()
    guess(100)
    with time_machine.travel(timezone.now() + timedelta(minutes=62)):
        assert [guess(number) for number in range(200, 203)] == ["compared"] * 3
