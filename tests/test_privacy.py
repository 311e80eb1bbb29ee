"""What somebody leaves behind: nothing. Proven over the whole database and the whole file store.

Marks are brought in through the front door, taken out again by the export, and looked for after the erasure in every
row of every table and every byte of every file.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from typing import cast
from uuid import UUID

import pytest
import time_machine
from django.apps import apps
from django.db.models import Model
from django.db.models import Sum
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import DataExport
from accounts.models import DataExportPart
from accounts.models import User
from accounts.services import email_links
from accounts.services import purging
from billing.models import Payment
from billing.models import TokenHold
from billing.models import UsageEntry
from billing.services.metering import prove_ledger
from core import personal
from core.files import blobs
from core.jobs import sweeper
from core.models import Job
from core.models import LooseBlob
from core.models import StoredFile
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from tests.lives import AGENT
from tests.lives import API
from tests.lives import IP
from tests.lives import MAIL
from tests.lives import MARK
from tests.lives import NAME
from tests.lives import PASSWORD
from tests.lives import Life
from tests.lives import arrive
from tests.lives import dump
from tests.lives import leave
from tests.lives import life
from tests.lives import made
from tests.lives import marks_in
from tests.lives import me
from tests.lives import nothing_is_left
from tests.lives import stored
from tests.lives import take_out

__all__ = ["life"]


@pytest.fixture(autouse=True)
def _nothing_of_others_expires(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beat removes what has expired as well: sessions and links of others must outlive the days of grace."""
    settings.JWT_REFRESH_EXPIRY = timedelta(days=30)
    monkeypatch.setattr(email_links, "LIFE", dict.fromkeys(email_links.LIFE, timedelta(days=30)))


TOUCHED = {
    "agents.AgentRun",  # what was said to an agent of hers
    "agents.AgentStep",  # the same
    "messenger.Conversation",  # it moved up, and she is not in it any more
    "messenger.Participant",  # he has inherited the group
    "messenger.Reaction",  # to her words
    "messenger.Story",  # a day has passed
    "core.StoredFile",  # of the story
}
"""What changes for others."""

# Every table ---------------------------------------------------------------------------------------------------------


def _reaches_a_user(model: type[Model], seen: frozenset[type[Model]] = frozenset()) -> bool:
    if model is User:
        return True
    ahead = {field.related_model for field in model._meta.concrete_fields if field.is_relation}
    return any(_reaches_a_user(other, seen | {model}) for other in ahead if other and other not in seen)


_OF_AGENTS = {"messenger.GrowingMessage"}
"""What is there only while an agent writes: the one user it leads to is the agent."""


def _models() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def test_every_table_says_whether_it_holds_people() -> None:
    said = [holding.model for holding in personal.holdings()]
    impersonal = {model: why for section in personal.sections() for model, why in section.not_personal.items()}
    there = {model._meta.label for model in _models()}
    assert len(said) == len(set(said))
    assert not set(said) & set(impersonal)
    assert {*said, *impersonal} == there, "say in the app's personal.py what a new table holds of people"
    assert all(impersonal.values())


@pytest.mark.parametrize("model", _models(), ids=lambda model: model._meta.label)
def test_what_reaches_a_user_is_exported_and_erased_or_says_why_not(model: type[Model]) -> None:
    if not _reaches_a_user(model) or model._meta.label in _OF_AGENTS:
        return
    (holding,) = [one for one in personal.holdings() if one.model == model._meta.label]
    assert holding.exported or holding.reason
    assert holding.ends == "deleted" or holding.reason
    assert set(holding.leave_out) <= {field.attname for field in model._meta.concrete_fields}


def _kept_of(user_id: UUID) -> dict[str, Any]:
    """Everything that is exported of somebody, by table."""
    found = {}
    for holding in personal.holdings():
        if holding.exported:
            rows = list(holding.rows(user_id).order_by("pk"))
            found[holding.model] = json.loads(json.dumps(holding.as_exported(rows), default=str))
    return found


