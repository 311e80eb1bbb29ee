"""Many at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def in_threads(number: int, work: Callable[[], Any]) -> list[Any]:
    """Results of ``work``, run by so many threads at the same moment."""
    barrier, results, failures = threading.Barrier(number), [], []

    def one() -> None:
        try:
            barrier.wait(20)
            results.append(work())
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    return results
