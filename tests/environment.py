"""A pytest plug-in, loaded before the settings: tests see the databases of the environment and nothing else of it."""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from pathlib import Path
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from kintsugi.config import BASE_DIR
from kintsugi.config import Config

BEGAN_THE_RUN = "TEST_RUN" not in os.environ
"""Whether this process is none of the workers, nor of what they start."""
_KEPT = {"DATABASE_URL", "REDIS_URL", "VAR_DIR"}


def _checkout() -> str:
    return hashlib.sha256(str(BASE_DIR).encode()).hexdigest()[:12]


def _isolate() -> None:
    for name in (name.upper() for name in Config.model_fields):
        if name not in _KEPT:
            os.environ.pop(name, None)
            os.environ.pop(f"{name}_FILE", None)
    Config.model_config["env_file"] = None
    os.environ["ENV_FILE"] = os.devnull  # for the processes that tests start
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    # Each worker of a parallel run has its own files and its own Redis database, from the one after that which was
    # named: clearing one clears only that, and runs beside each other name databases of their own.
    os.environ["VAR_DIR"] = str(Path(tempfile.gettempdir()) / f"kintsugi-tests-{_checkout()}" / worker)
    if redis := os.environ.get("REDIS_URL"):
        server = urlsplit(redis)
        first = int(server.path.strip("/") or 0) + 1
        os.environ["REDIS_URL"] = urlunsplit(server._replace(path=f"/{first + int(worker[2:])}"))
    # All workers of a run, and the processes they start, are of the one that began it.
    os.environ.setdefault("TEST_RUN", uuid.uuid4().hex[:12])
    os.environ["ENVIRONMENT"] = "test"
    os.environ["LLM_DISCOVERY"] = "false"
    os.environ["DEMO_WORD_PACE"] = "1ms"


_isolate()
