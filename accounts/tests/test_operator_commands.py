"""``export_user`` and ``purge_user``, as operators run them."""

from __future__ import annotations

import json
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError
from django.core.management import call_command
from pytest_django.fixtures import Settings

from accounts.models import AccountDeletion
from accounts.models import User
from core import personal
from core.models import Job
from core.models import StoredFile
from tests.kit.databases import migrated_database
from tests.kit.processes import environment
from tests.kit.processes import manage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_store(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def run(*words: str) -> Any:
    out = StringIO()
    call_command(*words, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("named", ["alice", "ALICE@example.com", "id"])
def test_export_writes_the_archive(alice: User, tmp_path: Path, named: str) -> None:
    output = tmp_path / "alice.zip"
    outcome = run("export_user", str(alice.pk) if named == "id" else named, "--output", str(output))
    assert (outcome["user"], outcome["size"]) == (str(alice.pk), output.stat().st_size)
    archive = zipfile.ZipFile(output)
    assert archive.testzip() is None
    assert json.loads(archive.read("accounts/user-0001.json"))[0]["email"] == "alice@example.com"


def test_export_overwrites_nothing_and_leaves_nothing_half(alice: User, tmp_path: Path) -> None:
    output = tmp_path / "alice.zip"
    output.write_text("mine")
    with pytest.raises(CommandError, match="there already"):
        run("export_user", "alice", "--output", str(output))
    assert output.read_text() == "mine"
    with pytest.raises(CommandError, match="no user"):
        run("export_user", "nobody", "--output", str(tmp_path / "other.zip"))
    with pytest.raises(FileNotFoundError):
        run("export_user", "alice", "--output", str(tmp_path / "missing" / "alice.zip"))
    assert [path.name for path in tmp_path.iterdir() if path.name != "media"] == ["alice.zip"]


def test_purge_says_first_what_would_go(alice: User) -> None:
    outcome = run("purge_user", "alice", "--dry-run")
    assert outcome == {
        "user": str(alice.pk),
        "rows": {"deleted": {"accounts.User": 1}, "emptied": {}, "kept": {}},
        "erased": False,
    }
    assert User.objects.filter(pk=alice.pk, is_active=True).exists()
    assert not AccountDeletion.objects.exists()


def test_purge_erases_at_once_and_again_changes_nothing(alice: User, bob: User) -> None:
    assert run("purge_user", "alice@example.com", "--yes")["erased"] is True
    assert list(User.objects.values_list("username", flat=True)) == ["bob"]
    deletion = AccountDeletion.objects.get()
    assert deletion.finished_at is not None
    assert run("purge_user", str(alice.pk), "--yes")["erased"] is True
    assert AccountDeletion.objects.get().finished_at == deletion.finished_at
    with pytest.raises(CommandError, match="no user"):
        run("purge_user", "alice", "--yes")


@pytest.mark.parametrize("words", [(), ("--yes", "--dry-run")])
def test_purge_wants_to_hear_one_of_two(alice: User, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="either"):
        run("purge_user", "alice", *words)
    assert User.objects.filter(pk=alice.pk).exists()


def test_the_last_administrator_is_not_erased(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    with pytest.raises(CommandError, match="last administrator"):
        run("purge_user", "alice", "--yes")
    assert User.objects.filter(pk=alice.pk, is_active=True).exists()


def test_a_purge_that_fails_says_so_and_is_finished_by_the_next(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_user_id: object, _work: object) -> None:
        raise RuntimeError("a disk is full")

    sections = list(personal.sections())
    torn = [personal.Section("torn", erase=broken), *sections]
    monkeypatch.setattr(personal, "sections", lambda: iter(torn))
    monkeypatch.setattr("accounts.management.commands.export_user.time.sleep", lambda _: _due())
    with pytest.raises(CommandError, match="unexpected fault"):
        run("purge_user", "alice", "--yes")
    monkeypatch.undo()
    assert AccountDeletion.objects.get().finished_at is None
    assert run("purge_user", str(alice.pk), "--yes")["erased"] is True
    assert not User.objects.filter(pk=alice.pk).exists()


def _due() -> None:
    """The next try need not be waited for."""
    from django.utils import timezone

    Job.objects.filter(state="queued").update(run_at=timezone.now())


def test_somebody_without_a_trace_is_no_error(alice: User, bob: User) -> None:
    assert not StoredFile.objects.exists()
    assert run("purge_user", "alice", "--yes")["erased"] is True


@pytest.mark.timeout(300)  # three processes begin, one of them migrates: on a busy machine each takes its time
def test_the_exit_code_tells(tmp_path: Path) -> None:
    with migrated_database(tmp_path) as settings:
        env = environment(tmp_path, **settings)
        gone = manage("purge_user", str(uuid4()), "--yes", env=env)
        assert (gone.returncode, "There is no user" in gone.stderr) == (1, True)
        assert manage("export_user", "nobody", "--output", str(tmp_path / "x.zip"), env=env).returncode == 1
