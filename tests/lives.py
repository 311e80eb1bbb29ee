"""Somebody who did everything one can do here, with marks in all of it; and how to look for the marks."""

from __future__ import annotations

import io
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import cast
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin.models import CHANGE
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import AsyncClient
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AccountDeletion
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import TelegramProof
from accounts.models import User
from accounts.services import agent_users
from accounts.tests import letterbox
from agents.models import Agent
from agents.models import AgentApproval
from agents.models import AgentConversation
from agents.models import AgentFunctionDay
from agents.models import AgentGrant
from agents.models import AgentMemory
from agents.models import AgentStep
from agents.models import AgentSubscription
from agents.tests.factories import make_run
from aichat.engine import engines
from billing import orders
from billing.metering import minutes
from billing.metering.tokens import quotas
from billing.providers.demo import actions
from billing.services.plans import grant_plan
from billing.tests.order_kit import paid_order
from conftest import JsonClient
from conftest import make_user
from core import personal
from core.files import receipts
from core.models import Job
from core.models import LooseBlob
from core.push import notices
from core.tests import samples
from documents.tests import factories as writing
from messenger.models import Message
from tests.kit.push_service import Browser
from translation.tests.factories import make_all

IP, AGENT = "203.0.113.77", "zqx-agent/1.0"
NAME, MAIL, PASSWORD = "zqx-name", "zqx-mail@example.org", "zqx-password-1"
MARK = "zqx"
API = "/api/messenger"


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
        await engines.current().drain()
        await engines.shut_down()

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
    made(her.patch("/api/auth/me", {"bio": "zqx-bio", "display_name": "zqx-shown", "avatar_id": avatar}), 200)
    agent_users.create(user, username="zqx-agent", avatar_id=UUID(avatar))
    her.post("/api/auth/login", {"email": NAME, "password": "wrong-guess-1"})
    life = Life(user, her, bob, charlie, *_talks(her, bob, charlie))
    _messages(life)
    _past(life)
    _stories(life)
    _chats(life)
    _calls(life)
    _agents(life)
    make_all(user, MARK)
    make_all(User.objects.get(pk=me(bob)), "bobs", has_file=False)
    writing.make_all((user, MARK), (User.objects.get(pk=me(bob)), "bobs"))
    _devices(life)
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


def _past(life: Life) -> None:
    """Another name, a group that is over, a group she was taken out of, and more words than one batch takes."""
    her, bob, charlie = life.client, life.bob, life.charlie
    made(her.patch("/api/auth/me", {"username": "zqx-older"}), 200)
    say(charlie, life.group, "Did @zqx-older and @bob come?")
    made(her.patch("/api/auth/me", {"username": NAME}), 200)
    over = begin(her, "group", [me(bob)], name="zqx-over")
    say(her, over, "zqx-last-words")
    say(bob, over, "bobs-last-words")
    made(her.delete(f"{API}/conversations/{over}"), 204)
    book = begin(charlie, "group", [str(life.id), me(bob)], name="Book")
    for number in range(60):
        say(her, book, f"zqx-page-{number}")
    made(charlie.delete(f"{API}/conversations/{book}/participants/{life.id}"), 204)


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
    made(life.client.put("/api/chats/preferences", {"instructions": "zqx-instructions"}), 200)
    made(life.client.post(f"/api/chats/{chat}/shares", {"shows_name": True}))
    other = made(life.bob.post("/api/chats", {"title": "bobs-title"}))["id"]
    ask(life.bob, other, {"content": "bobs-question"})
    receipts.write(life.id, what="chat", reason=receipts.Reason.ASKED, digest="7" * 64)
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


def _calls(life: Life) -> None:
    """One she had with Bob, one she missed."""
    her, bob, talk = life.client, life.bob, {"conversation_id": life.direct, "call_type": "audio"}
    begun = made(her.post("/api/calls/initiate", talk | {"device_key": "zqx-tab", "client_id": "zqx-call"}))
    path, hers = f"/api/calls/{begun['call']['id']}", begun["leg"]["id"]
    his = made(bob.post(f"{path}/answer", {"device_key": "bobs-tab"}), 200)["leg"]["id"]
    for client, mine, other in ((her, hers, his), (bob, his, hers)):
        made(client.post(f"{path}/beat", {"leg_id": mine, "generation": 1, "media_from": [other]}), 200)
    made(her.post(f"{path}/end", {}), 200)
    missed = made(bob.post("/api/calls/initiate", talk | {"device_key": "bobs-tab"}))
    made(bob.post(f"/api/calls/{missed['call']['id']}/end", {}), 200)
    made(her.put("/api/calls/settings", {"hide_address": "never", "ring": False}), 200)