def test_everything_of_hers_is_in_the_archive_and_nothing_of_others(life: Life, tmp_path: Path) -> None:
    later = {"accounts.DataExport", "accounts.DataExportPart", "accounts.AccountDeletion", "core.Job"}
    for holding in personal.holdings():
        if holding.model not in later:
            assert holding.rows(life.id).exists(), f"bring a row of {holding.model} in, so that it is looked for"
    archive = take_out(life.client)
    assert archive.testzip() is None
    contents = {info.filename: archive.read(info) for info in archive.infolist()}
    whole = b"\n".join(contents.values()).decode(errors="replace")
    hers = (
        f"{NAME} {MAIL} {IP} {AGENT} zqx-bio zqx-shown zqx-group-text zqx-link zqx-direct-text"
        " zqx-after-the-edit zqx-diary zqx-draft zqx-caption zqx-title zqx-prompt zqx-question zqx-file-text"
        " zqx-notes.txt zqx-photo.png zqx-agent"
    )
    assert [mark for mark in hers.split() if mark not in whole] == []
    assert marks_in(whole, "bobs-", "bob@", "charlie@", "198.51.100") == []
    assert "password" not in json.loads(contents["accounts/user-0001.json"])[0]
    manifest = json.loads(contents["manifest.json"])
    exported = {name: count for name, count in manifest["rows"].items() if count}
    assert exported["messenger/message"] == Message.objects.filter(sender=life.user).count()
    for row in json.loads(contents["core/stored-file-0001.json"]):
        data = contents[f"files/{row['id']}-{row['name']}"]
        assert (len(data), hashlib.sha256(data).hexdigest()) == (row["size"], row["sha256"])
    path = tmp_path / "all.zip"
    path.write_bytes(cast("io.BytesIO", archive.fp).getvalue())
    assert subprocess.run(["unzip", "-tq", str(path)], check=False, capture_output=True).returncode == 0


def test_after_the_erasurenothing_is_left_anywhere(life: Life, tmp_path: Path) -> None:
    media = tmp_path / "media"
    take_out(life.client)
    assert marks_in(dump(), MARK)
    assert marks_in(dump(), IP)
    bob = UUID(me(life.bob))
    photo = StoredFile.objects.get(owner=bob, purpose="message")
    before_bob, before_files = _kept_of(bob), stored(media)
    money = _money(life.id)
    assert money["entries"] > 0
    assert money["paid"] > 0
    leave(life.client)
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1), tick=False):
        sweeper.sweep()  # what beat pokes
        assert Job.objects.get(kind=purging.KIND).state == "succeeded"
        nothing_is_left(life, media)
    assert _money(life.id) == money
    assert prove_ledger() == []
    after_bob = _kept_of(bob)
    for name in set(before_bob) - TOUCHED:
        assert (name, after_bob[name]) == (name, before_bob[name])
    after_files = stored(media)
    assert after_files == {key: before_files[key] for key in (photo.key, photo.thumbnail_key)}  # stories are over
    _others_go_on(life)


def _money(user_id: UUID) -> dict[str, Any]:
    entries = UsageEntry.objects.filter(user_id=user_id)
    return {
        "entries": entries.count(),
        "holds": TokenHold.objects.filter(user_id=user_id).count(),
        **entries.aggregate(total=Sum("total_tokens"), prompt=Sum("prompt_tokens")),
        **TokenHold.objects.filter(user_id=user_id).aggregate(charged=Sum("charged")),
        **Payment.objects.filter(user_id=user_id).aggregate(paid=Sum("amount"), refunded=Sum("refunded_amount")),
    }


def _others_go_on(life: Life) -> None:
    """Stones stand where she spoke, the group has an admin, and her name is free."""
    told = life.bob.get(f"{API}/conversations/{life.group}/messages").json()["results"]
    stones = [one for one in told if one["is_deleted"]]
    assert len(stones) == 2
    assert all((one["sender"], one["content"], one["media"]) == (None, "", None) for one in stones)
    (answer,) = [one for one in told if one["content"] == "bobs-answer"]
    assert (answer["reply_to"]["content"], answer["reply_to"]["sender"]) == ("", None)
    assert "Ask @deleted, or @bob-" in [one["content"] for one in told]
    assert "Did @deleted and @bob come?" in [one["content"] for one in told]
    assert Message.objects.filter(content="bobs-last-words").exists()
    heir = Participant.objects.filter(conversation_id=life.group).order_by("joined_at", "id").first()
    assert heir is not None
    assert heir.role == "admin"
    direct = life.bob.get(f"{API}/conversations/{life.direct}").json()
    assert (direct["name"], [one["user"]["username"] for one in direct["participants"]]) == (
        "Deleted account",
        ["bob"],
    )
    assert life.bob.get(f"{API}/conversations/{life.group}").json()["avatar_url"] == ""  # it was her file
    assert not Conversation.objects.filter(pk=life.diary).exists()
    arrive(NAME, MAIL, PASSWORD, IP, AGENT)


