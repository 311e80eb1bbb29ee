"""Chats from other products: whole, once, and with what could not be read told by name."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import importing
from aichat.services import messages
from aichat.services.importing import files
from aichat.services.importing import trees
from aichat.tests import other_products as other
from conftest import JsonClient
from core import push
from core.jobs import worker
from core.models import Job
from core.models import PushNotice
from core.models import StoredFile
from core.models import StreamEvent
from core.push import subscriptions
from tests.kit.push_service import Browser

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/chats/imports"


@pytest.fixture(autouse=True)
def _nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs wait until a test does them."""
    monkeypatch.setattr("core.jobs.services.poke", lambda *_args, **_options: True)


def send(client: JsonClient, data: bytes, name: str = "conversations.json") -> Any:
    return client.post(PATH, {"file": SimpleUploadedFile(name, data)}, format="multipart")


def bring(client: JsonClient, data: bytes, name: str = "conversations.json") -> dict[str, Any]:
    """Import a file and wait for the end; the job as its owner sees it."""
    answer = send(client, data, name)
    assert answer.status_code == 202, answer.json()
    job_id = answer.json()["job_id"]
    worker.run_job(job_id)
    found: dict[str, Any] = client.get(f"/api/jobs/{job_id}/status").json()
    return found


def tally(job: dict[str, Any]) -> tuple[str, int, int, int]:
    return job["status"], job["imported"], job["known"], job["failed"]


def spoken(chat: Chat) -> list[tuple[str, str]]:
    """The shown branch."""
    row, found = chat.active_leaf, []
    while row is not None:
        found.append((row.role, row.content))
        row = row.parent
    return found[::-1]


@pytest.mark.parametrize("form", ["json", "zip", "numbered"])
def test_a_chatgpt_export_with_its_branches(alice: User, alice_client: JsonClient, form: str) -> None:
    data, more = other.as_json(other.bowls()), other.as_json(other.simple("tea", "Tea?", "Yes."))
    entries = {"x/chat.html": b"<p>", "x/conversations-001.json": more, "x/conversations-000.json": data}
    sent = {
        "json": data,
        "zip": other.as_zip({"user.json": b"{}", "conversations.json": data, "file-1.png": b"\x89PNG"}),
        "numbered": other.as_zip(entries),
    }[form]
    job = bring(alice_client, sent, "export.bin")
    assert tally(job) == ("completed", 2 if form == "numbered" else 1, 0, 0)
    assert (job["progress"], job["failures"]) == (100, [])
    chat = Chat.objects.get(title="About bowls")
    assert (chat.owner, chat.model, chat.title_source) == (alice, "demo", "user")
    assert (chat.created_at, chat.updated_at) == (
        datetime(2025, 1, 1, 12, tzinfo=UTC),
        datetime(2025, 1, 1, 12, 10, tzinfo=UTC),
    )
    assert spoken(chat) == [
        ("user", "How do I mend a bowl?"),
        ("assistant", "With lacquer."),
        ("user", "🖼\nAnd this?\n\n📎 crack.txt"),
        ("assistant", "I look at it.\n\nUse gold."),
    ]
    edited = chat.messages.get(content="And a cup?")
    assert [child.content for child in edited.children.all()] == ["The same way."]
    assert edited.parent == chat.messages.get(content="With lacquer.")
    assert set(chat.messages.filter(role="assistant").values_list("model", "status", "attempt")) == {
        ("gpt-4o", "complete", 0)
    }
    assert not StoredFile.objects.exists()


def test_the_same_export_twice_makes_nothing_new_and_a_later_one_adds(alice: User, alice_client: JsonClient) -> None:
    first = other.as_json(other.simple("tea", "Tea?", "Yes."), other.bowls())
    bring(alice_client, first)
    before = list(ChatMessage.objects.order_by("pk").values())
    assert tally(bring(alice_client, first)) == ("completed", 0, 2, 0)
    assert list(ChatMessage.objects.order_by("pk").values()) == before
    later = other.as_json(other.simple("tea", "Tea?", "Yes.", "With milk?", "No."), other.bowls())
    assert tally(bring(alice_client, later)) == ("completed", 1, 1, 0)
    assert Chat.objects.count() == 2
    chat = Chat.objects.get(title="About tea")
    assert [text for _role, text in spoken(chat)] == ["Tea?", "Yes.", "With milk?", "No."]


