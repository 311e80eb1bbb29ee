"""The doctor in whole set-ups, good and broken, as an operator would call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.kit.databases import database
from tests.kit.databases import migrated_database
from tests.kit.processes import environment
from tests.kit.processes import manage


def states(output: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    findings: list[dict[str, Any]] = json.loads(output)["findings"]
    for finding in findings:
        found.setdefault(finding["name"], set()).add(finding["state"])
    return found


def test_a_good_house(tmp_path: Path) -> None:
    with migrated_database(tmp_path) as settings:
        env = environment(tmp_path, **{name: value for name, value in settings.items() if name != "REDIS_URL"})
        done = manage("doctor", env=env)
        strict = manage("doctor", "--strict", "--json", env=env)
    assert done.returncode == 0, done.stdout
    assert "ok    database" in done.stdout
    assert strict.returncode == 1, "it has no backup, and only the demo answers"
    assert states(strict.stdout)["migrations"] == {"ok"}


def test_nothing_answers(tmp_path: Path) -> None:
    env = environment(
        tmp_path,
        DATABASE_URL="postgres://house:canary-database@127.0.0.1:1/house",
        REDIS_URL="redis://:canary-redis@127.0.0.1:1/0",
        S3_ACCESS_KEY="canary-access",
        S3_SECRET_KEY="canary-storage",
        S3_ENDPOINT="http://127.0.0.1:1",
        OPENAI_API_KEY="sk-canary-openai",
        OPENAI_BASE_URL="http://127.0.0.1:1/v1",
        TELEGRAM_BOT_TOKEN="canary-telegram",
        PUBLIC_URL="https://chat.example.org",
    )
    done = manage("doctor", "--json", env=env, timeout=110)
    assert done.returncode == 1
    found = states(done.stdout)
    broken = {name for name, seen in found.items() if "fail" in seen}
    assert {"database", "redis", "storage", "models", "telegram", "addresses"} <= broken
    assert {name for name, seen in found.items() if seen == {"skip"}} >= {"migrations", "clock", "queue", "workers"}
    assert "Traceback" not in done.stdout + done.stderr
    assert "canary" not in done.stdout + done.stderr


def test_tables_that_are_missing(tmp_path: Path) -> None:
    with database() as settings:
        env = environment(tmp_path, **{name: value for name, value in settings.items() if name != "REDIS_URL"})
        assert manage("migrate", "core", "zero", "--verbosity", "0", env=env).returncode == 0
        done = manage("doctor", "--json", env=env)
    assert done.returncode == 1
    assert states(done.stdout)["migrations"] == {"fail"}
    assert states(done.stdout)["queue"] == {"skip"}
