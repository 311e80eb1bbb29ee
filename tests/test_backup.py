"""Backup, loss, restore, proof: with real processes on databases of their own."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError
from django.core.management import call_command

from core.backup.manifest import digest_of
from tests.kit.databases import database
from tests.kit.databases import lose
from tests.kit.databases import migrated_database
from tests.kit.processes import announcing
from tests.kit.processes import environment
from tests.kit.processes import manage

pytestmark = pytest.mark.timeout(300)  # each step is a command, and each command a process
PASSWORD = "correct-horse-7"
SECRETS = {
    "SECRET_KEY": "canary-secret-key-0123456789-abcdefghij-0123456789-abcd",
    "JWT_SECRET": "canary-jwt-key-0123456789-abcdefghij-0123456789",
    "ENCRYPTION_KEYS": "canary-encryption-key-0123456789-abcdefghij",
}
POPULATE = f"""
from io import BytesIO
from accounts.services.registration import register
from billing.tests.factories import held, spent
from core.files import services
alice = register(username="alice", email="alice@example.com", password="{PASSWORD}")
bob = register(username="bob", email="bob@example.com", password="{PASSWORD}")
spent(alice, 300)
spent(bob, 1200)
held(bob)
for number in range(3):
    services.store(alice, upload=BytesIO(b"page %d of her diary" % number * 5000), name=f"{{number}}.txt")
"""
SIGN_IN = f"""
from django.test import Client
from billing.models import TokenQuota
from core.models import StoredFile
from core.files import blobs
answer = Client(headers={{"host": "localhost"}}).post(
    "/api/auth/login", {{"email": "alice", "password": "{PASSWORD}"}}, content_type="application/json"
)
used = sum(TokenQuota.objects.values_list("tokens_used", flat=True))
held = sum(TokenQuota.objects.values_list("tokens_held", flat=True))
sizes = [len(blobs.read(file.key).read(10**6)) == file.size for file in StoredFile.objects.all()]
print(answer.status_code, used, held, sizes)
"""
AS_OLDER_PROGRAM = """
from django.core.management import call_command
from core.backup import figures
from django.db import connection
there = connection.introspection.table_names()
known = [name for name in figures.tables() if name in there]
figures.tables = lambda: known
call_command("backup", name="old", verbosity=0)
"""
WRITE = """
import itertools, sys
from accounts.models import User
for number in itertools.count():
    User.objects.create_user(username=f"writer_{number}")
    if number == 5:
        print("writing", flush=True)