def test_who_went_on_here_stays_there(alice: User, alice_client: JsonClient) -> None:
    bring(alice_client, other.as_json(other.simple("tea", "Tea?", "Yes.")))
    chat = Chat.objects.get()
    attempt = messages.post_message(alice, chat_id=chat.pk, content="Here now").attempt
    bring(alice_client, other.as_json(other.simple("tea", "Tea?", "Yes.", "There still", "Yes.")))
    chat.refresh_from_db()
    assert attempt is not None
    assert chat.active_leaf_id == attempt.answer_id


def test_two_people_may_bring_the_same(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient
) -> None:
    data = other.as_json(other.bowls())
    for client in (alice_client, bob_client):
        assert tally(bring(client, data)) == ("completed", 1, 0, 0)
    assert Chat.objects.filter(owner=alice).count() == Chat.objects.filter(owner=bob).count() == 1
    assert ChatMessage.objects.values("pk").distinct().count() == 12


def test_other_products(alice_client: JsonClient) -> None:
    assert tally(bring(alice_client, other.as_json(other.open_webui()))) == ("completed", 1, 0, 0)
    assert tally(bring(alice_client, json.dumps(other.librechat()).encode())) == ("completed", 1, 0, 0)
    assert spoken(Chat.objects.get(title="From Open WebUI")) == [("user", "Hi"), ("assistant", "Hello")]
    libre = [("user", "Hi there"), ("assistant", "Hello from there")]
    assert spoken(Chat.objects.get(title="From LibreChat")) == libre


ODD: list[Any] = [
    7,
    None,
    "words",
    [],
    {},
    {"title": "No tree", "mapping": 3},
    {"title": "No id", "mapping": {}},
    {"id": "x", "title": "Said nothing", "mapping": {}},
    {"id": "x", "title": ["odd"], "mapping": {}},
    other.chatgpt("round", [other.chatgpt_node("a", "b", "user", "x"), other.chatgpt_node("b", "a", "user", "y")], "a"),
    other.chatgpt("numbers", [other.chatgpt_node("a", None, "user", create_time="soon")], "a"),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: json.dumps(odd)[:30])
def test_an_odd_one_is_told_by_name_and_spoils_nothing(alice_client: JsonClient, odd: Any) -> None:
    job = bring(alice_client, other.as_json(other.simple("tea", "Tea?"), odd, other.bowls()))
    assert tally(job) == ("completed", 2, 0, 1)
    (failure,) = job["failures"]
    named = odd.get("title") if isinstance(odd, dict) and isinstance(odd.get("title"), str) else "2"
    assert failure["title"] == named
    assert failure["reason"].endswith(".")
    assert Chat.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "check"),
    [
        ({"title": None}, lambda chat: chat.title == ""),
        ({"title": "x" * 999}, lambda chat: len(chat.title) == 200),
        ({"title": "a\x00b\nc"}, lambda chat: chat.title == "ab c"),
        ({"create_time": 1e300, "update_time": -5}, lambda chat: chat.created_at.year == 2022),
        ({"create_time": None, "update_time": float("nan")}, lambda chat: chat.created_at.year == 2022),
        ({"current_node": "nowhere"}, lambda chat: chat.active_leaf.content == "No."),
        ({"current_node": None}, lambda chat: chat.active_leaf.content == "No."),
    ],
)
def test_what_is_odd_in_part_comes_in_all_the_same(
    alice_client: JsonClient, fields: dict[str, Any], check: Callable[[Chat], bool]
) -> None:
    assert tally(bring(alice_client, other.as_json(other.simple("tea", "Tea?", "No.", **fields))))[1:] == (1, 0, 0)
    assert check(Chat.objects.get())


def test_letters_the_database_does_not_take(alice_client: JsonClient) -> None:
    data = json.dumps([other.simple("tea", "half \ud83d and \x00 nothing", "Yes.")]).encode()
    assert tally(bring(alice_client, data))[1:] == (1, 0, 0)
    assert ChatMessage.objects.get(role="user").content == "half ? and  nothing"


