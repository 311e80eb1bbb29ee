"""The database that all proofs share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.postgres import PostgresServer
from tests.kit.postgres import postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer | None]:
    """The proofs' own, in which databases are made from here on; else the one that DATABASE_URL names."""
    with postgres_server() as server, pytest.MonkeyPatch.context() as patch:
        if server:
            patch.setenv("DATABASE_URL", server.url)
        yield server
