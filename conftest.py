"""The cast of every test: Alice owns, Bob is a member, Charlie is a stranger."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import sessions
from core.api import throttles
from tests.environment import BEGAN_THE_RUN
from tests.kit import databases
from tests.kit import flush
from tests.kit import static_files

flush.install()
static_files.install()
# What is found counts, not how long a busy machine took to look.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")

PASSWORD = "correct-horse-7"
_START_OF_ALL_WINDOWS = 20_000 * 86_400
"""No limit has a longer window than a day."""


def make_user(name: str, **fields: object) -> User:
    """A signed-up user whose password is ``PASSWORD``."""
    return User.objects.create_user(username=name, email=f"{name}@example.com", password=PASSWORD, **fields)


class JsonClient(APIClient):
    """Speaks JSON unless told otherwise (``format="multipart"`` for uploads)."""

    default_format = "json"


def bearer(user: User) -> dict[str, str]:
    """Headers of a new, real session: ``client.get(path, headers=bearer(alice))``.

    For ``AsyncClient`` and live servers; it writes to the database, so ``await sync_to_async(bearer)(alice)`` there.
    """
    current = User.objects.get(pk=user.pk)
    return {"Authorization": f"Bearer {sessions.open_session(current).access_token}"}


def signed_in(user: User) -> JsonClient:
    """A client in a session of its own."""
    client = JsonClient()
    client.credentials(HTTP_AUTHORIZATION=bearer(user)["Authorization"])
    return client


_STARTING = (
    "subprocess",
    "tests.kit.databases",
    "tests.kit.postgres",
    "tests.kit.processes",
    "tests.kit.servers",
    "billing.tests.crowd",
)
"""Modules whose names a test module has that starts processes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts processes comes first, so that no worker is left alone with it at the end.

    And what is said to be the same on any stack must not ask for a database.
    """
    slow = {module: _starts_processes(module) for module in {item.getparent(pytest.Module) for item in items}}
    items.sort(key=lambda item: not slow[item.getparent(pytest.Module)])
    for item in items:
        if item.get_closest_marker("any_stack") and {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
            raise pytest.UsageError(f"{item.nodeid} is marked any_stack and asks for the database.")


def _starts_processes(module: pytest.Module | None) -> bool:
    values = vars(module.obj).values() if module else ()
    origins = {getattr(value, "__module__", None) or getattr(value, "__name__", "") for value in values}
    return any(str(origin).startswith(_STARTING) for origin in origins)


_SAME_ON_ANY_STACK = re.compile(r"^pytestmark = pytest\.mark\.any_stack$", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A module that is wholly the same on any stack is not even read by a run that leaves such tests out.

    Its tests would all be deselected, but what it imports, such as the libraries of vendors, every worker had to load.
    """
    wanted = config.getoption("markexpr").split()
    is_left_out = "or" not in wanted and ("not", "any_stack") in pairwise(wanted)
    if is_left_out and collection_path.name.startswith("test_") and collection_path.suffix == ".py":
        return True if _SAME_ON_ANY_STACK.search(collection_path.read_text(encoding="utf-8")) else None
    return None


def pytest_collection_finish() -> None:
    """What was imported stays to the end: looking for garbage in it took a tenth of the suite's time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    if BEGAN_THE_RUN:
        databases.forget_template()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Here is made what the tests run in, and ended; Django finds it migrated."""
    return True


@pytest.fixture(scope="session")
def django_db_createdb() -> bool:
    return False


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> str:
    """The name of the database, which is a copy of the one that is migrated once for all workers."""
    name = str(connections["default"].creation._get_test_db_name())  # type: ignore[attr-defined]
    databases.fill(name)
    return name


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings: str, django_db_setup: None) -> Iterator[None]:
    """The thread behind ``sync_to_async`` keeps its connection; what a pool holds ends with the database."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()
    connections.close_all()
    databases.drop(django_db_modify_db_settings)


@pytest.fixture(autouse=True)
def _windows_of_rate_limits_begin_with_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or one would now and then end between two requests of a test, which then counts from nothing again."""
    begun = time.time()
    monkeypatch.setattr(throttles, "_now", lambda: _START_OF_ALL_WINDOWS + time.time() - begun)


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob")


@pytest.fixture
def charlie(db: None) -> User:
    return make_user("charlie")


@pytest.fixture
def alice_client(alice: User) -> JsonClient:
    return signed_in(alice)


@pytest.fixture
def bob_client(bob: User) -> JsonClient:
    return signed_in(bob)


@pytest.fixture
def charlie_client(charlie: User) -> JsonClient:
    return signed_in(charlie)


@pytest.fixture
def anonymous() -> JsonClient:
    return JsonClient()


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits, tickets and the like must not leak from one test into the next."""
    from django.core.cache import cache

    cache.clear()
