"""What the tests of the ground floor share."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

import pytest
from rest_framework.test import APIClient

from conftest import signed_in
from core.tests.http_peer import Server


@pytest.fixture
def client_of() -> Callable[..., APIClient]:
    """A client in a session of its own, for any user."""
    return signed_in


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on loopback, for outgoing calls."""
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()
