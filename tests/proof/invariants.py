"""What must hold after a play, by what every tab was told and what the database has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.proof.client import Tab
from tests.proof.stage import Stage


@dataclass
class Person:
    """Somebody who signed up."""

    name: str
    id: str
    token: str


class Invariants:
    """Of one play; the numbers are those of the specification of real time."""

    stage: Stage
    people: dict[str, Person]
    tabs: dict[str, Tab]
    room: str
    removed_at: int | None
    heard_before: int
    read_before: dict[str, int]

    def request(self, person: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        raise NotImplementedError

    def check_exactly_once(self) -> None:
        """1 and 4: what has its ok is there once, and what is there twice is nowhere."""
        stored = self.stage.rows(
            "SELECT m.client_id, m.content, count(*) OVER (PARTITION BY m.sender_id, m.client_id), m.id::text"
            " FROM conversation_messages m WHERE m.conversation_id = %s AND m.client_id IS NOT NULL",
            self.room,
        )
        by_client = {row[0]: row for row in stored}
        doubled = [row for row in stored if row[2] != 1]
        assert not doubled, f"there twice: {doubled}"
        for tab in self.tabs.values():
            for client_id, send in tab.sends.items():
                if send.state == "sent":
                    assert client_id in by_client, f"{client_id} was confirmed to {tab.name} and is nowhere"
                    assert {answer["id"] for answer in send.answers} == {by_client[client_id][3]}

    def check_view(self, tab: Tab) -> None:
        """2: every event from the first one that a tab saw, in the order of the database."""
        stream = f"c:{self.room}"
        seen = tab.events.get(stream, {})
        stored = {
            seq: (kind, payload)
            for seq, kind, payload in self.stage.rows(
                "SELECT seq, type, payload FROM realtime_events WHERE stream_id = %s ORDER BY seq", self.room
            )
        }
        first = min(seen, default=max(stored) + 1)
        if tab.is_steady:
            wanted = {seq: kind for seq, (kind, _) in stored.items() if seq >= first}
            told = {seq: frame["type"] for seq, frame in seen.items()}
            differs = {
                seq: (told.get(seq), wanted.get(seq)) for seq in told | wanted if told.get(seq) != wanted.get(seq)
            }
            assert not differs, f"{tab.name} was told, and the database has: {differs}"
        for seq, frame in seen.items():
            kind, payload = stored[seq]
            assert frame["type"] == kind, f"{tab.name} was told another story at {seq}"
            if not kind.startswith("message."):  # messages are rewritten when they are edited or deleted
                assert frame["payload"] == json.loads(payload), f"{tab.name} at {seq}"
        self._check_texts(tab, seen)

    def _check_texts(self, tab: Tab, seen: dict[int, dict[str, Any]]) -> None:
        """What the events of the present stay add up to is what the table holds."""
        began = tab.stays.get(f"c:{self.room}", 0)
        shown: dict[str, tuple[str, bool]] = {}
        for seq, frame in sorted(seen.items()):
            payload = frame["payload"]
            if seq <= began:
                continue
            if frame["type"] in {"message.new", "message.updated"}:
                shown[payload["id"]] = (payload["content"], payload["is_deleted"])
            elif frame["type"] == "message.deleted":
                shown[payload["message_id"]] = ("", True)
        stored = self.stage.rows(
            "SELECT id::text, content, is_deleted FROM conversation_messages WHERE conversation_id = %s", self.room
        )
        table = {identity: (content, deleted) for identity, content, deleted in stored}
        differs = {one: (shown[one], table[one]) for one in shown if shown[one] != table[one]}
        assert not differs, f"{tab.name} shows, and the table holds: {differs}"

    def check_grown(self) -> None:
        """7: what an agent wrote has an end, and of one that nobody disturbed there are two durable events."""
        for identity, message in self._spoken().items():
            assert message["agent"]["state"] != "writing", f"{identity} is written for ever"
            if message["agent"]["attempt"] > 1:
                continue
            types = self.stage.rows("SELECT type FROM realtime_events WHERE subject = %s::uuid ORDER BY seq", identity)
            assert [kind for (kind,) in types] == ["message.new", "message.updated"], identity

    def check_deltas(self, tab: Tab) -> None:
        """7: what was told of a message while it grew is what it says, as far as that was kept."""
        spoken = self._spoken()
        for frame in tab.received:
            if frame["type"] != "message.delta" or frame["payload"]["message_id"] not in spoken:
                continue
            delta = frame["payload"]
            message = spoken[delta["message_id"]]
            if message["agent"]["attempt"] == delta["attempt"]:
                said = message["content"][delta["at"] :]
                assert said.startswith(delta["text"]) or delta["text"].startswith(said), (tab.name, delta, message)

    def _spoken(self) -> dict[str, dict[str, Any]]:
        """The agent's messages that were not taken back, by id."""
        rows = self.stage.rows(
            "SELECT id::text, content, agent FROM conversation_messages"
            " WHERE conversation_id = %s AND agent IS NOT NULL AND NOT is_deleted",
            self.room,
        )
        return {identity: {"content": content, "agent": agent} for identity, content, agent in rows}

    def check_charlie(self) -> None:
        """3: nothing from the moment of his removal."""
        if self.removed_at is None:
            return
        heard = self.tabs["c1"].received[self.heard_before :]
        late = [frame for frame in heard if frame.get("room") == self.room and frame.get("seq", 0) >= self.removed_at]
        assert late == [], "a removed member was told"

    def check_stranger(self) -> None:
        """3: not one byte, ever."""
        assert [frame for frame in self.tabs["d1"].received if self.room in json.dumps(frame)] == []

    def check_conversations(self) -> None:
        """8: who follows the document knows the conversations they are in, and no others."""
        for tab in self.tabs.values():
            rows = self.stage.rows(
                "SELECT 'c:' || conversation_id FROM conversation_participants p JOIN conversations c"
                " ON c.id = p.conversation_id AND c.deleted_at IS NULL WHERE p.user_id = %s",
                tab.user_id,
            )
            known = {stream for stream in tab.positions.known if stream.startswith("c:")}
            assert known == {stream for (stream,) in rows}, f"{tab.name} does not know where it is"

    def marked(self, person: str) -> list[int]:
        """How far somebody's devices were told that they have read, by their own commands."""
        mine = [tab for tab in self.tabs.values() if tab.user_id == self.people[person].id]
        told = [frame["payload"] for tab in mine for frame in tab.received if frame["type"] == "ok"]
        return [payload["read_seq"] for payload in told if "read_seq" in payload]

    def check_marks(self, person: str) -> None:
        """6: what one device was told is read stays so, whatever another one of the same person says."""
        statement = "SELECT read_seq FROM conversation_participants WHERE conversation_id = %s AND user_id = %s"
        [(read_seq,)] = self.stage.rows(statement, self.room, self.people[person].id)
        marked = max(self.marked(person), default=0)
        assert read_seq >= marked, f"{person} was told {marked}, and the read position is {read_seq}"

    def check_unread(self, person: str) -> None:
        """5 and 6: the count is what counting gives, and the read position only grows."""
        status, conversation = self.request(person, "GET", f"/api/messenger/conversations/{self.room}")
        assert status == 200, conversation
        [(read_seq, unread)] = self.stage.rows(
            "SELECT p.read_seq, (SELECT count(*) FROM conversation_messages m"
            " WHERE m.conversation_id = p.conversation_id AND m.sender_id <> p.user_id"
            " AND m.seq > greatest(p.read_seq, p.cleared_seq) AND NOT m.is_deleted AND m.message_type <> 'system')"
            " FROM conversation_participants p WHERE p.conversation_id = %s AND p.user_id = %s",
            self.room,
            self.people[person].id,
        )
        assert (conversation["read_seq"], conversation["unread_count"]) == (read_seq, unread)
        assert read_seq >= self.read_before.get(person, 0), f"the read position of {person} went back"
        self.read_before[person] = read_seq
