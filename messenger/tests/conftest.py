"""Two conversations everybody needs."""

from __future__ import annotations

import pytest

from accounts.models import User
from messenger.models import Conversation
from messenger.tests.factories import make_agent
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


@pytest.fixture
def group(alice: User, bob: User) -> Conversation:
    return make_group(alice, bob)


@pytest.fixture
def agent(db: None) -> User:
    return make_agent()


@pytest.fixture
def room(alice: User, bob: User, agent: User) -> Conversation:
    """A group with an agent in it."""
    return make_group(alice, bob, agent)