"""


@dataclass(frozen=True)
class Site:
    """A house with two people, a ledger and three files; its settings, and where it keeps backups."""

    env: dict[str, str]
    var: Path

    @property
    def backups(self) -> Path:
        return self.var / "backups"

    def run(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return manage(*words, env=self.env | extra, timeout=110)

    def json(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def shell(self, code: str) -> str:
        done = self.run("shell", "--no-imports", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def lose_everything(self) -> None:
        """The database is dropped and made anew, empty; the files are deleted."""
        shutil.rmtree(self.var / "media", ignore_errors=True)
        lose(self.var, self.env.get("DATABASE_URL", ""))

    def scratch_databases(self) -> list[Any]:
        if not (url := self.env.get("DATABASE_URL")):
            return []
        with psycopg.connect(url) as server:
            return server.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, current_database() || '_verify_')"
            ).fetchall()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    var = tmp_path_factory.mktemp("house")
    with migrated_database(var) as settings:
        house = Site(environment(var, **(SECRETS | settings)), var)
        house.shell(POPULATE)
        yield house


@pytest.fixture(scope="module")
def kept(site: Site) -> Path:
    """One good backup that no test changes."""
    return Path(site.json("backup", "--name", "kept")["backup"])


@pytest.fixture
def backup(kept: Path, tmp_path: Path) -> Path:
    """A copy of it to spoil."""
    return Path(shutil.copytree(kept, tmp_path / "copy"))


def failed(findings: list[dict[str, Any]]) -> set[str]:
    return {finding["name"] for finding in findings if not finding["ok"]}


def refused(site: Site, *words: str, **extra: str) -> str:
    done = site.run(*words, **extra)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_good_backup_is_proven(site: Site, kept: Path) -> None:
    proof = site.json("verify_backup", str(kept), "--login", "alice@example.com")
    assert proof["ok"]
    names = [finding["name"] for finding in proof["findings"]]
    wanted = ["dump", "files", "encryption key", "restore", "counts", "sums", "migrations", "files of the rows"]
    assert names[: len(wanted)] == wanted
    assert names[-1] == "ledger"
    assert any(name.startswith("login of ") for name in names)
    assert site.scratch_databases() == []


def test_the_manifest_says_what_is_in_it(site: Site, kept: Path) -> None:
    manifest = json.loads((kept / "manifest.json").read_text())
    assert (manifest["counts"]["accounts_user"], manifest["counts"]["core_storedfile"], manifest["files"]) == (2, 3, 3)
    assert manifest["sums"]["usage_entries.total_tokens"] == 1500
    assert manifest["sums"]["token_usage.tokens_held"] == 1000
    assert "accounts.0001_initial" in manifest["migrations"]
    assert manifest["server"].startswith("PostgreSQL" if "DATABASE_URL" in site.env else "SQLite")


def test_nobody_else_may_read_it_and_no_secret_is_in_it(kept: Path) -> None:
    assert kept.stat().st_mode & 0o077 == 0
    content = b"".join(path.read_bytes() for path in kept.rglob("*") if path.is_file())
    for secret in (*SECRETS.values(), PASSWORD):
        assert secret.encode() not in content


def test_after_a_loss_everything_is_back(site: Site, kept: Path) -> None:
    before = site.shell(SIGN_IN)
    assert before.startswith("200 1500 1000 [True, True, True]")
    site.lose_everything()
    planned = site.json("restore", str(kept), "--dry-run")
    assert (planned["database_restored"], planned["files_written"]) == (True, 3)
    assert not (site.var / "media" / "files").exists()
    done = site.json("restore", str(kept))
    assert (done["database_restored"], done["files_written"], done["files_already_there"]) == (True, 3, 0)
    assert site.run("migrate", "--check").returncode == 0
    assert site.shell(SIGN_IN) == before
    assert site.run("check_ledger").returncode == 0
    refusal = refused(site, "restore", str(kept))
    assert "not empty" in refusal, "a sign-in later it is no longer what was restored"


def test_a_restore_that_was_interrupted_goes_on(site: Site, kept: Path, tmp_path: Path) -> None:
    with database() as settings:
        other = Site(environment(tmp_path, **(SECRETS | settings)), tmp_path)
        assert other.json("restore", str(kept))["files_written"] == 3
        lost = next((tmp_path / "media" / "files").rglob("*/*/*/*"))
        lost.unlink()
        again = other.json("restore", str(kept))
        assert (again["database_restored"], again["files_written"], again["files_already_there"]) == (False, 1, 2)
        lost.write_bytes(b"somebody else's")
        assert "another file under files/" in refused(other, "restore", str(kept))


def test_a_backup_during_work_is_of_one_moment(site: Site) -> None:
    with announcing("manage.py", "shell", "--no-imports", "-c", WRITE, env=site.env) as line:
        assert "writing" in line
        made = site.json("backup", "--name", "busy")
    manifest = json.loads((site.backups / "busy" / "manifest.json").read_text())
    counted = int(site.shell("from accounts.models import User; print(User.objects.count())"))
    assert 8 <= manifest["counts"]["accounts_user"] < counted, "people were added before, during and after"
    assert made["created"]
    assert site.json("verify_backup", str(site.backups / "busy"))["ok"]


def looked_at(backup: Path, *words: str) -> list[dict[str, Any]]:
    """What is found before anything is restored; needs neither the house nor its database."""
    out = StringIO()
    with pytest.raises(CommandError, match="must not be relied on"):
        call_command("verify_backup", str(backup), "--json", *words, stdout=out)
    findings: list[dict[str, Any]] = json.loads(out.getvalue())["findings"]
    return findings


class TestSpoiled:
    """Every one of these is a backup that would have failed on the day it was needed."""

    def proof(self, site: Site, backup: Path, *words: str, **extra: str) -> list[dict[str, Any]]:
        done = site.run("verify_backup", str(backup), "--json", *words, **extra)
        assert done.returncode == 1, done.stdout
        assert "must not be relied on" in done.stderr
        findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
        assert site.scratch_databases() == []
        return findings

    def test_a_changed_byte_of_the_dump(self, backup: Path) -> None:
        dump = next(backup.glob("database.*"))
        content = bytearray(dump.read_bytes())
        content[len(content) // 2] ^= 1
        dump.write_bytes(content)
        assert failed(looked_at(backup)) == {"dump"}
        with pytest.raises(CommandError, match="was changed"):
            call_command("restore", str(backup))
        dump.unlink()
        assert failed(looked_at(backup)) == {"dump"}

    def test_a_changed_file_a_lost_file_and_a_shortened_list(self, backup: Path) -> None:
        files = sorted(path for path in (backup / "files").rglob("*") if path.is_file())
        files[0].write_bytes(files[0].read_bytes()[:-1] + b"!")
        files[1].unlink()
        findings = looked_at(backup)
        assert failed(findings) == {"files"}
        assert "2 files are not as they were" in findings[1]["problem"]
        (backup / "files.jsonl").write_text("")
        assert "was changed" in looked_at(backup)[1]["problem"]

    def test_rows_and_sums_that_are_not_in_the_dump(self, site: Site, backup: Path) -> None:
        path = backup / "manifest.json"
        manifest = json.loads(path.read_text())
        manifest["counts"]["accounts_user"] += 1
        manifest["sums"]["usage_entries.total_tokens"] -= 1
        manifest["migrations"].pop()
        path.write_text(json.dumps(manifest))
        findings = self.proof(site, backup)
        assert failed(findings) == {"counts", "sums", "migrations"}
        assert any("accounts_user 2 instead of 3" in finding["problem"] for finding in findings), findings

    def test_a_file_of_a_row_that_was_left_out(self, site: Site, backup: Path) -> None:
        lines = (backup / "files.jsonl").read_text().splitlines(keepends=True)
        (backup / "files" / json.loads(lines[0])["key"]).unlink()
        (backup / "files.jsonl").write_text("".join(lines[1:]))
        path = backup / "manifest.json"
        manifest = json.loads(path.read_text())
        path.write_text(json.dumps(manifest | {"list_sha256": digest_of(backup / "files.jsonl"), "files": 2}))
        assert failed(self.proof(site, backup)) == {"files of the rows"}

    def test_the_encryption_key_is_another_one(self, site: Site, backup: Path) -> None:
        other = {"ENCRYPTION_KEYS": "another-key-entirely-0123456789-abcdefghij"}
        assert failed(self.proof(site, backup, **other)) == {"encryption key"}

    def test_a_user_or_a_password_that_is_not_in_it(self, site: Site, backup: Path) -> None:
        assert failed(self.proof(site, backup, "--login", "nobody")) == {"login"}
        [name] = failed(self.proof(site, backup, "--login", "alice", KINTSUGI_PASSWORD="wrong-guess-1"))
        assert name.startswith("login of ")
        right = site.run("verify_backup", str(backup), "--login", "alice", KINTSUGI_PASSWORD=PASSWORD)
        assert right.returncode == 0, right.stdout

    @pytest.mark.parametrize("content", [None, "{", "[]", '{"version": 7}', '{"version": 1}'])
    def test_no_manifest(self, backup: Path, content: str | None) -> None:
        path = backup / "manifest.json"
        path.unlink() if content is None else path.write_text(content)
        with pytest.raises(CommandError, match=r"manifest\.json|has version 7"):
            call_command("verify_backup", str(backup))

    def test_a_key_that_leads_out_of_the_folder(self, backup: Path) -> None:
        out = {"key": "../../etc/passwd", "size": 1, "sha256": "0" * 64}
        (backup / "files.jsonl").write_text(json.dumps(out) + "\n")
        path = backup / "manifest.json"
        made = json.loads(path.read_text()) | {"list_sha256": digest_of(backup / "files.jsonl")}
        path.write_text(json.dumps(made))
        assert "cannot be read" in looked_at(backup)[1]["problem"]


class TestMaking:
    def test_a_dry_run_writes_nothing(self, site: Site, tmp_path: Path) -> None:
        plan = site.json("backup", "--to", str(tmp_path / "new"), "--dry-run")
        assert plan["files"] == 3
        assert plan["database_rows"] > 20
        assert not (tmp_path / "new").exists()

    def test_a_name_is_made_once_and_old_ones_are_pruned(self, site: Site, tmp_path: Path) -> None:
        words = ("backup", "--to", str(tmp_path), "--no-files")
        made = [site.json(*words, "--name", f"kintsugi-{n}", "--keep", "2") for n in (1, 2, 2, 3)]
        assert [one["created"] for one in made] == [True, True, False, True]
        assert [one["pruned"] for one in made] == [[], [], [], ["kintsugi-1"]]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["kintsugi-2", "kintsugi-3"]

    def test_a_file_that_is_missing_fails_it_and_leaves_nothing(self, site: Site, tmp_path: Path) -> None:
        key = site.shell("from core.models import StoredFile; print(StoredFile.objects.first().key)")
        path = site.var / "media" / key
        content = path.read_bytes()
        for spoiled in (content + b"!", None):
            path.unlink() if spoiled is None else path.write_bytes(spoiled)
            try:
                said = refused(site, "backup", "--to", str(tmp_path))
            finally:
                path.write_bytes(content)
            assert key in said
            assert ("missing" if spoiled is None else "damaged") in said
            assert list(tmp_path.iterdir()) == []

    def test_a_place_that_cannot_be_written(self, site: Site, tmp_path: Path) -> None:
        (tmp_path / "a-file").write_text("")
        assert "cannot be written" in refused(site, "backup", "--to", str(tmp_path / "a-file"))

    def test_without_the_tools_of_postgresql_there_is_a_sentence(self, site: Site, tmp_path: Path) -> None:
        if "DATABASE_URL" not in site.env:
            pytest.skip("SQLite needs no tools.")
        said = refused(site, "backup", "--to", str(tmp_path), PATH=str(tmp_path))
        assert "pg_dump is not on this machine" in said
        assert list(tmp_path.iterdir()) == []

    def test_a_damaged_database_is_not_taken_for_a_good_one(self, site: Site, tmp_path: Path) -> None:
        if "DATABASE_URL" in site.env:
            pytest.skip("PostgreSQL checks its own pages.")
        (tmp_path / "kintsugi.sqlite3").write_bytes(b"no database" * 1000)
        other = Site(environment(tmp_path, **SECRETS), tmp_path)
        assert "cannot be copied" in refused(other, "backup", "--no-files")
        assert not list((tmp_path / "backups").glob("*"))

    def test_an_examination_does_not_touch_the_live_database(self, site: Site) -> None:
        assert "restored copies only" in refused(site, "examine_copy")


def test_a_newer_program_takes_an_older_backup(site: Site, kept: Path, tmp_path: Path) -> None:
    """A backup made before the last migration: it is brought up to date on the copy."""
    with migrated_database(tmp_path) as settings:
        older = Site(environment(tmp_path, **(SECRETS | settings)), tmp_path)
        older.shell(POPULATE)
        assert older.run("migrate", "accounts", "0003", "--verbosity", "0").returncode == 0
        assert "not migrated" in refused(older, "backup"), "the program of the day asks for the tables of the day"
        assert not list(older.backups.glob("*"))
        older.shell(AS_OLDER_PROGRAM)
        proof = site.json("verify_backup", str(older.backups / "old"))
    assert proof["ok"]
    assert any(finding["name"].endswith("newer migrations") for finding in proof["findings"])


def test_sqlite_backups_are_one_plain_file(site: Site, kept: Path) -> None:
    if "DATABASE_URL" in site.env:
        pytest.skip("Of SQLite.")
    with sqlite3.connect(kept / "database.sqlite3") as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
