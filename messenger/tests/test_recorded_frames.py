"""What the socket sends, recorded for the web client, which replays it through its reducer.

One client listens while others do everything that can be done. After each deed stand its frames, and what REST says of
the same moment: a client that took the frames must hold the same. ``make record`` writes the recording anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone

from accounts import contact_policy
from accounts.models import User
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.models import StoredFile
from core.realtime import catalogue
from messenger import events
from messenger.services import speaking
from messenger.tests.factories import EverybodysAgents
from messenger.tests.factories import make_agent
from tests.kit.asgi_sockets import Client
from tests.kit.asgi_sockets import connected

pytestmark = pytest.mark.django_db(transaction=True)

RECORDING = settings.BASE_DIR / "frontend/src/features/messenger/model/testing/recorded.json"
ROOT = "/api/messenger"
TYPES = {event.type for event in catalogue.events() if event.__module__ == events.__name__}

State = dict[str, dict[str, Any]]
"""Conversations, messages and stories, each by id."""


@dataclass
class Recorder:
    """Writes down what one listener hears, deed by deed, and what REST says after each."""

    socket: Client
    listener: JsonClient
    state: State = field(default_factory=dict)
    """What REST says now."""
    steps: list[dict[str, Any]] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)
    """When each step was over."""

    async def step(self, deed: str, do: Callable[[], Any], *frames: str) -> Any:
        """Do it; the listener hears exactly these frames, in each stream in order. Answers what doing it answered."""
        answer = await sync_to_async(do)()
        heard = [await self._hear() for _ in frames]
        assert sorted(frame["type"] for frame in heard) == sorted(frames), deed
        # Between two streams there is no order, and a recording needs one.
        heard.sort(key=lambda frame: "room" in frame)
        before, self.state = self.state, await sync_to_async(self._read)()
        changed = {kind: _changes(before.get(kind, {}), after) for kind, after in self.state.items()}
        self.steps.append({"deed": deed, "frames": heard, "changed": changed})
        self.ends.append(timezone.now())
        return answer

    async def _hear(self) -> dict[str, Any]:
        while (frame := await self.socket.hear())["type"] not in TYPES:
            if frame["type"] == "ping":
                await self.socket.say("pong")
        return frame

    def _read(self) -> State:
        conversations = self._results("conversations?limit=100")
        histories = [self._results(f"conversations/{one['id']}/messages?limit=100") for one in conversations]
        stories = [story for group in self._results("stories") for story in group["stories"]]
        found = {"conversations": conversations, "messages": list(chain(*histories)), "stories": stories}
        return {kind: {one["id"]: one for one in each} for kind, each in found.items()}

    def _results(self, path: str) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self.listener.get(f"{ROOT}/{path}").json()["results"]
        return results


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What is new or another now by id; None for what is gone."""
    changed = {key: one for key, one in after.items() if before.get(key) != one}
    return changed | dict.fromkeys(sorted(before.keys() - after.keys()))


def call(client: JsonClient, method: str, path: str, body: dict[str, Any] | None = None) -> Callable[[], Any]:
    """A deed by REST; doing it answers the JSON, if there is any."""

    def do() -> Any:
        answer = getattr(client, method)(f"{ROOT}/{path}", body or {})
        assert answer.status_code < 300, (path, answer.content)
        return answer.json() if answer.content else None

    return do


