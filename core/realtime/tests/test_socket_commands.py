"""What comes in: frames, commands, their answers and their limits."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.db import transaction
from pytest_django.fixtures import Settings

from accounts.models import User
from core import errors
from core.realtime import commands
from core.realtime import streams
from core.realtime.connection import Connection
from core.realtime.names import user_stream
from core.realtime.presence_events import UserOnline
from core.shapes import Shape
from tests.kit.asgi_sockets import connected

pytestmark = pytest.mark.django_db(transaction=True)


class Note(commands.Payload):
    example = {"text": "Tea"}
    text: str
    room: UUID | None = None


class Said(Shape):
    text: str
    by: UUID


class Blocked(errors.Forbidden):
    code = "blocked"


_gate = threading.Event()


@pytest.fixture(autouse=True)
def _commands(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(commands, "_commands", dict(commands.registry()))
    monkeypatch.setattr(commands, "registry", lambda: commands._commands)
    _gate.clear()

    @commands.command("test.say", Note)
    def say(actor: User, payload: Note) -> Said:
        return Said(text=payload.text, by=actor.pk)

    @commands.command("test.where", Note)
    def where(actor: User, payload: Note, *, connection: Connection) -> dict[str, Any]:
        return {"session": connection.session_id}

    @commands.command("test.nothing", Note)
    def nothing(actor: User, payload: Note) -> None:
        return None

    @commands.command("test.fail", Note)
    def fail(actor: User, payload: Note) -> None:
        raise {
            "not_found": errors.NotFound(),
            "blocked": Blocked(),
            "conflict": errors.Conflict(),
            "rate_limited": errors.RateLimited(retry_after=7),
            "invalid": errors.InvalidInput(details={"text": ["Too long."]}),
            "database": OperationalError("gone"),
            "bug": KeyError("secret-detail"),
        }[payload.text]

    @commands.command("test.slow", Note)
    def slow(actor: User, payload: Note) -> dict[str, str]:
        _gate.wait(20)
        return {"text": payload.text}

    yield
    _gate.set()


async def test_a_command_is_answered_with_its_id(alice: User) -> None:
    async with connected(alice) as client:
        answer = await client.ask("test.say", {"text": "Tea?"}, "c1")
        assert answer == {"type": "ok", "id": "c1", "payload": {"text": "Tea?", "by": str(alice.pk)}}
        await client.say("test.say", frame_id="c2", data={"text": "data"})
        assert (await client.hear())["payload"]["text"] == "data"
        where = await client.ask("test.where", {"text": ""}, "c3")
        hello = client.seen[0]["payload"]
        assert where["payload"] == {"session": hello["session_id"]}


async def test_what_has_no_id_is_answered_only_when_there_is_something_to_say(alice: User) -> None:
    async with connected(alice) as client:
        await client.say("test.nothing", {"text": ""})
        await client.say("pong")
        await client.say("ack")
        await client.say("test.nothing", {"text": ""}, "c1")
        assert await client.hear() == {"type": "ok", "id": "c1", "payload": {}}


@pytest.mark.parametrize(
    ("kind", "code", "retryable", "more"),
    [
        ("not_found", "not_found", False, {}),
        ("blocked", "blocked", False, {}),
        ("conflict", "conflict", True, {}),
        ("rate_limited", "rate_limited", True, {"retry_after": 7}),
        ("invalid", "bad_request", False, {"details": {"text": ["Too long."]}}),
        ("database", "unavailable", True, {"retry_after": 1}),
        ("bug", "unavailable", True, {"retry_after": 1}),
    ],
)
async def test_refusals_say_whether_to_try_again(
    alice: User, kind: str, code: str, retryable: bool, more: dict[str, Any]
) -> None:
    async with connected(alice) as client:
        answer = await client.ask("test.fail", {"text": kind}, "c1")
        payload = answer["payload"]
        assert (answer["type"], answer["id"]) == ("error", "c1")
        assert (payload["code"], payload["retryable"]) == (code, retryable)
        assert {key: payload[key] for key in payload if key not in ("code", "retryable", "error")} == more
        assert payload["error"]
        assert "secret-detail" not in json.dumps(answer)
        assert (await client.ask("test.say", {"text": "on"}, "c2"))["type"] == "ok"


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "text"),
        ({"text": 1}, "text"),
        ({"text": "", "room": "x"}, "room"),
        ([], "payload"),
        ({"text": "a", "z": 1}, "z"),
    ],
)
async def test_a_payload_of_another_shape_is_a_bad_request(alice: User, payload: Any, field: str) -> None:
    async with connected(alice) as client:
        answer = await client.ask("test.say", payload)
        assert (answer["payload"]["code"], list(answer["payload"]["details"])) == ("bad_request", [field])


async def test_unknown_types_and_nul_are_bad_requests(alice: User) -> None:
    async with connected(alice) as client:
        for frame_type in ("no.such", "hello", "Message.Send"):
            assert (await client.ask(frame_type, {}))["payload"]["code"] == "bad_request"
        answer = await client.ask("test.say", {"text": "a\x00b"})
        assert (answer["payload"]["code"], answer["payload"]["retryable"]) == ("bad_request", False)
        bad_sync = await client.ask("sync", {"streams": {"u:x": -1}})
        assert bad_sync["payload"]["code"] == "bad_request"


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[]", "null", "7", "{}", '{"type": 1}', '{"payload": {}}', '{"type": "x", "id": {}}', "[" * 60_000,
     json.dumps({"type": "x" * 65}), '{"type": "x", "payload": NaN}'],
)  # fmt: skip
async def test_what_is_no_frame_closes_the_socket(alice: User, text: str) -> None:
    async with connected(alice) as client:
        await client.text(text)
        assert await client.closing() == 4009


@pytest.mark.parametrize(
    "text",
    [r'{"type": "test.say", "id": "c7", "payload": {"text": "broken \ud83d half"}}',
     r'{"payload": {"text": "\udffa"}, "type": "test.say", "id": "c7"}',
     '{"type": "test.say", "id": "c7", "payload": {"text": NaN}}',
     '{"type": 1, "id": "c7"}', '{"id": "c7"}'],
)  # fmt: skip
async def test_what_cannot_be_read_is_answered_by_its_name_and_the_socket_goes_on(alice: User, text: str) -> None:
    async with connected(alice) as client:
        await client.text(text)
        answer = await client.hear()
        assert (answer["type"], answer["id"]) == ("error", "c7")
        assert (answer["payload"]["code"], answer["payload"]["retryable"]) == ("bad_request", False)
        assert (await client.ask("test.say", {"text": "next"}))["type"] == "ok"


@pytest.mark.parametrize(
    "name", [r'"\ud83d"', '"' + "c" * 65 + '"', "true", "1e400", str(2**70), "{}", "null", '"c7", "id": {}']
)
async def test_a_name_that_cannot_be_said_again_is_none(alice: User, name: str) -> None:
    async with connected(alice) as client:
        await client.text(f'{{"type": 1, "id": {name}}}')
        assert await client.closing() == 4009


async def test_unreadable_frames_count_against_the_bound(alice: User) -> None:
    async with connected(alice) as client:
        for _ in range(200):
            await client.text('{"id": "c7"}')
        codes = set()
        while (frame := await client.hear())["type"] == "error":
            codes.add(frame["payload"]["code"])
            if "rate_limited" in codes:
                break
        assert "rate_limited" in codes


async def test_binary_frames_are_malformed_and_large_ones_too_large(alice: User) -> None:
    async with connected(alice) as client:
        await client.raw({"type": "websocket.receive", "bytes": b"{}"})
        assert await client.closing() == 4009
    for size, closed in ((65_536, False), (65_537, True)):
        frame = json.dumps({"type": "test.say", "id": "c1", "payload": {"text": ""}})
        text = frame.replace('"text": ""', '"text": "' + "é" * ((size - len(frame)) // 2) + '"')
        text += " " * (size - len(text.encode()))
        assert len(text.encode()) == size
        async with connected(alice) as client:
            await client.text(text)
            if closed:
                assert await client.closing() == 1009
            else:
                assert (await client.hear())["type"] == "ok"


async def test_commands_of_one_socket_keep_their_order_and_only_so_many_wait(alice: User, settings: Settings) -> None:
    settings.RATE_LIMIT_ENABLED = False
    async with connected(alice) as client:
        for number in range(34):
            await client.say("test.slow", {"text": str(number)}, str(number))
        refused = [await client.hear() for _ in range(2)]
        assert [(frame["id"], frame["payload"]["code"]) for frame in refused] == [
            ("32", "rate_limited"),
            ("33", "rate_limited"),
        ]
        _gate.set()
        answers = [(await client.hear())["payload"]["text"] for _ in range(32)]
        assert answers == [str(number) for number in range(32)]


async def test_thirty_at_once_then_ten_a_second_and_abuse_closes(alice: User) -> None:
    async with connected(alice) as client:
        for number in range(200):
            await client.say("test.nothing", {"text": ""}, str(number))
        assert await client.closing() == 4029
        refused = [frame for frame in client.seen if frame["type"] == "error"]
        assert len(refused) == 100
        assert {(frame["payload"]["code"], frame["payload"]["retryable"]) for frame in refused} == {
            ("rate_limited", True)
        }
        assert all(frame["payload"]["retry_after"] >= 1 for frame in refused)


async def test_what_was_asked_for_is_done_although_the_client_has_gone(alice: User) -> None:
    done: list[str] = []

    @commands.command("test.note", Note)
    def note(actor: User, payload: Note) -> None:
        done.append(payload.text)

    async with connected(alice) as client:
        for text in "abc":
            await client.say("test.note", {"text": text})
    assert done == ["a", "b", "c"]


async def test_one_type_has_one_function() -> None:
    with pytest.raises(ValueError, match="two functions"):
        commands.command("test.say", Note)(lambda actor, payload: None)


async def test_a_stranger_hears_nothing_of_a_stream_that_is_not_theirs(alice: User, charlie: User) -> None:
    name = f"u:{alice.pk}"

    def write() -> None:
        with transaction.atomic():
            streams.append(user_stream(alice.pk), UserOnline(user_id=alice.pk))

    await sync_to_async(write)()
    async with connected(alice, sync=True) as owner, connected(charlie) as stranger:
        synced = await stranger.ask("sync", {"streams": {name: 0}})
        assert name in synced["payload"]["reset"]
        assert name not in synced["payload"]["heads"]
        await sync_to_async(write)()
        assert (await owner.hear("user.online"))["seq"] == 2
        assert (await stranger.ask("ack"))["type"] == "ok"
        assert not [frame for frame in stranger.seen if frame["type"] == "user.online" and "seq" in frame]


async def test_a_frame_that_nests_deeper_than_python_calls_is_one_refusal(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    nested = "[" * 900 + "]" * 900
    async with connected(alice) as client:
        await client.text(f'{{"type":"test.say","id":"deep","payload":{{"text":"Tea","more":{nested}}}}}')
        answer = await client.hear("error")
    assert (answer["id"], answer["payload"]["code"], answer["payload"]["retryable"]) == ("deep", "bad_request", False)
    assert not [record for record in caplog.records if record.exc_info]
