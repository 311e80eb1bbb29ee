"""The cast of every test: Alice owns, Bob is a member, Charlie is a stranger."""

from __future__ import annotations

import pytest

from accounts.models import User

PASSWORD = "correct-horse-7"


def make_user(name: str, **fields: object) -> User:
    """A signed-up user whose password is ``PASSWORD``."""
    return User.objects.create_user(username=name, email=f"{name}@example.com", password=PASSWORD, **fields)


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob")


@pytest.fixture
def charlie(db: None) -> User:
    return make_user("charlie")


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits, tickets and the like must not leak from one test into the next."""
    from django.core.cache import cache

    cache.clear()