def _agents(life: Life) -> None:
    """One of hers with all it can have, and what she asked one of Bob's."""
    her = life.client
    for user_id in (life.id, UUID(me(life.bob))):
        quotas.change_tier(user_id, "premium_pro", timezone.now())
    hook = {"name": "hook", "function_type": "webhook", "endpoint_url": "https://zqx-hook.example/"}
    hers = made(her.post("/api/agents", {"name": "zqx-clerk", "system_prompt": "zqx-orders", "functions": [hook]}))
    made(her.put(f"/api/agents/{hers['id']}/draft", {"system_prompt": "zqx-new-orders"}), 200)
    bobs = made(life.bob.post("/api/agents", {"name": "bobs-clerk", "audience": "site"}))
    mine, his = Agent.objects.get(pk=hers["id"]), Agent.objects.get(pk=bobs["id"])
    mine.sources.create(kind="openapi", name="zqx-source", url="https://zqx-source.example/", secret="zqx-key-of-hers")
    function = mine.functions.get()
    AgentFunctionDay.objects.create(function=function, day=timezone.now().date(), calls=1)
    AgentSubscription.objects.create(agent=mine, conversation_id=life.group, added_by=life.user)
    AgentConversation.objects.create(conversation_id=life.group, paused_by=life.user, epoch=1)
    AgentMemory.objects.create(agent=his, user=life.user, text="zqx-memory", text_hash="zqx")
    AgentGrant.objects.create(user=life.user, function=function, pinned_hash="p", until=timezone.now())
    for agent, asker in ((his, life.user), (mine, User.objects.get(pk=me(life.bob)))):
        run = make_run(agent, asker, prompt=f"{MARK if asker == life.user else 'bobs'}-asked", snapshot={"prompt": "x"})
        step = AgentStep.objects.create(run=run, n=1, kind="tool", state="asking", arguments={"text": run.prompt})
        until = timezone.now()
        AgentApproval.objects.create(step=step, asked_of=asker, why="writes", arguments_hash="h", expires_at=until)


def _devices(life: Life) -> None:
    browser = Browser("https://push.example.com/zqx-endpoint").subscription()
    device = made(life.client.post("/api/push/subscriptions", browser | {"device": "zqx-phone"}))
    made(life.client.put("/api/push/preferences", {"quiet_from": "22:00", "quiet_until": "07:00"}), 200)
    made(life.client.post(f"/api/push/subscriptions/{device['id']}/test", {}), 202)
    # There is no such push service: what is to be sent stays, and nobody tries again and again.
    Job.objects.filter(kind=notices.SEND).delete()


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
    TelegramAccount.objects.create(user=life.user, telegram_id=7_700_001, username="zqx-telegram")
    session = Session.objects.filter(user=life.user).latest("created_at")
    TelegramProof.objects.create(digest="7" * 64, session=session, expires_at=session.expires_at)
    made(life.client.post("/api/auth/email/verification"), 202)
    letterbox.work()
    grant_plan(None, user=life.user, tier="premium_pro", reason="zqx-reason")
    minutes.hold(life.id, key="call:over", seconds=300)
    minutes.settle("call:over", seconds=61)
    checkout = made(life.client.post("/api/subscription/checkout", {"plan": "premium_ultra"}))
    actions.pay_checkout(checkout["session_id"])
    order = paid_order(life.user, title="zqx-order")
    orders.deliver(order.pk, key="section 1", units=4)
    orders.close(order.pk, reason="Given up")


# What is found -------------------------------------------------------------------------------------------------------


def dump() -> str:
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(found)


_NOISE = re.compile(r"enc1:[\w:=-]+|\bB[\w-]{86}\b")
"""What is encrypted, and public keys of P-256: in so many random letters three that follow each other are found."""


def marks_in(text: str, *marks: str) -> list[str]:
    """The lines in which one stands, whatever the case."""
    lines = (_NOISE.sub("", line) for line in text.splitlines())
    return [line[:400] for line in lines if any(mark.lower() in line.lower() for mark in marks)]


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


def nothing_is_left(life: Life, media: Path) -> None:
    assert not User.objects.filter(pk=life.id).exists()
    text = dump()
    # With their words, as pytest explains no assertion of this module.
    assert not (found := marks_in(text, MARK, IP)), found
    if connection.vendor == "postgresql":
        assert not (found := marks_in(_real_dump(), MARK, IP)), found
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
