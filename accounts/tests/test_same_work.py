"""Neither an answer nor the work behind it tells whether an account exists: hashes are counted, not seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import LoginAttempt
from accounts.models import User
from conftest import PASSWORD
from conftest import JsonClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every computation of a hash, by whatever way."""
    calls: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str, *rest: Any) -> str:
        calls.append(password)
        return str(encode(self, password, salt, *rest))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return calls


def _unusable(user: User) -> None:
    user.set_unusable_password()
    user.save()


def _suspended(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


ACCOUNTS: dict[str, tuple[str, Callable[[User], None]]] = {
    "nobody's name": ("nobody", lambda _user: None),
    "nobody's address": ("nobody@example.com", lambda _user: None),
    "by address": ("alice@example.com", lambda _user: None),
    "without a password": ("alice", _unusable),
    "suspended": ("alice", _suspended),
}


@pytest.mark.parametrize(("name", "prepare"), ACCOUNTS.values(), ids=ACCOUNTS.keys())
def test_a_refused_sign_in_is_the_same_for_every_account(
    alice: User, anonymous: JsonClient, hashed: list[str], name: str, prepare: Callable[[User], None]
) -> None:
    def attempt(identifier: str) -> tuple[int, dict[str, Any], int, int]:
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = anonymous.post("/api/auth/login", {"email": identifier, "password": "wrong-guess-1"})
        body = {key: value for key, value in answer.json().items() if key != "request_id"}
        return answer.status_code, body, len(hashed), len(queries)

    known = attempt("alice")
    assert known[:3] == (401, {"error": "Invalid credentials", "code": "invalid_credentials"}, 1)
    prepare(alice)
    hashed.clear()
    # The first failure makes the counter's row, as the first one of any other name does.
    if name in {"alice", "alice@example.com"}:
        LoginAttempt.objects.all().delete()
    assert attempt(name) == known


def test_a_locked_name_costs_no_hash_whether_it_is_somebodys_or_not(
    alice: User, anonymous: JsonClient, hashed: list[str]
) -> None:
    for name in ("alice", "nobody"):
        for _ in range(5):
            anonymous.post("/api/auth/login", {"email": name, "password": "wrong-guess-1"})
        hashed.clear()
        assert anonymous.post("/api/auth/login", {"email": name, "password": PASSWORD}).status_code == 429
        assert hashed == []


@pytest.mark.parametrize(
    ("names", "status"),
    [(("dora", "dora"), 201), (("alice", "dora"), 409), (("dora", "alice"), 409), (("alice", "alice"), 409)],
)
def test_registering_hashes_once_whether_the_names_are_free_or_not(
    alice: User, anonymous: JsonClient, hashed: list[str], names: tuple[str, str], status: int
) -> None:
    hashed.clear()
    username, mailbox = names
    body = {"username": username, "email": f"{mailbox}@example.com", "password": PASSWORD}
    assert anonymous.post("/api/auth/register", body).status_code == status
    assert len(hashed) == 1
