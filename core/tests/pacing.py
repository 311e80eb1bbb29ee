"""A process that asks as often as it may, until it is killed: ``-m core.tests.pacing REDIS_URL URL PER_SECOND``."""

from __future__ import annotations

import sys
import time
import urllib.request

from django.conf import settings

from core.http import pace


def ask(redis_url: str, url: str, per_second: float) -> None:
    """The project itself is not started: pace needs to know where Redis is, and nothing else."""
    settings.configure(REDIS_URL=redis_url)
    while True:
        if wait := pace.take("counted", per_second=per_second):
            time.sleep(wait)
        else:
            urllib.request.urlopen(url, timeout=10).close()


if __name__ == "__main__":
    ask(sys.argv[1], sys.argv[2], float(sys.argv[3]))