def test_bounds_of_one_conversation(alice_client: JsonClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(trees, "MOST", 3)
    monkeypatch.setattr(trees, "LONGEST", 5)
    job = bring(alice_client, other.as_json(other.simple("long", *"abcd"), other.simple("wide", "abcdefgh")))
    assert tally(job)[1:] == (1, 0, 1)
    assert ChatMessage.objects.get().content == "abcde"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not an export"),
        (b"\x00\x01\x02", "not an export"),
        (b"words", "not an export"),
        (other.as_zip({"notes.txt": b"[]"}), "no conversations.json"),
        (other.as_zip({"conversations.json": b"words"}), "not an export"),
        (other.as_zip({"conversations.json": b"[]"})[:-10], "damaged"),
        (b"PK\x03\x04" + b"x" * 100, "damaged"),
    ],
)
def test_what_is_no_export_is_refused_at_once(alice_client: JsonClient, data: bytes, sentence: str) -> None:
    refused = send(alice_client, data)
    assert refused.status_code == 400
    assert refused.json()["code"] in {"not_an_export", "invalid"} or data == b""
    assert sentence in refused.json()["error"] or data == b""
    assert not Job.objects.filter(kind=importing.KIND).exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (other.as_json(other.simple("tea", "Tea?"))[:-1] + b',{"id":', "ends in the middle"),
        (b'["' + b"x" * 20_000 + b'"]', "larger than can be imported"),
        (b"[" + b"[" * 200_000, "deep"),
        (b"[\xff\xfe", "UTF-8"),
    ],
    ids=["cut", "one too large", "deep", "not text"],
)
def test_a_file_that_ends_badly_keeps_what_came_before(
    alice_client: JsonClient, monkeypatch: Any, data: bytes, sentence: str
) -> None:
    monkeypatch.setattr(files, "MOST_OF_ONE", 4000)
    monkeypatch.setattr(files, "_PIECE", 2000 if b"xxx" in data else 1024 * 1024)
    job = bring(alice_client, data)
    assert job["status"] == "failed"
    assert sentence in job["error_message"]
    assert Chat.objects.count() == job["imported"] == (1 if b"Tea" in data else 0)
    assert not StoredFile.objects.exists()


def test_a_bomb_does_not_go_off(alice_client: JsonClient, monkeypatch: Any, settings: Settings) -> None:
    monkeypatch.setattr(files, "MOST_UNPACKED", 100_000)
    bomb = other.as_zip({"conversations.json": b"[" + b" " * 200_000 + b"]"})
    assert len(bomb) < 1000
    refused = send(alice_client, bomb)
    assert (refused.status_code, refused.json()["code"]) == (400, "not_an_export")
    # One that understates what is in it.
    at = bomb.rfind(b"PK\x01\x02")
    lying = bomb[: at + 24] + (500).to_bytes(4, "little") + bomb[at + 28 :]
    with pytest.raises(files.Unreadable):
        list(files.conversations(mock_file(lying)))
    monkeypatch.setattr(files, "_DIRECTORY", 200)
    many = other.as_zip({f"{number}.png": b"" for number in range(50)} | {"conversations.json": b"[]"})
    assert "more files" in send(alice_client, many).json()["error"]
    # One whose true directory is told by the larger record, which Python believes.
    end = many.rfind(b"PK\x05\x06")
    small = many[: end + 12] + (100).to_bytes(4, "little") + many[end + 16 :]
    record = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 51, 51, end - many.find(b"PK\x01\x02"), 0)
    hidden = small[:end] + record + struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1) + small[end:]
    assert "more files" in send(alice_client, hidden).json()["error"]
    settings.MAX_UPLOAD_BYTES = 10
    assert send(alice_client, other.as_json(other.bowls())).status_code == 413


def test_an_import_ends_where_the_text_of_all_chats_does(
    alice_client: JsonClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=alice.pk).update(language="uk")
    first, second = other.simple("One", "Hello", "Gladly"), other.simple("Two", "And you", "Well")
    monkeypatch.setattr(sys.modules["aichat.services.importing.work"], "MOST_TEXT", len("HelloGladly") + 3)
    job = bring(alice_client, other.as_json(first, second))
    assert (job["status"], job["imported"]) == ("failed", 1), "what came before stays"
    assert "Видаліть" in job["error_message"]
    assert Chat.objects.get().title == "About One"
    assert bring(alice_client, other.as_json(first))["status"] == "completed", "what is here takes no room twice"
    Chat.objects.all().delete()
    assert bring(alice_client, other.as_json(second))["imported"] == 1


def test_hostile_texts_and_trees_take_no_longer_than_they_are_long(alice_client: JsonClient) -> None:
    """Marks that never end, and ids that stand twice, which doubled the way at each level."""
    marks = other.simple("marks", "\ue200" * 300_000 + "Tea?")
    levels = [
        {"messageId": f"n{level}", "parentMessageId": f"n{level - 1}", "text": f"Level {level}"}
        for level in range(60)
        for _twice in range(2)
    ]
    job = bring(
        alice_client, other.as_json(marks, {"conversationId": "doubled", "title": "Doubled", "messages": levels})
    )
    assert tally(job) == ("completed", 2, 0, 0)
    assert ChatMessage.objects.get(chat__title="About marks").content == "Tea?"
    assert ChatMessage.objects.filter(chat__title="Doubled").count() <= 60


