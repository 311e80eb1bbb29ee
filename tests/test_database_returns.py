"""A PostgreSQL that was away for longer than a moment is used again as soon as it is back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from kintsugi import stores
from kintsugi.config import Config
from tests.kit.postgres import PostgresServer
from tests.kit.postgres import postgres_server

pytestmark = pytest.mark.any_stack
_AWAY_SECONDS = 8
"""A pause that doubles from one second on is then at its beginning: it lasts until the fifteenth second."""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres_server() as made:
        if made is None:
            pytest.skip("initdb and postgres are not installed here")
        yield made


def _answers(pool: ConnectionPool) -> bool:
    with contextlib.suppress(psycopg.Error), pool.connection(timeout=0.2) as connection:
        connection.execute("SELECT 1")
        return True
    return False


def test_it_is_looked_for_as_long_as_somebody_asks(server: PostgresServer) -> None:
    options = stores.database(Config(database_url=server.url))["OPTIONS"]["pool"] | {"min_size": 1}
    with ConnectionPool(server.url, check=ConnectionPool.check_connection, open=True, **options) as pool:
        with pool.connection() as connection:
            connection.execute("SELECT 1")
        server.crash()
        until = time.monotonic() + _AWAY_SECONDS
        while time.monotonic() < until:
            assert not _answers(pool)
        server.start()
        back = time.monotonic()
        while not _answers(pool):
            assert time.monotonic() < back + 4, "the pool does not look whether the server is back"
