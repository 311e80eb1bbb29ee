"""What somebody leaves behind: nothing. Proven over the whole database and the whole file store.

Marks are brought in through the front door, taken out again by the export, and looked for after the erasure in every
row of every table and every byte of every file.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from typing import cast
from uuid import UUID

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.admin.models import CHANGE
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Model
from django.db.models import Sum
from django.test import AsyncClient
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AccountDeletion
from accounts.models import DataExport
from accounts.models import DataExportPart
from accounts.models import User
from accounts.services import purging
from aichat.engine import engine
from billing import services as billing
from billing.models import TokenHold
from billing.models import UsageEntry
from conftest import JsonClient
from conftest import make_user
from core import personal
from core.files import blobs
from core.jobs import sweeper
from core.models import Job
from core.models import LooseBlob
from core.models import StoredFile
from core.tests import samples
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant

IP, AGENT = "203.0.113.77", "zqx-agent/1.0"
NAME, MAIL, PASSWORD = "zqx-name", "zqx-mail@example.org", "zqx-password-1"
MARK = "zqx"
API = "/api/messenger"

TOUCHED = {
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
    if not _reaches_a_user(model):
        return
    (holding,) = [one for one in personal.holdings() if one.model == model._meta.label]
    assert holding.exported or holding.reason
    assert holding.ends == "deleted" or holding.reason
    assert set(holding.leave_out) <= {field.attname for field in model._meta.concrete_fields}


# One life ------------------------------------------------------------------------------------------------------------


@dataclass
class Life:
    """Somebody who did everything one can do here, and the others."""

    user: User
    client: JsonClient
    bob: JsonClient
    charlie: JsonClient
    group: str
    direct: str
    diary: str

    @property
    def id(self) -> UUID:
        return self.user.pk


class _Here(JsonClient):
    """A client at an address of its own."""

    def __init__(self, ip: str, agent: str) -> None:
        super().__init__(REMOTE_ADDR=ip, HTTP_USER_AGENT=agent)


def arrive(name: str, mail: str, password: str, ip: str, agent: str) -> JsonClient:
    client = _Here(ip, agent)
    body = {"username": name, "email": mail, "password": password}
    answer = client.post("/api/auth/register", body)
    assert answer.status_code == 201, answer.json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    return client


def made(answer: Any, status: int = 201) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def upload(client: JsonClient, data: bytes, name: str, purpose: str) -> str:
    body = {"file": SimpleUploadedFile(name, data), "purpose": purpose}
    return str(made(client.post("/api/files", body, format="multipart"))["id"])


def say(client: JsonClient, conversation: str, content: str, **more: Any) -> str:
    return str(made(client.post(f"{API}/conversations/{conversation}/messages", {"content": content, **more}))["id"])


def begin(client: JsonClient, kind: str, ids: list[str], **more: Any) -> str:
    return str(made(client.post(f"{API}/conversations", {"type": kind, "participant_ids": ids, **more}))["id"])


def me(client: JsonClient) -> str:
    return str(client.get("/api/auth/me").json()["user"]["id"])


def ask(client: JsonClient, chat: str, body: dict[str, Any]) -> None:
    headers = {"Authorization": cast("Any", client)._credentials["HTTP_AUTHORIZATION"]}

    async def read() -> None:
        path = f"/api/chats/{chat}/messages"
        answer = cast("Any", await AsyncClient().post(path, body, content_type="application/json", headers=headers))
        assert answer.status_code == 200, answer.content
        assert b"complete" in b"".join([chunk async for chunk in answer.streaming_content])
        await engine.current().settle_down()
        await engine.current().shut_down()

    async_to_sync(read)()


@pytest.fixture
def life(transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[Life]:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.LLM_DEMO_WORD_SECONDS = 0.0
    settings.DEFAULT_MODEL = "demo"
    yield _live()


def _live() -> Life:
    bob = arrive("bob", "bob@example.com", "correct-horse-7", "198.51.100.1", "bobs-agent")
    charlie = arrive("charlie", "charlie@example.com", "correct-horse-7", "198.51.100.2", "charlies-agent")
    her = arrive(NAME, MAIL, PASSWORD, IP, AGENT)
    user = User.objects.get(username=NAME)
    avatar = upload(her, samples.image("PNG"), "zqx-avatar.png", "avatar")
    made(her.patch("/api/auth/me", {"bio": "zqx-bio", "avatar_id": avatar}), 200)
    her.post("/api/auth/login", {"email": NAME, "password": "wrong-guess-1"})
    life = Life(user, her, bob, charlie, *_talks(her, bob, charlie))
    _messages(life)
    _stories(life)
    _chats(life)
    _in_the_back_room(life)
    return life


def _talks(her: JsonClient, bob: JsonClient, charlie: JsonClient) -> tuple[str, str, str]:
    picture = upload(her, samples.image("JPEG"), "zqx-group.jpg", "avatar")
    group = begin(her, "group", [me(bob), me(charlie)], name="Tea", avatar_id=picture)
    return group, begin(her, "direct", [me(bob)]), begin(her, "group", [], name="zqx-diary")


def _messages(life: Life) -> None:
    her, bob, charlie, group, direct = life.client, life.bob, life.charlie, life.group, life.direct
    said = say(her, group, "zqx-group-text https://zqx-link.example/", client_id="zqx-client")
    say(bob, group, "bobs-answer", reply_to_id=said)
    say(bob, direct, "bobs-direct-text", media_id=upload(bob, samples.image("PNG"), "bobs-photo.png", "message"))
    picture = upload(her, samples.image("PNG"), "zqx-photo.png", "message")
    told = say(her, direct, "zqx-direct-text", media_id=picture)
    say(her, life.diary, "zqx-diary-text")
    talk = begin(charlie, "direct", [me(bob)])
    made(charlie.post(f"{API}/messages/{said}/forward", {"conversation_ids": [talk]}))
    say(charlie, group, f"Ask @{NAME}, or @bob-")
    edited = say(her, group, "zqx-before-the-edit")
    made(her.put(f"{API}/messages/{edited}", {"content": "zqx-after-the-edit"}), 200)
    made(her.put(f"{API}/messages/{said}/pin", {}), 200)
    made(bob.post(f"{API}/messages/{said}/reactions", {"emoji": "🔥"}))
    answer = Message.objects.get(content="bobs-answer")
    made(her.post(f"{API}/messages/{answer.pk}/reactions", {"emoji": "👍"}))
    made(bob.post(f"{API}/conversations/{direct}/read", {"message_id": told}), 200)
    last = say(bob, direct, "bobs-last-word")
    made(her.post(f"{API}/conversations/{direct}/read", {"message_id": last}), 200)
    made(her.post(f"{API}/conversations/{group}/read", {"message_id": str(answer.pk)}), 200)
    made(her.put(f"{API}/conversations/{group}/draft", {"content": "zqx-draft"}), 200)
    made(her.post(f"{API}/conversations/{group}/invites", {}))
    made(her.post(f"{API}/blocks", {"user_id": str(make_user("dora").pk)}))


def _stories(life: Life) -> None:
    film = upload(life.client, samples.image("PNG"), "zqx-story.png", "story")
    made(life.client.post(f"{API}/stories", {"media_id": film, "caption": "zqx-caption"}))
    bobs = upload(life.bob, samples.image("PNG"), "bobs-story.png", "story")
    told = made(life.bob.post(f"{API}/stories", {"media_id": bobs}))["id"]
    made(life.client.post(f"{API}/stories/{told}/view", {}), 204)


def _chats(life: Life) -> None:
    notes = upload(life.client, b"zqx-file-text " * 20, "zqx-notes.txt", "attachment")
    chat = made(life.client.post("/api/chats", {"title": "zqx-title", "system_prompt": "zqx-prompt"}))["id"]
    ask(life.client, chat, {"content": "zqx-question", "attachments": [notes]})
    other = made(life.bob.post("/api/chats", {"title": "bobs-title"}))["id"]
    ask(life.bob, other, {"content": "bobs-question"})
    coming = made(life.client.post("/api/files/uploads", {"name": "zqx.mp4", "size": 9, "purpose": "message"}))
    data = b"zqx-p"
    answer = cast("Any", life.client).generic(
        "PATCH",
        f"/api/files/uploads/{coming['id']}",
        data,
        content_type="application/offset+octet-stream",
        HTTP_UPLOAD_OFFSET="0",
    )
    assert answer.status_code == 204, answer.content


def _in_the_back_room(life: Life) -> None:
    """She also works here, and others had to do with her account."""
    User.objects.filter(pk=life.id).update(is_staff=True)
    root = make_user("root", is_staff=True, is_superuser=True)
    group = Group.objects.create(name="helpers")
    life.user.groups.add(group)
    life.user.user_permissions.add(Permission.objects.all()[0])
    door = Client(REMOTE_ADDR=IP, HTTP_USER_AGENT=AGENT)
    page = door.post("/admin/login/", {"username": NAME, "password": PASSWORD, "next": "/admin/"})
    assert page.status_code == 302
    LogEntry.objects.log_actions(root.pk, [User.objects.get(pk=life.id)], CHANGE, single_object=True)
    LogEntry.objects.log_actions(life.id, [root], CHANGE, single_object=True)
    billing.grant_plan(None, user=life.user, tier="premium_pro", reason="zqx-reason")


# What is found -------------------------------------------------------------------------------------------------------


def dump() -> str:
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(found)


def marks_in(text: str, *marks: str) -> list[str]:
    """The lines in which one stands, whatever the case."""
    return [line[:400] for line in text.splitlines() if any(mark.lower() in line.lower() for mark in marks)]


def stored(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def take_out(client: JsonClient) -> zipfile.ZipFile:
    """The archive, through the front door."""
    made(client.post("/api/auth/me/export", {}), 202)
    state = client.get("/api/auth/me/export").json()
    assert (state["state"], state["progress"]) == ("ready", 100), state

    async def read() -> bytes:
        answer = cast("Any", await AsyncClient().get(state["download_url"]))
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        return b"".join([chunk async for chunk in answer.streaming_content])

    whole = async_to_sync(read)()
    assert len(whole) == state["size"]
    return zipfile.ZipFile(io.BytesIO(whole))


def leave(client: JsonClient) -> None:
    made(client.delete("/api/auth/me", {"password": PASSWORD}), 202)


def _kept_of(user_id: UUID) -> dict[str, Any]:
    """Everything that is exported of somebody, by table."""
    found = {}
    for holding in personal.holdings():
        if holding.exported:
            rows = list(holding.rows(user_id).order_by("pk"))
            found[holding.model] = json.loads(json.dumps(holding.as_exported(rows), default=str))
    return found


def test_everything_of_hers_is_in_the_archive_and_nothing_of_others(life: Life, tmp_path: Path) -> None:
    for holding in personal.holdings():
        if holding.exported and holding.model not in {"accounts.DataExport", "accounts.AccountDeletion", "core.Job"}:
            assert holding.rows(life.id).exists(), f"bring a row of {holding.model} in, so that it is looked for"
    archive = take_out(life.client)
    assert archive.testzip() is None
    contents = {info.filename: archive.read(info) for info in archive.infolist()}
    whole = b"\n".join(contents.values()).decode(errors="replace")
    hers = (
        f"{NAME} {MAIL} {IP} {AGENT} zqx-bio zqx-group-text zqx-link zqx-direct-text zqx-after-the-edit zqx-diary"
        " zqx-draft zqx-caption zqx-title zqx-prompt zqx-question zqx-file-text zqx-notes.txt zqx-photo.png"
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


def test_after_the_erasure_nothing_is_left_anywhere(life: Life, tmp_path: Path) -> None:
    media = tmp_path / "media"
    take_out(life.client)
    assert marks_in(dump(), MARK)
    assert marks_in(dump(), IP)
    bob = UUID(me(life.bob))
    photo = StoredFile.objects.get(owner=bob, purpose="message")
    before_bob, before_files = _kept_of(bob), stored(media)
    money = _money(life.id)
    assert money["entries"] > 0
    leave(life.client)
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1), tick=False):
        sweeper.sweep()  # what beat pokes
        assert Job.objects.get(kind=purging.KIND).state == "succeeded"
        _nothing_is_left(life, media)
    assert _money(life.id) == money
    assert billing.prove_ledger() == []
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
    }


def _nothing_is_left(life: Life, media: Path) -> None:
    assert not User.objects.filter(pk=life.id).exists()
    text = dump()
    assert marks_in(text, MARK) == []
    assert marks_in(text, IP) == []
    if connection.vendor == "postgresql":
        assert marks_in(_real_dump(), MARK, IP) == []
    assert [name for name, data in stored(media).items() if MARK.encode() in data or MARK in name] == []
    for holding in personal.holdings():
        left = holding.rows(life.id).count()
        assert (holding.model, left if holding.ends == "deleted" else 0) == (holding.model, 0)
    assert not LooseBlob.objects.exists()
    deletion = AccountDeletion.objects.get(user_id=life.id)
    assert deletion.finished_at is not None


def _real_dump() -> str:
    """What a backup would hold."""
    params = connection.get_connection_params()
    words = ["pg_dump", "--data-only", "--no-owner", "-h", params["host"], "-U", params["user"], params["dbname"]]
    port = ["-p", str(params["port"])] if params.get("port") else []
    env = os.environ | {"PGPASSWORD": params.get("password") or ""}
    done = subprocess.run([*words, *port], check=False, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert "COPY public.audit_events" in done.stdout
    return done.stdout


def _others_go_on(life: Life) -> None:
    """Stones stand where she spoke, the group has an admin, and her name is free."""
    told = life.bob.get(f"{API}/conversations/{life.group}/messages").json()["results"]
    stones = [one for one in told if one["is_deleted"]]
    assert len(stones) == 2
    assert all((one["sender"], one["content"], one["media"]) == (None, "", None) for one in stones)
    (answer,) = [one for one in told if one["content"] == "bobs-answer"]
    assert (answer["reply_to"]["content"], answer["reply_to"]["sender"]) == ("", None)
    assert "Ask @deleted, or @bob-" in [one["content"] for one in told]
    heir = Participant.objects.filter(conversation_id=life.group).order_by("joined_at", "id").first()
    assert heir is not None
    assert heir.role == "admin"
    direct = life.bob.get(f"{API}/conversations/{life.direct}").json()
    assert (direct["name"], [one["user"]["username"] for one in direct["participants"]]) == (
        "Deleted account",
        ["bob"],
    )
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
        _nothing_is_left(life, tmp_path / "media")


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