def test_reasons_are_in_the_language_of_whose_chats_they_are(alice: User, alice_client: JsonClient) -> None:
    User.objects.filter(pk=alice.pk).update(language="uk")
    job = bring(alice_client, other.as_json({"title": "Дивна"}) + b"x")
    assert [failure["reason"] for failure in job["failures"]] == [
        "Її записано не так, як у жодному відомому тут експорті."
    ]
    other_way = bring(alice_client, b'[{"id":')
    assert other_way["error_message"] == "Файл обривається посередині або пошкоджений."


def test_how_many_conversations_are_taken_is_bounded(alice_client: JsonClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(files, "MOST_CONVERSATIONS", 3)
    job = bring(alice_client, b"[" + b"1," * 1000 + b"1]")
    assert (job["status"], job["failed"]) == ("failed", 3)
    assert "more conversations" in job["error_message"]


def test_a_number_longer_than_python_reads(alice_client: JsonClient) -> None:
    job = bring(alice_client, b"[" + b"1" * 5000 + b"]")
    assert (job["status"], "longer than any export" in job["error_message"]) == ("failed", True)


def mock_file(data: bytes) -> Any:
    return SimpleUploadedFile("x", data).file


def test_a_worker_that_is_lost_is_followed_by_one_that_goes_on(alice_client: JsonClient) -> None:
    talks = [other.simple(f"talk-{number}", f"Question {number}", "Yes.") for number in range(6)]
    job_id = send(alice_client, other.as_json(*talks)).json()["job_id"]
    seen: list[str] = []
    read = importing.work.__globals__["formats"].read

    def dying(found: Any) -> Any:
        seen.append(found["id"])
        if len(seen) == 4:
            raise ConnectionError("killed")
        return read(found)

    with mock.patch("aichat.services.importing.formats.read", dying):
        worker.run_job(job_id)
        assert Chat.objects.count() == 3
        job = Job.objects.get(pk=job_id)
        with time_machine.travel(job.run_at + timedelta(seconds=1), tick=False):
            worker.run_job(job_id)
    assert seen == ["talk-0", "talk-1", "talk-2", "talk-3", "talk-3", "talk-4", "talk-5"]
    assert tally(alice_client.get(f"/api/jobs/{job_id}/status").json()) == ("completed", 6, 0, 0)


def test_one_at_a_time_is_read_for_a_person(alice_client: JsonClient, bob_client: JsonClient) -> None:
    first = send(alice_client, other.as_json(other.bowls())).json()["job_id"]
    refused = send(alice_client, other.as_json(other.bowls()))
    assert (refused.status_code, refused.json()["code"]) == (409, "import_running")
    assert send(bob_client, other.as_json(other.bowls())).status_code == 202
    alice_client.post(f"/api/jobs/{first}/cancel")
    assert send(alice_client, other.as_json(other.bowls())).status_code == 202


def test_a_cancelled_one_leaves_no_file(alice_client: JsonClient, charlie_client: JsonClient) -> None:
    job_id = send(alice_client, other.as_json(other.bowls())).json()["job_id"]
    assert charlie_client.get(f"/api/jobs/{job_id}/status").status_code == 404
    assert alice_client.post(f"/api/jobs/{job_id}/cancel").json()["status"] == "cancelled"
    assert not StoredFile.objects.exists()
    assert not Chat.objects.exists()


def test_other_tabs_hear_of_it_once(alice: User, alice_client: JsonClient) -> None:
    bring(alice_client, other.as_json(*(other.simple(f"t{number}", "Hi") for number in range(5))))
    (event,) = StreamEvent.objects.filter(stream_id=alice.pk)
    assert (event.type, json.loads(event.payload)) == ("chats.imported", {"count": 5})


@pytest.mark.parametrize(("seconds", "looks", "told"), [(30, False, 1), (30, True, 0), (5, False, 0)])
def test_who_is_elsewhere_is_told_when_it_took_long(
    alice: User, alice_client: JsonClient, seconds: int, looks: bool, told: int
) -> None:
    browser = Browser("https://push.example.com/a").subscription()
    subscriptions.subscribe(alice, endpoint=browser["endpoint"], **browser["keys"])
    job_id = send(alice_client, other.as_json(other.bowls())).json()["job_id"]
    Job.objects.filter(pk=job_id).update(created_at=timezone.now() - timedelta(seconds=seconds))
    if looks:
        alice_client.get(f"/api/jobs/{job_id}/status")
    worker.run_job(job_id)
    assert [notice.kind for notice in PushNotice.objects.all()] == ["job"] * told
    assert push.reachable([alice.pk])