async def test_the_client_is_tested_with_what_the_server_sends(alice: User, bob: User, charlie: User) -> None:
    erin = await sync_to_async(make_user)("erin")
    people = {user.username or "": await sync_to_async(signed_in)(user) for user in (alice, bob, charlie, erin)}
    async with connected(alice, sync=True) as socket:
        record = Recorder(socket, people["alice"])
        room = await the_talk_of_two(record, people, alice, bob)
        await the_agent(record, people, alice)
        await the_group(record, people, room)
        await another_name(record, people["bob"])
        await the_stories(record, bob, people["bob"])
    assert {frame["type"] for step in record.steps for frame in step["frames"]} == TYPES
    recorded = Stable(record.ends).whole({"me": str(alice.pk), "steps": record.steps})
    text = json.dumps(recorded, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("RECORD_FRAMES"):
        RECORDING.write_text(text, encoding="utf-8")
    assert RECORDING.read_text(encoding="utf-8") == text, "The socket sends something else now: `make record`."


async def the_talk_of_two(record: Recorder, people: dict[str, JsonClient], alice: User, bob: User) -> str:
    """Everything that can happen to messages and to one's own settings; answers the conversation."""
    other = people["bob"]
    new = {"type": "direct", "participant_ids": [str(alice.pk)]}
    room = (await record.step("Bob begins a talk", call(other, "post", "conversations", new), "conversation.created"))[
        "id"
    ]
    here = f"conversations/{room}"
    first = await messages_come_and_go(record, people, bob, here)
    await settings_of_ones_own(record, people, alice, here, first)
    return str(room)


async def messages_come_and_go(record: Recorder, people: dict[str, JsonClient], bob: User, here: str) -> str:
    """They are answered, read, edited, marked, pinned and deleted; answers the first one, which stays."""
    me, other = people["alice"], people["bob"]

    async def said(deed: str, who: JsonClient, content: str, **more: Any) -> Any:
        body = {"content": content, "client_id": f"c-{len(record.steps)}", **more}
        return await record.step(deed, call(who, "post", f"{here}/messages", body), "message.new")

    first = await said("Bob says hello", other, "Hello, @alice")
    long = await said("Bob goes on and on", other, "🍵" * 250)
    await record.step("Bob writes", call(other, "post", f"{here}/typing", {"is_typing": True}), "user.typing")
    answer = await said("Alice answers, which is reading", me, "So much tea", reply_to_id=long["id"])
    await record.step("Bob reads", call(other, "post", f"{here}/read", {"message_id": answer["id"]}), "message.read")

    message = f"messages/{long['id']}"
    edit = {"content": "Less tea: " + "🫖" * 240}
    await record.step("Bob edits what was quoted", call(other, "put", message, edit), "message.updated")
    for who, client in (("Bob", other), ("Alice", me)):
        react = call(client, "post", f"messages/{answer['id']}/reactions", {"emoji": "🔥"})
        await record.step(f"{who} puts an emoji", react, "reaction.added")
    await record.step(
        "Bob takes his back", call(other, "delete", f"messages/{answer['id']}/reactions/🔥"), "reaction.removed"
    )
    await record.step("Bob pins", call(other, "put", f"messages/{first['id']}/pin"), "message.updated")
    await record.step("Alice pins another", call(me, "put", f"{message}/pin"), "message.updated")
    await record.step("Bob unpins", call(other, "delete", f"messages/{first['id']}/pin"), "message.updated")

    picture = await sync_to_async(make_picture)(bob)
    unread = await said("Bob shows a picture to @alice", other, "For @alice", media_id=str(picture.pk))
    last = await said("Bob says more", other, "Do you see it, @alice?")
    await said("Bob says a last word", other, "Well?")
    read = {"message_id": unread["id"]}
    await record.step("Alice reads the first of three", call(me, "post", f"{here}/read", read), "message.read")
    await record.step(
        "Bob deletes one she has not read", call(other, "delete", f"messages/{last['id']}"), "message.deleted"
    )
    await record.step("Bob deletes the picture", call(other, "delete", f"messages/{unread['id']}"), "message.deleted")
    await record.step("Bob deletes what was quoted", call(other, "delete", message), "message.deleted")
    return str(first["id"])


async def settings_of_ones_own(
    record: Recorder, people: dict[str, JsonClient], alice: User, here: str, first: str
) -> None:
    """What each of the two does for themselves: put away, draft, block, delete."""
    me, other = people["alice"], people["bob"]
    for deed, change in (
        ("Alice puts it on top, in silence", {"is_pinned": True, "is_muted": True}),
        ("Alice puts it away", {"is_archived": True}),
        ("Alice takes it out again", {"is_archived": False, "is_muted": False}),
    ):
        await record.step(deed, call(me, "put", f"{here}/settings", change), "conversation.updated")
    draft = {"content": "I think", "reply_to_id": first}
    await record.step("Alice begins to write", call(me, "put", f"{here}/draft", draft), "conversation.updated")
    await record.step(
        "Alice thinks better of it", call(me, "put", f"{here}/draft", {"content": ""}), "conversation.updated"
    )
    block = {"user_id": str(alice.pk)}
    await record.step("Bob blocks Alice", call(other, "post", "blocks", block), "conversation.updated")
    await record.step("Bob relents", call(other, "delete", f"blocks/{alice.pk}"), "conversation.updated")
    await record.step("Alice deletes the talk", call(me, "delete", here), "conversation.deleted")
    words = {"content": "Are you there?", "client_id": "c-back"}
    back = call(other, "post", f"{here}/messages", words)
    await record.step("Bob says something, which brings it back", back, "conversation.created")


async def the_group(record: Recorder, people: dict[str, JsonClient], room: str) -> None:
    """Members come, change and go; at the end the listener does, from one group by will and from others not."""
    me, other = people["alice"], people["bob"]
    ids = {
        name: str(await sync_to_async(User.objects.values_list("pk", flat=True).get)(username=name)) for name in people
    }

    def group(name: str, *members: str) -> Callable[[], Any]:
        new = {"type": "group", "name": name, "participant_ids": [ids[member] for member in members]}
        return call(other, "post", "conversations", new)

    tea = (await record.step("Bob makes a group", group("Tea", "alice", "charlie"), "conversation.created"))["id"]
    here = f"conversations/{tea}"

    async def note(deed: str, do: Callable[[], Any], event: str) -> None:
        await record.step(deed, do, event, "message.new")

    await note("Bob renames it", call(other, "patch", here, {"name": "Tea and cake"}), "conversation.updated")
    adding = {"user_ids": [ids["erin"]]}
    await note("Bob adds Erin", call(other, "post", f"{here}/participants", adding), "participant.added")
    role = call(other, "patch", f"{here}/participants/{ids['alice']}", {"role": "admin"})
    await note("Bob makes Alice an admin", role, "participant.updated")
    role = call(other, "patch", f"{here}/participants/{ids['erin']}", {"role": "admin"})
    await note("Bob makes Erin an admin", role, "participant.updated")
    leaving = call(people["charlie"], "delete", f"{here}/participants/{ids['charlie']}")
    await note("Charlie leaves", leaving, "participant.removed")
    words = {"content": "@alice, cake?", "client_id": "g-1"}
    said = await record.step("Bob asks her", call(other, "post", f"{here}/messages", words), "message.new")
    forward = {"conversation_ids": [room], "client_id": "g-2"}
    await record.step("Bob forwards it", call(other, "post", f"messages/{said['id']}/forward", forward), "message.new")
    await record.step(
        "Erin reads", call(people["erin"], "post", f"{here}/read", {"message_id": said["id"]}), "message.read"
    )
    removing = call(me, "delete", f"{here}/participants/{ids['erin']}")
    await note("Alice removes Erin", removing, "participant.removed")
    await record.step("Alice leaves", call(me, "delete", f"{here}/participants/{ids['alice']}"), "conversation.deleted")

    cake = (await record.step("Bob makes another", group("Cake", "alice"), "conversation.created"))["id"]
    removed = call(other, "delete", f"conversations/{cake}/participants/{ids['alice']}")
    await record.step("Bob removes Alice", removed, "conversation.deleted")
    milk = (await record.step("Bob makes a third", group("Milk", "alice"), "conversation.created"))["id"]
    ending = call(other, "delete", f"conversations/{milk}")
    await record.step("Bob deletes it", ending, "conversation.deleted", "conversation.deleted")


async def another_name(record: Recorder, bob: JsonClient) -> None:
    """Bob calls himself something else: in the talk and in the group that both are still in."""
    naming = partial(bob.patch, "/api/auth/me", {"display_name": "Боб 🍵"})
    await record.step("Bob calls himself otherwise", naming, "person.updated", "person.updated")


async def the_agent(record: Recorder, people: dict[str, JsonClient], alice: User) -> None:
    """An agent's answer grows; what was told and what is kept are the same at the end of each step."""
    helper = await sync_to_async(make_agent)("helper")
    new = {"type": "group", "name": "Help", "participant_ids": [str(alice.pk), str(helper.pk)]}
    with contact_policy.registered(EverybodysAgents()):
        asking = call(people["bob"], "post", "conversations", new)
        begun = await record.step("Bob asks an agent in", asking, "conversation.created")
    said: dict[str, Any] = {"conversation_id": UUID(begun["id"]), "client_id": "run:0", "run_id": uuid4()}

    def go_on(speech: speaking.Speech, text: str) -> None:
        assert speaking.tell(speech, text) == 0
        speaking.keep(speech, text)

    speech = await record.step(
        "The agent begins", lambda: speaking.begin(helper, text="Tea 🍵", payer_id=alice.pk, **said), "message.new"
    )
    await record.step("It goes on", lambda: go_on(speech, "Tea 🍵 is best at"), "message.delta")
    again = await record.step(
        "Another process takes over",
        lambda: speaking.begin(helper, text="Tea?", payer_id=alice.pk, **said),
        "message.updated",
    )
    await record.step("It goes on, too", lambda: go_on(again, "Tea? At five"), "message.delta")
    whole = "Tea? At five, @alice"
    await record.step("It has finished", lambda: speaking.finish(again, whole, tokens=21), "message.updated")


async def the_stories(record: Recorder, bob: User, other: JsonClient) -> None:
    """A story is told, and is over."""
    picture = await sync_to_async(make_picture)(bob, "story")
    new = {"media_id": str(picture.pk), "caption": "Tea", "client_id": "s-1"}
    story = await record.step("Bob tells a story", call(other, "post", "stories", new), "story.new")
    await record.step("Bob deletes it", call(other, "delete", f"stories/{story['id']}"), "story.expired")


def make_picture(owner: User, purpose: str = "message") -> StoredFile:
    """A row as an upload leaves it."""
    return StoredFile.objects.create(
        owner=owner,
        kind="image",
        name="tea.png",
        mime_type="image/png",
        size=10,
        width=40,
        height=30,
        sha256="0" * 64,
        purpose=purpose,
        key=uuid4().hex,
    )


@dataclass
class Stable:
    """Ids and times become the same in every run: ids by their first place, times by the step they lie in."""

    ends: list[datetime]
    ids: dict[str, str] = field(default_factory=dict)

    def whole(self, value: Any) -> Any:
        """The same value, made stable."""
        if isinstance(value, dict):
            return {self.text(key): self.whole(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.whole(part) for part in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        if _TIME.fullmatch(text):
            return self._time(datetime.fromisoformat(text))
        return _ID.sub(lambda found: self._id(found[0]), text)

    def _id(self, found: str) -> str:
        return self.ids.setdefault(found, f"00000000-0000-7000-8000-{len(self.ids) + 1:012}")

    def _time(self, moment: datetime) -> str:
        day = 0
        while moment > self.ends[-1]:
            moment -= timedelta(days=1)
            day += 1
        step = sum(end < moment for end in self.ends)
        return f"{_FIRST + timedelta(days=day, minutes=step):%Y-%m-%dT%H:%M:%SZ}"


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
