"""What the doctor finds, check by check; the round over whole set-ups is in tests/test_doctor.py."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
import time_machine
from django.core.management import CommandError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core import modules
from core.backup import doctor as backup_doctor
from core.doctor import infrastructure
from core.doctor import round as rounds
from core.files import doctor as files_doctor
from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn
from core.jobs import doctor as jobs_doctor
from core.jobs.models import Job
from core.jobs.tasks import sweep_jobs
from core.llm import doctor as llm_doctor
from core.mail import doctor as mail_doctor
from core.models import OutgoingMail
from tests.kit.processes import free_port


def states(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.name: finding.state for finding in findings}


class Practice:
    """Installed apps that have these checks and nothing else."""

    def __init__(self, *checks: Check) -> None:
        self.looked: list[str] = []
        self._checks = [Check(c.name, self._noted(c), c.needs, c.seconds) for c in checks]

    def _noted(self, check: Check) -> Callable[[], Iterable[Finding]]:
        def look() -> Iterable[Finding]:
            self.looked.append(check.name)
            return check.look()

        return look

    def checks(self) -> list[Check]:
        return self._checks


@pytest.fixture
def practice(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Practice]:
    def make(*checks: Check) -> Practice:
        house_of_one = Practice(*checks)
        monkeypatch.setattr(modules, "installed", lambda: [house_of_one])
        return house_of_one

    return make


def good(name: str) -> Check:
    return Check(name, lambda: [ok(name, "Fine.")])


class TestRound:
    def test_a_check_that_breaks_breaks_nothing_else(self, practice: Callable[..., Practice]) -> None:
        def broken() -> Iterable[Finding]:
            raise RuntimeError("password=canary-7f3a is wrong\nsecond line")

        practice(good("a"), Check("b", broken), good("c"))
        findings = rounds.visit()
        assert [(finding.name, finding.state) for finding in findings] == [("a", "ok"), ("b", "fail"), ("c", "ok")]
        assert findings[1].sentence == "RuntimeError: password=[redacted] is wrong"

    def test_one_that_exits_or_hangs_does_not_either(self, practice: Callable[..., Practice]) -> None:
        for_ever = threading.Event()

        def leaves() -> Iterable[Finding]:
            raise SystemExit(3)

        def hangs() -> Iterable[Finding]:
            for_ever.wait()
            return []

        practice(Check("leaves", leaves), Check("hangs", hangs, seconds=0.1), good("c"))
        try:
            assert states(rounds.visit()) == {"leaves": "fail", "hangs": "fail", "c": "ok"}
        finally:
            for_ever.set()

    def test_what_needs_something_broken_is_not_looked_at(self, practice: Callable[..., Practice]) -> None:
        checks = practice(
            Check("leaf", lambda: [ok("leaf", "x")], needs="tables"),
            Check("tables", lambda: [ok("tables", "x")], needs="database"),
            Check("database", lambda: [fail("database", "Down.")]),
            Check("other", lambda: [ok("other", "x")], needs="an app that was taken out"),
        )
        assert states(rounds.visit()) == {"leaf": "skip", "tables": "skip", "database": "fail", "other": "ok"}
        assert sorted(checks.looked) == ["database", "other"]

    def test_a_warning_stands_in_nobodys_way_and_a_circle_ends(self, practice: Callable[..., Practice]) -> None:
        practice(
            Check("database", lambda: [warn("database", "Old.")]),
            Check("tables", lambda: [ok("tables", "x")], needs="database"),
            Check("hen", lambda: [ok("hen", "x")], needs="egg"),
            Check("egg", lambda: [ok("egg", "x")], needs="hen"),
        )
        assert states(rounds.visit()) == {"database": "warn", "tables": "ok", "hen": "ok", "egg": "ok"}

    @pytest.mark.parametrize(
        ("finding", "strict", "fails"),
        [(ok, True, False), (warn, False, False), (warn, True, True), (fail, False, True)],
    )
    def test_the_exit_code(
        self, practice: Callable[..., Practice], finding: Callable[[str, str], Finding], strict: bool, fails: bool
    ) -> None:
        practice(Check("roof", lambda: [finding("roof", "As it is.")]))
        out = StringIO()
        words = ["--json", *(["--strict"] if strict else [])]
        if fails:
            with pytest.raises(CommandError, match="Needs attention: roof"):
                call_command("doctor", *words, stdout=out)
        else:
            call_command("doctor", *words, stdout=out)
        told = json.loads(out.getvalue())
        assert told["findings"] == [{"name": "roof", "state": finding("", "").state, "sentence": "As it is."}]
        assert told["state"] == finding("", "").state


class TestDatabase:
    def test_a_good_one(self, transactional_db: None) -> None:
        found = states([*infrastructure.database(), *infrastructure.migrations(), *infrastructure.clock()])
        assert found["database"] in {"ok", "warn"}
        assert (found["migrations"], found["clock"]) == ("ok", "ok")

    def test_a_clock_that_is_an_hour_off(self, transactional_db: None) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no clock of its own.")
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            [finding] = infrastructure.clock()
        assert finding.state == "fail"
        assert "NTP" in finding.sentence

    def test_files_of_sqlite(self, tmp_path: Path) -> None:
        path = tmp_path / "a.sqlite3"
        assert "manage.py migrate" in infrastructure._sqlite(path).sentence
        client = sqlite3.connect(path)
        client.execute("CREATE TABLE a (b)")
        client.commit()
        assert infrastructure._sqlite(path).state == "warn"
        client.execute("PRAGMA journal_mode=WAL")
        assert infrastructure._sqlite(path).state == "ok"
        client.close()
        path.write_bytes(b"nonsense " * 1000)
        assert infrastructure._sqlite(path).state == "fail"


class TestRedis:
    def info(self, monkeypatch: pytest.MonkeyPatch, settings: Any, **known: Any) -> dict[str, str]:
        settings.EMBEDDED, settings.REDIS_URL = False, "redis://127.0.0.1:1/0"
        monkeypatch.setattr(redis.Redis, "info", lambda self: {"redis_version": "7.2"} | known)
        return states(infrastructure.redis_server())

    def test_how_it_is_set_up(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        assert self.info(monkeypatch, settings, aof_enabled=1) == {"redis": "ok"}
        assert self.info(monkeypatch, settings, aof_enabled=0)["redis persistence"] == "warn"
        evicting = {"maxmemory": 10**9, "maxmemory_policy": "allkeys-lru", "aof_enabled": 1}
        assert self.info(monkeypatch, settings, **evicting)["redis memory"] == "warn"
        assert "redis memory" not in self.info(monkeypatch, settings, **(evicting | {"maxmemory": 0}))

    def test_none_there(self, settings: Any) -> None:
        settings.EMBEDDED, settings.REDIS_URL = False, "redis://:canary-secret@127.0.0.1:1/0"
        [finding] = infrastructure.redis_server()
        assert finding.state == "fail"
        assert "canary" not in finding.sentence

    def test_none_wanted(self, settings: Any) -> None:
        settings.EMBEDDED = True
        assert states(infrastructure.redis_server()) == {"redis": "ok"}


class TestStorage:
    def test_there_and_back(self, settings: Any, tmp_path: Path) -> None:
        settings.MEDIA_ROOT = tmp_path
        assert states(files_doctor.storage()) == {"storage": "ok"}
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_folder_that_cannot_be(self, settings: Any, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        settings.MEDIA_ROOT = tmp_path / "file" / "media"
        assert states(files_doctor.storage()) == {"storage": "fail"}

    @pytest.mark.parametrize(("free", "state"), [(10**8, "fail"), (9 * 10**8, "warn"), (5 * 10**11, "ok")])
    def test_room(self, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
        usage = SimpleNamespace(total=10**12, free=free)
        monkeypatch.setattr("core.doctor.infrastructure.shutil.disk_usage", lambda path: usage)
        assert set(states(infrastructure.disk()).values()) == {state}


class TestWork:
    @pytest.mark.parametrize(("minutes", "state"), [(1, "ok"), (6, "warn"), (45, "fail")])
    def test_jobs_that_wait(self, db: None, minutes: int, state: str) -> None:
        then = timezone.now() - timedelta(minutes=minutes)
        Job.objects.create(kind="x", run_at=then)
        Job.objects.create(kind="x", run_at=timezone.now() + timedelta(hours=5))
        [finding] = jobs_doctor.queue()
        assert finding.state == state
        assert finding.sentence.startswith("1 jobs wait")

    def test_jobs_that_failed(self, db: None) -> None:
        now = timezone.now()
        for hours in (1, 30):
            Job.objects.create(kind="x", state=Job.State.FAILED, finished_at=now - timedelta(hours=hours))
        assert states(jobs_doctor.queue())["failed jobs"] == "warn"

    def test_the_sign_of_life(self, db: None, settings: Any) -> None:
        settings.EMBEDDED = False
        assert states(jobs_doctor.beat()) == {"beat": "fail"}
        sweep_jobs()
        assert states(jobs_doctor.beat()) == {"beat": "ok"}
        with time_machine.travel(time.time() + 61):
            assert states(jobs_doctor.beat()) == {"beat": "fail"}

    def test_a_cache_that_is_away_costs_no_work(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_args: Any, **_kwargs: Any) -> None:
            raise ConnectionError

        monkeypatch.setattr("core.jobs.pulse.cache", SimpleNamespace(set=away))
        assert sweep_jobs() == 0

    @pytest.mark.django_db
    def test_only_the_demo(self, settings: Any) -> None:
        settings.OPENAI_API_KEY = settings.OPENAI_BASE_URL = settings.OPENROUTER_API_KEY = ""
        found = [finding for finding in llm_doctor.providers() if finding.state == "warn"]
        assert "Only the demo model" in found[0].sentence

    @pytest.mark.django_db
    def test_a_provider_that_does_not_answer(self, settings: Any) -> None:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-canary-12345678", "http://127.0.0.1:9/v1"
        broken = [finding for finding in llm_doctor.providers() if finding.state == "fail"]
        assert "127.0.0.1:9 does not work" in broken[0].sentence
        assert "canary" not in broken[0].sentence


class TestMail:
    def test_a_server_that_does_not_let_us_in(self, settings: Any) -> None:
        settings.MAIL_IS_REAL = settings.MAIL_ENABLED = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_PASSWORD = "127.0.0.1", free_port(), "canary-77"
        [finding] = mail_doctor.letters()
        assert finding.state == "fail"
        assert "canary" not in finding.sentence

    @pytest.mark.parametrize(("enabled", "word"), [(True, "console"), (False, "No letters")])
    def test_no_server(self, settings: Any, *, enabled: bool, word: str) -> None:
        settings.MAIL_IS_REAL, settings.MAIL_ENABLED = False, enabled
        [finding] = mail_doctor.letters()
        assert (finding.state, word in finding.sentence) == ("warn", True)

    def test_letters_that_wait_or_failed(self, db: None) -> None:
        assert states(mail_doctor.outbox()) == {"outbox": "ok"}
        old = timezone.now() - timedelta(hours=1)
        for state in ("waiting", "failed", "sent"):
            row = OutgoingMail.objects.create(kind="test", language="en", state=state)
            OutgoingMail.objects.filter(pk=row.pk).update(created_at=old)
        assert [finding.state for finding in mail_doctor.outbox()] == ["warn", "warn"]


def test_backups_have_an_age(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("core.backup.doctor.shutil.which", lambda name: f"/usr/bin/{name}")
    assert states(backup_doctor.backups()) == {"backup": "warn"}
    manifest = tmp_path / "backups" / "kintsugi-1" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{}")
    assert states(backup_doctor.backups()) == {"backup": "ok"}
    os.utime(manifest, (time.time() - 3 * 86400,) * 2)
    assert states(backup_doctor.backups()) == {"backup": "warn"}


def test_every_app_may_add_checks_of_its_own() -> None:
    names = [check.name for module in modules.installed() for check in module.checks()]
    assert {"database", "redis", "storage", "mail", "payments", "telegram", "workers", "settings"} <= set(names)
    assert len(names) == len(set(names))
    needs = {check.needs for module in modules.installed() for check in module.checks()} - {""}
    assert needs <= set(names)
