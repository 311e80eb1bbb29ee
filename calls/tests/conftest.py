"""Two conversations to call in."""

from __future__ import annotations

import pytest

from accounts.models import User
from core.realtime.tests.conftest import redis_server
from messenger.models import Conversation
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group

__all__ = ["redis_server"]


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


@pytest.fixture
def group(alice: User, bob: User, charlie: User) -> Conversation:
    return make_group(alice, bob, charlie)
