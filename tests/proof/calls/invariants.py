"""What must hold of calls at every moment, and after everything has ended."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from functools import cached_property
from typing import Any

import psycopg

from tests.proof.client import Tab
from tests.proof.stage import Stage

Stay = tuple[datetime, datetime]


@dataclass
class Device:
    """One tab of one person, in a session of its own; ``legs`` are the places in calls that it had."""

    name: str
    person: str
    user_name: str
    user_id: str
    token: str
    unit: int
    tab: Tab
    legs: set[str] = field(default_factory=set)


class Invariants:
    """Of one play."""

    stage: Stage
    devices: dict[str, Device]
    rooms: dict[str, str]
    reported: set[tuple[str, int]]
    """Leg and generation of every word of media that was said of the present way."""

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Of a statement about the calls of this play, which it names ``ours``."""
        ours = "WITH ours AS (SELECT * FROM calls WHERE conversation_id = ANY(%s::uuid[])) "
        return self.database.execute(ours + statement, [list(self.rooms.values())]).fetchall()

    @cached_property
    def database(self) -> psycopg.Connection[tuple[Any, ...]]:
        """One line to it for all questions, of which there are some at every step."""
        return psycopg.connect(self.stage.database_url, autocommit=True)

    def check_now(self) -> None:
        """At any moment, whatever is under way."""
        for problem, statement in _NEVER.items():
            found = self.rows(statement)
            assert not found, f"{problem}: {found}"
        for leg, generation in self.rows(
            "SELECT l.id::text, l.generation FROM call_legs l JOIN ours ON ours.id = l.call_id WHERE l.generation > 0"
        ):
            assert (leg, generation) in self.reported, f"{leg} never said that it has media by way {generation}"

    def check_told(self) -> None:
        """1: a call is as the devices of members were told last, so none of them rings for one that is over."""
        stored = {row[0]: row[1:] for row in self.rows("SELECT id::text, status, end_reason, generation FROM ours")}
        for device in self.devices.values():
            for room in self.rooms.values():
                if not self.is_member(device.person, room):
                    continue
                for call_id, call in self.last_states(device.tab, room).items():
                    told = (call["status"], call["end_reason"] or "", call["generation"])
                    assert told == stored[call_id], f"{device.name} was told {told}, and it is {stored[call_id]}"

    def check_signals(self) -> None:
        """2: what is said to a device reaches that device, and nobody else."""
        for device in self.devices.values():
            for frame in device.tab.received:
                to = frame.get("payload", {}).get("to_leg_id") if frame["type"].startswith("call.") else None
                assert to is None or to in device.legs, f"{device.name} was told what is for another device: {frame}"

    def check_stranger(self) -> None:
        """3: not one byte, ever."""
        told = [json.dumps(frame) for frame in self.devices["d1"].tab.received]
        assert [text for text in told if any(room in text for room in self.rooms.values())] == []

    def check_ended(self) -> None:
        """4: of calls that are over nothing is left: no device, nobody rung, no open time, no minutes set aside."""
        for problem, statement in _LEFT_OVER.items():
            found = self.rows(statement)
            assert not found, f"{problem}: {found}"
        for room, call_id in self.rooms.items():
            missed, notes = self._missed(call_id)
            assert missed == notes, f"{missed} missed calls in {room}, and {notes} notes of them"
        for device in self.devices.values():
            status, answer = self.stage.api("GET", "/api/calls/live", device.token, unit=device.unit)
            assert (status, answer["results"]) == (200, []), device.name

    def check_ledger(self) -> None:
        """5: what was charged for a call is the time in which two were on the media server, rounded up once."""
        stays: dict[str, list[Stay]] = {}
        for call_id, begun, ended in self.rows(
            "SELECT i.call_id::text, i.started_at, i.ended_at FROM call_intervals i JOIN ours ON ours.id = i.call_id"
            " WHERE i.transport = 'sfu'"
        ):
            stays.setdefault(call_id, []).append((begun, ended))
        charged = self.rows(
            "SELECT ours.id::text, sum(e.seconds), count(*), bool_and(EXISTS (SELECT 1 FROM call_legs l"
            " WHERE l.call_id = ours.id AND l.user_id = e.user_id AND l.left_at >= ours.ended_at))"
            " FROM ours JOIN minute_entries e ON e.reference = ours.id::text GROUP BY ours.id"
        )
        for call_id, seconds, payers, stayed in charged:
            due = -(-int(together(stays.get(call_id, []))) // 60) * 60
            assert seconds <= due, f"{seconds} s were charged for {due} s"
            if payers == 1 and stayed:  # nobody pays for what comes after the payer has left
                assert seconds == due, f"{seconds} s were charged for {due} s: {stays}"
        unpaid = set(stays) - {row[0] for row in charged}
        assert not unpaid, f"nothing was written down of {unpaid}"

    def last_states(self, tab: Tab, room: str) -> dict[str, dict[str, Any]]:
        """By call, what a tab was told last of it in its present stay in the conversation."""
        began, last = tab.stays.get(f"c:{room}", 0), {}
        for seq, frame in sorted(tab.events.get(f"c:{room}", {}).items()):
            if frame["type"] == "call.state" and seq > began:
                last[frame["payload"]["call"]["id"]] = frame["payload"]["call"]
        return last

    def is_member(self, person: str, room: str) -> bool:
        raise NotImplementedError

    def _missed(self, room: str) -> tuple[int, int]:
        [found] = self.stage.rows(
            "SELECT (SELECT count(*) FROM calls WHERE conversation_id = %s AND end_reason IN ('missed', 'cancelled')"
            "   AND answered_at IS NULL),"
            " (SELECT count(*) FROM realtime_events WHERE stream_id = %s AND type = 'message.new'"
            "   AND payload::text LIKE '%%\"call_missed\"%%')",
            room,
            room,
        )
        return found[0], found[1]


def together(stays: Collection[Stay]) -> float:
    """Seconds in which at least two of the stays ran, each second once: between any two neighbouring edges, counted."""
    edges = sorted({edge for stay in stays for edge in stay})
    return sum(
        (later - earlier).total_seconds()
        for earlier, later in itertools.pairwise(edges)
        if sum(begun <= earlier and later <= ended for begun, ended in stays) >= 2
    )


_LEGS = "call_legs l JOIN ours ON ours.id = l.call_id"
_NEVER = {
    "two live calls of one conversation": (
        "SELECT conversation_id, count(*) FROM ours WHERE status <> 'ended' GROUP BY 1 HAVING count(*) > 1"
    ),
    "two devices of one person in a call": (
        f"SELECT l.call_id, l.user_id FROM {_LEGS} WHERE l.state <> 'left' GROUP BY 1, 2 HAVING count(*) > 1"
    ),
    "one device twice in a call": (
        f"SELECT l.call_id, l.device_key FROM {_LEGS} WHERE l.state <> 'left' GROUP BY 1, 2 HAVING count(*) > 1"
    ),
    "a call without anybody in it": (
        "SELECT id FROM ours WHERE status <> 'ended'"
        " AND NOT EXISTS (SELECT 1 FROM call_legs l WHERE l.call_id = ours.id AND l.state <> 'left')"
    ),
    "a device is in a call that is over": (
        f"SELECT l.id FROM {_LEGS} WHERE l.state <> 'left' AND ours.status = 'ended'"
    ),
    "somebody is rung by a call that is over": (
        "SELECT p.user_id FROM call_participants p JOIN ours ON ours.id = p.call_id"
        " WHERE p.response = 'pending' AND ours.status = 'ended'"
    ),
    "a call runs that nobody answered": "SELECT id FROM ours WHERE status = 'active' AND answered_at IS NULL",
    "a call was answered and yet missed": (
        "SELECT id FROM ours WHERE answered_at IS NOT NULL AND end_reason IN ('missed', 'declined', 'cancelled')"
    ),
    "a device was in two places at once": (
        "SELECT a.leg_id, a.started_at, a.ended_at, b.started_at, b.ended_at FROM call_intervals a"
        " JOIN ours ON ours.id = a.call_id JOIN call_intervals b ON b.leg_id = a.leg_id AND b.id <> a.id"
        " WHERE a.started_at < coalesce(b.ended_at, 'infinity') AND b.started_at < coalesce(a.ended_at, 'infinity')"
    ),
}
_LEFT_OVER = {
    "calls that are not over": "SELECT id, status FROM ours WHERE status <> 'ended'",
    "time that runs on": (
        "SELECT i.leg_id, i.transport FROM call_intervals i JOIN ours ON ours.id = i.call_id WHERE i.ended_at IS NULL"
    ),
    "minutes that are set aside": (
        "SELECT h.key, h.amount FROM ours JOIN minute_holds h ON h.reference = ours.id::text WHERE h.state = 'held'"
    ),
    "minutes that a month holds": (
        "SELECT q.user_id, q.seconds_held FROM minute_quotas q WHERE q.seconds_held <> 0"
        " AND q.user_id IN (SELECT p.user_id FROM call_participants p JOIN ours ON ours.id = p.call_id)"
    ),
    "a length that is not the time between start and end": (
        "SELECT id, duration FROM ours WHERE duration IS DISTINCT FROM"
        " CASE WHEN started_at IS NOT NULL THEN floor(extract(epoch FROM ended_at - started_at))::int END"
    ),
    "jobs that wait": "SELECT kind, state FROM jobs WHERE kind LIKE 'calls.%%' AND state IN ('queued', 'running')",
}