def test_who_catches_up_after_the_erasure_is_told_of_it_without_a_name(life: Life) -> None:
    bob = me(life.bob)
    leave(life.client)
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1), tick=False):
        sweeper.sweep()
    missed = life.bob.get(f"/api/sync?streams=u:{bob}:0,c:{life.group}:0,c:{life.direct}:0").content.decode()
    assert MARK not in missed
    deleted = json.loads(missed)["events"] if "events" in json.loads(missed) else json.loads(missed)
    assert "message.deleted" in json.dumps(deleted)


def test_a_key_that_was_lost_keeps_nobody_from_their_data_nor_here(
    life: Life, settings: Settings, tmp_path: Path
) -> None:
    """What is encrypted is left out of the archive and deleted unread."""
    settings.ENCRYPTION_KEYS = ["another-key-than-that-of-yesterday-0123456789"]
    assert "agents/agent-function-0001.json" in take_out(life.client).namelist()
    leave(life.client)
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1), tick=False):
        sweeper.sweep()
        assert Job.objects.get(kind=purging.KIND).state == "succeeded"
        nothing_is_left(life, tmp_path / "media")


# Nothing is done twice, nothing by halves ----------------------------------------------------------------------------


def test_every_step_may_be_done_again(life: Life, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A run that is cut off after each small transaction, and begins anew, ends where one that is not does."""
    leave(life.client)
    moved = purging._Work.moved

    def cut_off(work: purging._Work, rows: int, *, at: int | None = None) -> None:
        moved(work, rows, at=at)
        raise RuntimeError("cut off")

    monkeypatch.setattr(purging._Work, "moved", cut_off)
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1), tick=False) as clock:
        sweeper.sweep()
        job = Job.objects.get(kind=purging.KIND)
        for _ in range(500):
            if job.state == "succeeded":
                break
            assert job.state == "queued", (job.state, job.error)
            clock.shift(timedelta(minutes=20))
            sweeper.sweep()
            job.refresh_from_db()
        assert job.fence > 20
        nothing_is_left(life, tmp_path / "media")


def test_an_export_goes_on_after_its_last_piece(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.services import exporting

    monkeypatch.setattr(exporting, "_PIECE_BYTES", 1)
    keep: Callable[..., None] = exporting._keep
    kept: list[int] = []

    def cut_off(*arguments: Any, **named: Any) -> None:
        keep(*arguments, **named)
        kept.append(arguments[3].pieces)
        raise RuntimeError("cut off")

    monkeypatch.setattr(exporting, "_keep", cut_off)
    made(life.client.post("/api/auth/me/export", {}), 202)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        job = Job.objects.get(kind=exporting.KIND)
        while job.state == "queued":
            clock.shift(timedelta(minutes=20))
            sweeper.sweep()
            job.refresh_from_db()
    assert job.state == "succeeded"
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) > 10
    export = DataExport.objects.select_related("file").get()
    assert export.file is not None
    archive = zipfile.ZipFile(io.BytesIO(blobs.read(export.file.key).read(export.file.size)))
    assert archive.testzip() is None
    names = archive.namelist()
    assert len(names) == len(set(names))
    said = [
        row["content"]
        for name in names
        if name.startswith("messenger/message-")
        for row in json.loads(archive.read(name))
    ]
    assert sorted(said) == sorted(Message.objects.filter(sender=life.user).values_list("content", flat=True))
    assert not DataExportPart.objects.exists()
    assert not LooseBlob.objects.exists()
