from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from core import jobs
from core.jobs import registry

Body = Callable[[jobs.Run], None]


@pytest.fixture
def kind() -> Iterator[Callable[..., str]]:
    """Register a body under the kind ``test.job``, for one test."""

    def register(body: Body, **options: Any) -> str:
        jobs.handler("test.job", **options)(body)
        return "test.job"

    yield register
    registry._handlers.pop("test.job", None)
    registry._periods.pop("test.job", None)
