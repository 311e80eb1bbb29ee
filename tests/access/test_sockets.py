"""Who gets what over the socket: every registered command × every role, with real sockets."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from core import modules
from core.realtime import commands as registered
from kintsugi.config import BASE_DIR
from tests.access.commands import COMMANDS
from tests.access.estate import World
from tests.access.estate import snapshot
from tests.access.estate import written
from tests.access.rows import filled
from tests.access.surface import socket_commands
from tests.kit.asgi_sockets import Client
from tests.kit.asgi_sockets import access_token
from tests.kit.asgi_sockets import connected

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def db() -> None:
    """Rows are committed here: sockets have their own connections."""


def unlisted() -> set[str]:
    """Where table and registry do not agree."""
    return socket_commands() ^ set(COMMANDS)


OWN_SOCKETS: dict[str, str] = {
    "sfu": "calls/tests/test_socket_door.py",
    "api/jobs/ws/generation/<uuid:document_id>": "documents/tests/test_following.py",
}
"""Route of an app's own socket → the file, from the root of the project, whose tests show what each role gets there."""


def test_every_socket_of_an_apps_own_is_tested_for_every_role() -> None:
    assert set(modules.socket_routes()) == set(OWN_SOCKETS)
    assert [path for path in OWN_SOCKETS.values() if not (BASE_DIR / path).is_file()] == []


def test_every_command_has_a_row() -> None:
    assert unlisted() == set()


def test_a_new_command_without_a_row_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registered, "_commands", dict(registered.registry()))
    monkeypatch.setattr(registered, "registry", lambda: registered._commands)
    registered.command("message.steal", registered.Payload)(lambda actor, payload: None)
    assert unlisted() == {"message.steal"}


async def answer_to(client: Client, name: str, payload: dict[str, Any]) -> str:
    """``ok``, ``synced``, ``silent``, or the code of the error."""
    if name == "pong":  # no answer is due; the socket lives on
        await client.say(name, payload)
        return "silent" if (await client.ask("ack"))["type"] == "ok" else "lost"
    answer = await client.ask(name, payload)
    return str(answer["payload"]["code"] if answer["type"] == "error" else answer["type"])


async def refused_socket(token: str, name: str, payload: dict[str, Any]) -> int | None:
    """The close code of a socket that sends its command without waiting to be let in."""
    client = await Client(query=f"token={token}").open()
    await client.say(name, payload, "1")
    code = await client.closing()
    assert [frame["type"] for frame in client.seen] in ([], ["error"]), client.seen
    await client.leave()
    return code


PRESENCE = {"accounts_user"}
"""When somebody was last here is written by connecting, not by a command."""


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_a_role_gets_what_the_table_says(transactional_db: None, name: str) -> None:
    world: World = await sync_to_async(World.build)()
    owner, member, stranger = COMMANDS[name][0].split()
    payload = filled(COMMANDS[name][1], world.hers)
    tokens = {role: await sync_to_async(access_token)(user) for role, user in world.people.items()}
    before = await sync_to_async(snapshot)()

    alice = world.people["owner"]
    assert await refused_socket("", name, payload) == 4001
    await User.objects.filter(pk=alice.pk).aupdate(is_active=False)
    assert await refused_socket(tokens["owner"], name, payload) == 4001
    await User.objects.filter(pk=alice.pk).aupdate(is_active=True)

    for role, expected in (("stranger", stranger), ("staff", stranger), ("member", member)):
        async with connected(world.people[role], token=tokens[role]) as client:
            assert await answer_to(client, name, payload) == expected, role
            if role != "member":
                assert world.hers.canary not in str(client.seen), role
        if expected != "ok":
            changed = set(written(before, await sync_to_async(snapshot)())) - PRESENCE
            assert not changed, f"{role}: a refusal wrote {sorted(changed)}"
    async with connected(world.people["owner"], token=tokens["owner"]) as client:
        assert await answer_to(client, name, payload) == owner


@pytest.mark.parametrize("name", sorted(name for name, (cell, _) in COMMANDS.items() if "not_found" in cell))
async def test_the_foreign_and_the_missing_are_answered_alike(transactional_db: None, name: str) -> None:
    world: World = await sync_to_async(World.build)()
    foreign = filled(COMMANDS[name][1], world.hers)
    missing = {key: str(uuid4()) if key.endswith("_id") else value for key, value in foreign.items()}
    async with connected(world.people["stranger"]) as client:
        answers = [await client.ask(name, payload) for payload in (foreign, missing)]
    assert answers[0] == answers[1]


async def test_a_stranger_who_asks_for_foreign_streams_gets_nothing_of_them(transactional_db: None) -> None:
    world: World = await sync_to_async(World.build)()
    room, owner = world.hers.ids["conversation_id"], world.hers.ids["owner_id"]
    people = world.people
    async with connected(people["stranger"]) as thief, connected(people["owner"]) as alice:
        invented = f"c:{uuid4()}"
        asked = {f"c:{room}", f"u:{owner}", invented}
        synced = await thief.ask("sync", {"streams": dict.fromkeys(asked, 0)})
        assert asked <= set(synced["payload"]["reset"])  # the foreign as the invented: "not the user's"
        assert not asked & set(synced["payload"]["heads"])
        async with connected(people["member"], sync=True) as bob:
            await alice.ask("message.send", {"conversation_id": str(room), "content": world.hers.canary})
            await bob.hear("message.new")  # it went out
        await thief.ask("ack", {}, "last")
        assert {frame["type"] for frame in thief.seen} <= {"hello", "synced", "ok"}
