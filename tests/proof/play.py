"""One play: people, their tabs and one conversation; what they do, what befalls them, and what must hold afterwards."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from tests.kit.processes import wait_for
from tests.proof.client import Tab
from tests.proof.invariants import Invariants
from tests.proof.invariants import Person
from tests.proof.proxy import Proxy
from tests.proof.stage import Stage

_PASSWORD = "correct-horse-7"
_names = itertools.count(1)


@dataclass
class Play(Invariants):
    """Alice (two tabs, on two servers) and Bob are members throughout; Charlie comes and goes; Dave never is one."""

    stage: Stage
    settle_seconds: float = 30.0
    people: dict[str, Person] = field(default_factory=dict)
    proxies: dict[str, Proxy] = field(default_factory=dict)
    tabs: dict[str, Tab] = field(default_factory=dict)
    room: str = ""
    removed_at: int | None = None
    """The seq of Charlie's removal while he is out."""
    heard_before: int = 0
    """How many frames Charlie had when he was removed."""
    read_before: dict[str, int] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=itertools.count)

    def begin(self) -> None:
        """Sign everybody up, open the conversation and all tabs, and wait until they are live."""
        for name in ("alice", "bob", "charlie", "dave"):
            self.people[name] = self._sign_up(name)
        others = [self.people[name].id for name in ("bob", "charlie")]
        body = {"type": "group", "name": "Proof", "participant_ids": others}
        status, conversation = self.stage.api("POST", "/api/messenger/conversations", self.people["alice"].token, body)
        assert status == 201, conversation
        self.room = conversation["id"]
        layout = (("a1", "alice", 0), ("a2", "alice", 1), ("b1", "bob", 1), ("c1", "charlie", 0), ("d1", "dave", 0))
        for name, person, unit in layout:
            self._open(name, self.people[person], unit)
            self.wait(self.tabs[name].live.is_set, f"{name} is not live")
        joined = self.speak_and_wait("a1", "", "join")
        self.people["agent"] = Person("agent", joined["payload"]["user_id"], "")
        # That they came is told over the same stream: what is lost from here on was said by somebody. A hub that is
        # behind may drop it, as it is ephemeral; what was dropped does not come late either.
        with suppress(AssertionError):
            wait_for(lambda: self._heard_of() >= {self.people[name].id for name in ("bob", "charlie")}, "", 10)

    def end(self) -> None:
        """Close all tabs."""
        for name, tab in self.tabs.items():
            self.stage.threaded.do(tab.stop())
            self.stage.threaded.do(self.proxies[name].stop())

    # What they do ------------------------------------------------------------------------------------------------

    def say(self, tab: str, content: str = "") -> str:
        """Write a message; returns its client id at once."""
        client_id = f"m{next(self._ids)}"
        self.stage.threaded.do(self.tabs[tab].say(self.room, content or f"{tab} says {client_id}", client_id))
        return client_id

    def say_and_lose_the_ok(self, tab: str) -> str:
        """The connection breaks when the answer to this message is on its way."""
        client_id = f"m{next(self._ids)}"
        pattern = f'"id":"{client_id}"'.encode()
        self.stage.threaded.loop.call_soon_threadsafe(self.proxies[tab].cut_before, "down", pattern)
        self.stage.threaded.do(self.tabs[tab].say(self.room, f"{tab} says {client_id}", client_id))
        return client_id

    def stop_listening(self, tab: str) -> None:
        """One tab takes nothing more from its server."""
        self.stage.threaded.loop.call_soon_threadsafe(self.proxies[tab].stall)

    def listen(self, tab: str) -> None:
        """It does again."""
        self.stage.threaded.loop.call_soon_threadsafe(self.proxies[tab].flow)

    def cut(self, tab: str) -> None:
        """The network of one tab is gone for a moment."""
        self.stage.threaded.loop.call_soon_threadsafe(self.proxies[tab].cut)

    def command(self, tab: str, kind: str, payload: dict[str, Any]) -> str:
        return self.stage.threaded.do(self.tabs[tab].command(kind, payload))

    def speak(self, tab: str, name: str, step: str) -> str:
        """An agent takes a step in writing the message ``name``, in the process that this tab is connected to."""
        return self.command(tab, "proof.speak", {"conversation_id": self.room, "name": name, "step": step})

    def speak_and_wait(self, tab: str, name: str, step: str) -> dict[str, Any]:
        """The answer, which comes as long as nothing is wrong with the connection."""
        asked, answers = self.speak(tab, name, step), list[dict[str, Any]]()

        def answered() -> bool:
            answers.extend(frame for frame in self.tabs[tab].received if frame.get("id") == asked)
            return bool(answers)

        self.wait(answered, f"{step} of {name} has no answer")
        return answers[0]

    def newest(self, of: str = "") -> str | None:
        """The id of the newest message, or of somebody's newest, as the database has it."""
        condition, parameters = ("AND sender_id = %s", [self.people[of].id]) if of else ("", [])
        rows = self.stage.rows(
            "SELECT id::text FROM conversation_messages WHERE conversation_id = %s AND message_type = 'text'"
            f" AND NOT is_deleted {condition} ORDER BY seq DESC LIMIT 1",
            self.room,
            *parameters,
        )
        return rows[0][0] if rows else None

    def kill_before_publish(self, unit: int, tab: str) -> None:
        """A message is committed, and its server dies before anybody was told."""
        victim = self.stage.units[unit]
        before = self._count()
        self.stage.threaded.loop.call_soon_threadsafe(victim.redis.mute)
        self.say(tab)
        with contextlib.suppress(AssertionError):  # nobody was connected just now: it is said later
            wait_for(lambda: self._count() > before, "nothing was committed", seconds=2)
        victim.kill()
        self.stage.threaded.loop.call_soon_threadsafe(victim.redis.flow)
        victim.launch()
        victim.wait()

    def say_while_the_database_stands_still(self, tab: str, seconds: float) -> None:
        """A message, and a cut, to which no database says anything for a while."""
        assert self.stage.postgres, "the database is not the proof's own"
        self.stage.postgres.stand_still()
        try:
            self.say(tab)
            self.cut(tab)
            time.sleep(seconds)
        finally:
            self.stage.postgres.go_on()

    def crash_the_database(self, tab: str, *, away: float = 0.0, after_ok: bool = True) -> None:
        """It crashes and comes back; who is told ``ok`` before has that message after."""
        assert self.stage.postgres, "the database is not the proof's own"
        send = self.tabs[tab].sends[self.say(tab)]
        if after_ok:
            with contextlib.suppress(AssertionError):  # nobody was connected just now: it is said later
                wait_for(lambda: send.state != "sending", "no answer", seconds=2)
        self.stage.postgres.crash()
        time.sleep(away)  # that long nobody finds a server
        self.stage.postgres.start()

    def _count(self) -> int:
        statement = "SELECT count(*) FROM conversation_messages WHERE conversation_id = %s"
        return int(self.stage.rows(statement, self.room)[0][0])

    def wait_for_answer(self, tab: str, client_id: str) -> None:
        send = self.tabs[tab].sends[client_id]
        self.wait(lambda: send.state != "sending", f"{client_id} of {tab} has no answer")

    def request(self, person: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """By REST, and again when the house says so: its database may have been taken away a moment ago."""
        answers: list[tuple[int, Any]] = []

        def answered() -> bool:
            answers.append(self.stage.api(method, path, self.people[person].token, body))
            return answers[-1][0] != 503

        self.wait(answered, f"{method} {path} is not carried out")
        return answers[-1]

    def remove_charlie(self) -> None:
        """From here on he receives nothing."""
        charlie = self.people["charlie"]
        self.heard_before = len(self.tabs["c1"].received)
        status, answer = self.request(
            "alice", "DELETE", f"/api/messenger/conversations/{self.room}/participants/{charlie.id}"
        )
        assert status in {200, 204, 404}, answer  # 404: done the first time, and only the answer was lost
        statement = "SELECT max(seq) FROM realtime_events WHERE stream_id = %s AND type = 'participant.removed'"
        self.removed_at = self.stage.rows(statement, self.room)[0][0]
        assert self.removed_at, "nobody was removed"

    def add_charlie(self) -> None:
        """He is back, and may read what was said meanwhile."""
        self.check_charlie()
        self.removed_at = None
        status, answer = self.request(
            "alice",
            "POST",
            f"/api/messenger/conversations/{self.room}/participants",
            {"user_ids": [self.people["charlie"].id]},
        )
        assert status in {200, 201}, answer

    def bring_charlie_back_meanwhile(self) -> None:
        """He was removed while he was away, and is let in again after his new socket has asked who it is for.

        A house that is coming back from another fault may take longer to take the socket: then he is let in all the
        same, and :meth:`settle` sees whether he comes.
        """
        gate, proxy = self.stage.gate, self.proxies["c1"]
        proxy.refusing = True
        self.cut("c1")
        self.wait(lambda: not proxy.lines, "c1 is still there")
        self.remove_charlie()
        gate.with_suffix(".reached").unlink(missing_ok=True)
        gate.touch()
        proxy.refusing = False
        try:
            with suppress(AssertionError):
                wait_for(gate.with_suffix(".reached").exists, "nobody connects", 10)
            self.add_charlie()
        finally:
            gate.unlink(missing_ok=True)

    def mark_on_two_devices(self) -> None:
        """Alice sees the newest message on one device in the moment in which she sees an older one on the other."""
        rows = self.stage.rows(
            "SELECT id::text FROM conversation_messages WHERE conversation_id = %s AND NOT is_deleted"
            " AND message_type = 'text' ORDER BY seq DESC LIMIT 2",
            self.room,
        )
        for tab, (message_id,) in zip(("a1", "a2"), reversed(rows), strict=False):
            self.command(tab, "read.mark", {"conversation_id": self.room, "message_id": message_id})

    # What must hold ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Heal everything, let everybody catch up, and hold them against the database."""
        self.stage.heal()
        for proxy in self.proxies.values():
            self.stage.threaded.loop.call_soon_threadsafe(proxy.flow)
        while True:
            self.wait(lambda: not self._behind(), "not everybody caught up", describe=self._behind)
            heads = self._heads()
            try:
                self._check()
            except AssertionError:
                # A command of a lost connection may be carried out after all: then the database was another one for
                # each statement. What is wrong with a database that stands still is wrong.
                if self._heads() == heads:
                    raise
            else:
                return

    def _check(self) -> None:
        self.check_exactly_once()
        for name in self._member_tabs():
            self.check_view(self.tabs[name])
            self.check_deltas(self.tabs[name])
        self.check_conversations()
        self.check_grown()
        self.check_charlie()
        self.check_stranger()
        for person in ("alice", "bob"):
            self.check_unread(person)
            self.check_marks(person)
        violations = [violation for tab in self.tabs.values() for violation in tab.violations]
        assert not violations, f"{len(violations)} violations: {violations[:5]}"

    # ---------------------------------------------------------------------------------------------------------------

    def wait(self, condition: Any, sentence: str, describe: Any = None) -> None:
        try:
            wait_for(condition, sentence, self.settle_seconds)
        except AssertionError as error:
            raise AssertionError(f"{sentence}: {describe() if describe else ''}") from error

    def _heard_of(self) -> set[str]:
        """Whom Alice's first tab knows to be online."""
        return {frame["payload"]["user_id"] for frame in self.tabs["a1"].received if frame["type"] == "user.online"}

    def _heads(self) -> dict[str, int]:
        ids = [self.room, *(person.id for person in self.people.values())]
        rows = self.stage.rows("SELECT kind, id::text, last_seq FROM realtime_streams WHERE id = ANY(%s::uuid[])", ids)
        return {f"{kind}:{identity}": seq for kind, identity, seq in rows}

    def _behind(self) -> list[str]:
        heads = self._heads()
        found = []
        for name, tab in self.tabs.items():
            wanted = {f"u:{tab.user_id}": heads.get(f"u:{tab.user_id}", 0)}
            if name in self._member_tabs():
                wanted[f"c:{self.room}"] = heads[f"c:{self.room}"]
            found += [
                f"{name}: {stream} at {tab.positions.known.get(stream)} of {seq}"
                for stream, seq in wanted.items()
                if tab.positions.known.get(stream, 0) != seq
            ]
            found += [f"{name}: {key} has no answer" for key, send in tab.sends.items() if send.state == "sending"]
            if not tab.live.is_set():
                found.append(f"{name} is not live")
        grows = "SELECT message_id::text FROM growing_messages g JOIN conversation_messages m ON m.id = g.message_id"
        found += [f"{one} grows" for (one,) in self.stage.rows(f"{grows} WHERE m.conversation_id = %s", self.room)]
        return found

    def _member_tabs(self) -> list[str]:
        return [name for name in self.tabs if name in {"a1", "a2", "b1"} or (name == "c1" and self.removed_at is None)]

    def _sign_up(self, name: str) -> Person:
        unique = f"{name}-{next(_names)}"
        body = {"username": unique, "email": f"{unique}@example.com", "password": _PASSWORD}
        status, grant = self.stage.api("POST", "/api/auth/register", body=body)
        assert status == 201, grant
        return Person(unique, grant["user"]["id"], grant["access_token"])

    def _open(self, name: str, person: Person, unit: int) -> None:
        proxy = Proxy(self.stage.units[unit].port)
        self.stage.threaded.do(proxy.start())
        tab = Tab(name, person.id, person.token, proxy.port, is_steady=name in {"a1", "a2", "b1"})
        self.proxies[name], self.tabs[name] = proxy, tab
        self.stage.threaded.loop.call_soon_threadsafe(tab.start)
