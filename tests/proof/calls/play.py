"""One play of calls: people with several devices, two conversations, what they do, and how time passes over it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from tests.kit.processes import wait_for
from tests.proof.calls.invariants import Device
from tests.proof.calls.invariants import Invariants
from tests.proof.client import Tab
from tests.proof.stage import Stage

_PASSWORD = "correct-horse-7"
_names = itertools.count(1)
LAYOUT = {
    "a1": ("alice", 0),
    "a2": ("alice", 1),
    "b1": ("bob", 1),
    "b2": ("bob", 0),
    "c1": ("charlie", 0),
    "d1": ("dave", 1),
}
"""Each device's person and server process; Dave is in no conversation."""
MEMBERS = {"pair": ("alice", "bob"), "group": ("alice", "bob", "charlie")}
Answer = tuple[int, dict[str, Any]]


@dataclass
class Play(Invariants):
    """Alice and Bob have a direct conversation, and a group with Charlie, who comes and goes there."""

    stage: Stage
    settle_seconds: float = 30.0
    devices: dict[str, Device] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)
    reported: set[tuple[str, int]] = field(default_factory=set)
    charlie_is_out: bool = False
    bob_is_blocked: bool = False
    _words: itertools.count[int] = field(default_factory=itertools.count)

    def begin(self) -> None:
        """Everybody signs in on all their devices, which are live when this returns."""
        unique = next(_names)
        with ThreadPoolExecutor(4) as pool:
            grants = dict(pool.map(lambda person: (person, self._sign_up(f"{person}-{unique}")), _people()))
            made = pool.map(lambda name: self._device(name, unique, grants), LAYOUT)
            self.devices = {device.name: device for device in made}
        for room, (owner, *others) in MEMBERS.items():
            ids = [grants[person]["user"]["id"] for person in others]
            body = {"type": "group", "name": room} if room == "group" else {"type": "direct"}
            token = grants[owner]["access_token"]
            status, made_room = self.stage.api(
                "POST", "/api/messenger/conversations", token, body | {"participant_ids": ids}
            )
            assert status in {200, 201}, made_room
            self.rooms[room] = made_room["id"]
        for device in self.devices.values():
            self.stage.threaded.loop.call_soon_threadsafe(device.tab.start)
        for device in self.devices.values():
            self.wait(device.tab.live.is_set, f"{device.name} is not live")

    def end(self) -> None:
        for device in self.devices.values():
            self.stage.threaded.do(device.tab.stop())
        self.database.close()

    # What they do ------------------------------------------------------------------------------------------------

    def call(self, name: str, room: str, call_type: str = "audio") -> Answer:
        """It rings, or they are in the call that was there."""
        body = {"conversation_id": self.rooms[room], "call_type": call_type, "device_key": name}
        return self._came(name, self.ask(name, "POST", "/calls/initiate", body))

    def answer(self, name: str, room: str, *, move: bool = False) -> Answer:
        body = {"device_key": name, "move": move}
        return self._came(name, self.ask(name, "POST", f"/calls/{self.newest(room)}/answer", body))

    def decline(self, name: str, room: str) -> Answer:
        return self.ask(name, "POST", f"/calls/{self.newest(room)}/reject")

    def leave(self, name: str, room: str, *, for_everyone: bool = False) -> Answer:
        return self.ask(name, "POST", f"/calls/{self.newest(room)}/end", {"for_everyone": for_everyone})

    def hears(self, name: str, room: str, *, late: bool = False, of_nobody: bool = False) -> None:
        """A sign of life over the socket, with media from all others; ``late``: it was of the way before this one."""
        legs, generation = self.legs(room), self.generation(room) - late
        if name not in legs:
            return
        others = [leg for device, leg in legs.items() if device != name and not of_nobody]
        if others and not late:
            self.reported.add((legs[name], generation))
        payload = {"leg_id": legs[name], "generation": generation, "media_from": others}
        self.say(name, "call.beat", payload | {"call_id": self.newest(room)})

    def all_hear(self, room: str, *, but: Iterable[str] = ()) -> None:
        for name in self.legs(room):
            if name not in but:
                self.hears(name, room)

    def signal(self, name: str, other: str, room: str) -> dict[str, Any]:
        """An offer to another device of the call; the answer to it."""
        legs = self.legs(room)
        ends = {"from_leg_id": legs.get(name, self.rooms[room]), "to_leg_id": legs.get(other, self.rooms[room])}
        said = {"generation": self.generation(room), "n": 1, "sdp": f"v=0 {next(self._words)}"}
        return self.say(name, "call.offer", {"call_id": self.newest(room), **ends, **said})

    def to_the_media_server(self, room: str) -> None:
        """All say that nothing comes; the room is made, and media flows there for all."""
        for name, leg in self.legs(room).items():
            asked = {"call_id": self.newest(room), "leg_id": leg, "generation": 1, "reason": "no_media"}
            self.say(name, "call.fallback", asked)
        self.work()
        for name in self.legs(room):
            self.media(name, room, "begins")

    def media(self, name: str, room: str, what: str) -> None:
        """What the door of the media server notes of a device."""
        if leg := self.legs(room).get(name):
            self.say(name, "proof.door", {"leg_id": leg, "media": what})

    def work(self) -> None:
        """Workers do what waits for them."""
        self.say("a1", "proof.work", {})

    def together(self, *acts: Callable[[], Answer]) -> list[Answer]:
        """In the same moment, as far as a machine can."""
        with ThreadPoolExecutor(len(acts)) as pool:
            return [one.result() for one in [pool.submit(act) for act in acts]]

    def charlie(self, *, is_in: bool) -> None:
        path = f"/messenger/conversations/{self.rooms['group']}/participants"
        if is_in:
            status, answer = self.ask("a1", "POST", path, {"user_ids": [self.devices["c1"].user_id]})
        else:
            status, answer = self.ask("a1", "DELETE", f"{path}/{self.devices['c1'].user_id}")
        assert status in {200, 201, 204}, answer
        self.charlie_is_out = not is_in

    def block(self, *, is_blocked: bool) -> None:
        """Alice blocks Bob, or takes it back."""
        bob = self.devices["b1"].user_id
        if is_blocked:
            status, answer = self.ask("a1", "POST", "/messenger/blocks", {"user_id": bob})
        else:
            status, answer = self.ask("a1", "DELETE", f"/messenger/blocks/{bob}")
        assert status in {200, 201, 204}, answer
        self.bob_is_blocked = is_blocked

    def sign_in_anew(self, name: str) -> None:
        """Its session ends, and with it its place in every call."""
        device = self.devices[name]
        status, answer = self.ask(name, "DELETE", f"/auth/sessions/{self._session(device)}")
        assert status in {200, 204}, answer
        legs = self.stage.rows(
            "SELECT id FROM call_legs WHERE id = ANY(%s::uuid[]) AND state <> 'left'", [*device.legs]
        )
        assert legs == [], f"{name} has no session, and is in a call"
        device.token = device.tab.token = self._sign_in(device.user_name)["access_token"]
        self.wait(device.tab.live.is_set, f"{name} is not live")

    # Time and processes ------------------------------------------------------------------------------------------

    def pass_time(self, seconds: float, *, looked: bool = True) -> None:
        """So much goes by; somebody ``looked`` at the deadlines all the while, and what is due is done after it."""
        moves = ["UPDATE proof_clock SET gone = gone + %(gone)s * interval '1 second'"]
        if looked:
            moves.append("UPDATE call_clock SET ticked_at = ticked_at + %(gone)s * interval '1 second'")
        self._doors_close()
        self.stage.change(*moves, gone=seconds)
        if looked:
            self.wait(lambda: not self.due(), "what is due is not done", lambda: str(self.due()))

    def talk(self, room: str, seconds: int, *, silent: Iterable[str] = ()) -> None:
        """So long they hear each other; those that are ``silent`` give no sign of life."""
        for step in range(10, seconds + 1, 10):
            self.pass_time(10)
            for name in self.legs(room):
                if name not in silent:
                    self.hears(name, room)
                    self.media_goes_on(name, room)
            if step % 20 == 0:
                self.work()

    def media_goes_on(self, name: str, room: str) -> None:
        """As the door notes each ten seconds."""
        self.stage.change(
            f"UPDATE call_intervals SET seen_at = {_NOW} WHERE leg_id = %(leg)s AND ended_at IS NULL"
            " AND transport = 'sfu'",
            leg=self.legs(room).get(name),
        )

    def restart(self, *units: int, away: float = 0.0) -> None:
        """Processes are killed and started again; ``away`` seconds went by meanwhile."""
        for unit in units:
            self.stage.units[unit].kill()
        if away:
            self.pass_time(away, looked=False)
        for unit in units:
            self.stage.units[unit].launch()
        for unit in units:
            self.stage.units[unit].wait()
        for device in self.devices.values():
            self.wait(device.tab.live.is_set, f"{device.name} does not come back")

    def cut(self, name: str) -> None:
        """Its network is gone for a moment."""
        device = self.devices[name]
        self.stage.threaded.do(device.tab.cut())
        self.wait(device.tab.live.is_set, f"{name} does not come back")

    # What must hold ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Everything is told; then nobody gives a sign of life any more, and everything must come to an end."""
        self._all_told()
        for _ in range(3):
            if not self.rows("SELECT id FROM ours WHERE status <> 'ended'"):
                break
            self.pass_time(61)
        self.work()
        self._all_told()
        self.check_ended()
        self.check_ledger()

    def _all_told(self) -> None:
        self.wait(lambda: not self._behind(), "not everybody caught up", lambda: str(self._behind()))
        self.check_now()
        self.check_told()
        self.check_signals()
        self.check_stranger()
        violations = [violation for device in self.devices.values() for violation in device.tab.violations]
        assert not violations, violations[:5]

    def _behind(self) -> list[str]:
        rooms = list(self.rooms.values())
        heads = self.stage.rows("SELECT id::text, last_seq FROM realtime_streams WHERE id = ANY(%s::uuid[])", rooms)
        return [
            f"{device.name}: {room} at {device.tab.positions.known.get(f'c:{room}')} of {head}"
            for device in self.devices.values()
            for room, head in heads
            if self.is_member(device.person, room) and device.tab.positions.known.get(f"c:{room}") != head
        ]

    def due(self) -> list[Any]:
        """Calls and devices whose time is over, and of which nobody has taken notice."""
        return self.rows(
            f"SELECT id, status FROM ours WHERE status <> 'ended' AND due_at <= {_NOW} UNION ALL"
            " SELECT l.id, l.state FROM call_legs l JOIN ours ON ours.id = l.call_id WHERE l.state <> 'left'"
            f" AND (lease_until <= {_NOW} OR l.state <> 'lost' AND lease_until <= {_NOW} + interval '14 seconds')"
        )

    # ---------------------------------------------------------------------------------------------------------------

    def newest(self, room: str) -> str:
        """The id of the last call there; of none, where there was none."""
        rows = self.rows(f"SELECT id::text FROM ours WHERE conversation_id = '{self.rooms[room]}' ORDER BY id DESC")
        return str(rows[0][0]) if rows else self.rooms[room]

    def status(self, room: str) -> tuple[str, str]:
        """Of the last call there, and why it ended."""
        [(status, reason)] = self.rows(f"SELECT status, end_reason FROM ours WHERE id = '{self.newest(room)}'")
        return status, reason

    def generation(self, room: str) -> int:
        rows = self.rows(f"SELECT generation FROM ours WHERE id = '{self.newest(room)}'")
        return int(rows[0][0]) if rows else 1

    def legs(self, room: str) -> dict[str, str]:
        """By device, the places in the call that is under way there."""
        return dict(
            self.rows(
                "SELECT l.device_key, l.id::text FROM call_legs l JOIN ours ON ours.id = l.call_id"
                f" WHERE ours.conversation_id = '{self.rooms[room]}' AND ours.status <> 'ended' AND l.state <> 'left'"
                " ORDER BY l.id"
            )
        )

    def is_member(self, person: str, room: str) -> bool:
        if person == "charlie" and self.charlie_is_out:
            return False
        return any(self.rooms[name] == room and person in people for name, people in MEMBERS.items())

    def ask(self, name: str, method: str, path: str, body: Any = None) -> Answer:
        """By REST; the house may refuse, and never fails."""
        device = self.devices[name]
        status, answer = self.stage.api(method, f"/api{path}", device.token, body, unit=device.unit)
        assert status < 500, (method, path, status, answer)
        return status, answer

    def say(self, name: str, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        """By the socket; the answer."""
        tab = self.devices[name].tab
        asked = self.stage.threaded.do(tab.command(kind, payload))
        found: list[dict[str, Any]] = []

        def answered() -> bool:
            found.extend(frame for frame in tab.received[-50:] if frame.get("id") == asked)
            return bool(found)

        self.wait(answered, f"{kind} of {name} has no answer")
        assert found[0]["type"] == "ok" or found[0]["payload"]["code"] not in {"internal", "unavailable"}, found
        return found[0]

    def wait(self, condition: Callable[[], object], sentence: str, describe: Callable[[], str] = str) -> None:
        wait_for(condition, lambda: f"{sentence}: {describe()}", self.settle_seconds)

    def _came(self, name: str, answer: Answer) -> Answer:
        if answer[0] in {200, 201}:
            self.devices[name].legs.add(answer[1]["leg"]["id"])
        return answer

    def _doors_close(self) -> None:
        """Whoever left a call is thrown out of the media server within a second, by those who look after its doors."""
        self.stage.change(
            f"UPDATE call_intervals i SET ended_at = {_NOW}, ended_by = 'door' FROM call_legs l"
            " WHERE l.id = i.leg_id AND l.state = 'left' AND i.ended_at IS NULL AND i.transport = 'sfu'"
        )

    def _session(self, device: Device) -> str:
        _status, answer = self.ask(device.name, "GET", "/auth/sessions")
        return next(str(one["id"]) for one in answer["results"] if one["is_current"])

    def _sign_up(self, name: str) -> dict[str, Any]:
        body = {"username": name, "email": f"{name}@example.com", "password": _PASSWORD}
        status, grant = self.stage.api("POST", "/api/auth/register", body=body)
        assert status == 201, grant
        return dict(grant)

    def _sign_in(self, name: str) -> dict[str, Any]:
        status, grant = self.stage.api("POST", "/api/auth/login", body={"email": name, "password": _PASSWORD})
        assert status == 200, grant
        return dict(grant)

    def _device(self, name: str, unique: int, grants: dict[str, dict[str, Any]]) -> Device:
        person, unit = LAYOUT[name]
        grant = grants[person] if name.endswith("1") else self._sign_in(f"{person}-{unique}")
        user_id, token, port = grants[person]["user"]["id"], grant["access_token"], self.stage.units[unit].port
        tab = Tab(name, user_id, token, port, is_steady=person in {"alice", "bob"})
        return Device(name, person, f"{person}-{unique}", user_id, token, unit, tab)


_NOW = "(clock_timestamp() + (SELECT gone FROM proof_clock))"


def _people() -> list[str]:
    return sorted({person for person, _unit in LAYOUT.values()})
