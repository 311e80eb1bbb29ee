"""Sending: messages a second and the time from commit to ok, against a plain INSERT and against the idiomatic ORM.

    DATABASE_URL=postgres://… python -m bench.send [--rounds 5] [--count 60]

32 senders at once, into one conversation and into 100. In this process: threads that call the service, threads that
insert a ready-made row each by psycopg (prepared, a transaction of its own, the same columns and indexes, no
references), and threads that do what a Django project would write. Through a server: 32 sockets of it, each waiting
for the ok of one message before the next. All of them in turns; everything is checked for gaps at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import threading
import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from bench.harness import SERVER_CORE
from bench.harness import processor_seconds
from bench.harness import server
from bench.harness import set_up
from bench.harness import uvicorn
from bench.people import Member
from bench.people import make_groups
from bench.people import make_people
from bench.people import stage
from bench.sockets import Socket
from bench.sockets import open_socket
from tests.kit.processes import free_port

SENDERS, CONVERSATIONS = 32, 100
TEXT = "The stones of the wall were laid by hand, one after the other. "


@dataclass(frozen=True, slots=True)
class Round:
    """What one way of sending did in one round."""

    per_second: float
    processor_us: float
    """Of the sending process, for each message."""
    seconds: list[float]
    """From asking to its answer, each."""


Work = Callable[[int, int], None]
"""``work(sender, number)`` sends one message."""


def in_threads(work: Work, count: int, close: Callable[[], None] = lambda: None) -> Round:
    """Each of the senders in a thread of its own, one message after the other."""
    taken: list[list[float]] = [[] for _ in range(SENDERS)]
    gate = threading.Barrier(SENDERS + 1)

    def run(sender: int) -> None:
        gate.wait()
        for number in range(count):
            begun = time.perf_counter()
            work(sender, number)
            taken[sender].append(time.perf_counter() - begun)
        close()

    threads = [threading.Thread(target=run, args=[sender]) for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    gate.wait()
    begun, processor = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    return _round(time.perf_counter() - begun, time.process_time() - processor, taken)


def _round(seconds: float, processor: float, taken: Sequence[Sequence[float]]) -> Round:
    everything = [one for sender in taken for one in sender]
    return Round(len(everything) / seconds, processor / len(everything) * 1e6, everything)


# The ways -------------------------------------------------------------------------------------------------------------


class Plain:
    """One row by one statement, committed: what a send cannot be faster than, one at a time."""

    def __init__(self, senders: Sequence[Member], conversations: Sequence[UUID]) -> None:
        import psycopg

        self._senders, self._conversations = senders, conversations
        self._connections = [psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) for _ in senders]
        self._connections[0].execute("CREATE TABLE bench_plain (LIKE conversation_messages INCLUDING ALL)")
        self._number = [0] * len(senders)

    def send(self, sender: int, number: int) -> None:
        from django.utils import timezone

        from core.ids import uuid7

        self._number[sender] += 1
        key = self._number[sender]
        conversation = self._conversations[(sender + number) % len(self._conversations)]
        self._connections[sender].execute(
            "INSERT INTO bench_plain (id, conversation_id, seq, sender_id, client_id, fingerprint, message_type,"
            " content, search_text, mentions, is_edited, is_forwarded, is_deleted, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, 'text', %s, %s, '[]', false, false, false, %s)",
            (
                *(uuid7(), conversation, key * SENDERS + sender, self._senders[sender].id, f"p{key}", "f" * 64),
                *(TEXT, TEXT.lower(), timezone.now()),
            ),
            prepare=True,
        )

    def into(self, conversations: Sequence[UUID]) -> None:
        """From now on into these."""
        self._conversations = conversations

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


class Orm:
    """What a Django project would write: lock, look, create, save, event, publish."""

    def __init__(self, senders: Sequence[Member], conversations: Sequence[UUID]) -> None:
        self._senders, self._conversations = senders, conversations

    def send(self, sender: int, number: int) -> None:
        from django.db import transaction
        from django.utils import timezone

        from core.models import Stream
        from messenger.models import Conversation
        from messenger.models import Participant

        conversation_id = self._conversations[(sender + number) % len(self._conversations)]
        with transaction.atomic():
            stream = Stream.objects.select_for_update().get(pk=conversation_id)
            member = Participant.objects.select_related("user", "conversation").get(
                conversation_id=conversation_id, user_id=self._senders[sender].id
            )
            stream.last_seq += 1
            stream.save(update_fields=["last_seq"])
            message = _created(stream.last_seq, member)
            Conversation.objects.filter(pk=conversation_id).update(updated_at=timezone.now())
            member.read_seq = stream.last_seq
            member.save(update_fields=["read_seq"])
            _record_event(stream, message, member)


def _created(seq: int, member: Any) -> Any:
    from messenger.models import Message

    return Message.objects.create(
        conversation=member.conversation,
        seq=seq,
        sender=member.user,
        content=TEXT,
        search_text=TEXT.lower(),
        client_id=f"o{time.perf_counter_ns()}",
    )


def _record_event(stream: Any, message: Any, member: Any) -> None:
    from core.models import StreamEvent

    payload = {"id": str(message.pk), "seq": message.seq, "content": message.content, "sender": member.user.username}
    StreamEvent.objects.create(
        stream_id=stream.pk, seq=message.seq, type="message.new", payload=json.dumps(payload), subject=message.pk
    )


class Service:
    """The product, in this process."""

    def __init__(self, senders: Sequence[Member], conversations: Sequence[UUID]) -> None:
        from accounts.models import User

        by_id = User.objects.in_bulk([sender.id for sender in senders])
        self._actors = [by_id[sender.id] for sender in senders]
        self._conversations = conversations

    def send(self, sender: int, number: int) -> None:
        from messenger.services import messages

        conversation_id = self._conversations[(sender + number) % len(self._conversations)]
        client_id = f"s{time.perf_counter_ns()}"
        messages.send(self._actors[sender], conversation_id=conversation_id, content=TEXT, client_id=client_id)


class Sockets:
    """The product, through the sockets of a server."""

    def __init__(self, port: int, pid: int, senders: Sequence[Member], conversations: Sequence[UUID]) -> None:
        self._port, self._pid, self._senders, self._conversations = port, pid, senders, conversations

    def round(self, count: int) -> Round:
        return asyncio.run(self._round(count))

    async def _round(self, count: int) -> Round:
        callers = [_Caller(member, count, number, self._conversations) for number, member in enumerate(self._senders)]
        for caller in callers:
            await caller.open(self._port)
        begun, processor = time.perf_counter(), processor_seconds(self._pid)
        for caller in callers:
            caller.go_on()
        await asyncio.gather(*(caller.done for caller in callers))
        seconds, used = time.perf_counter() - begun, processor_seconds(self._pid) - processor
        for caller in callers:
            caller.abort()
        return _round(seconds, used, [caller.seconds for caller in callers])


class _Caller:
    def __init__(self, member: Member, count: int, number: int, conversations: Sequence[UUID]) -> None:
        self._member, self._left, self._number, self._conversations = member, count, number, conversations
        self.seconds: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._begun = 0.0
        self._socket: Socket | None = None

    async def open(self, port: int) -> None:
        self._socket = await open_socket(port, f"/ws?token={self._member.token}", self._heard)

    def go_on(self) -> None:
        """Send the next message."""
        assert self._socket
        self._left -= 1
        conversation = self._conversations[(self._number + self._left) % len(self._conversations)]
        self._begun = time.perf_counter()
        content = {"conversation_id": str(conversation), "content": TEXT, "client_id": f"w{time.perf_counter_ns()}"}
        self._socket.send(json.dumps({"type": "message.send", "id": "1", "payload": content}).encode())

    def abort(self) -> None:
        assert self._socket
        self._socket.abort()

    def _heard(self, _socket: Socket, payload: bytes) -> None:
        if payload.startswith(b'{"type":"error"'):
            self.done.set_exception(RuntimeError(payload.decode()))
        elif payload.startswith(b'{"type":"ok"'):
            self.seconds.append(time.perf_counter() - self._begun)
            if self._left:
                self.go_on()
            else:
                self.done.set_result(None)


# Rounds and words -----------------------------------------------------------------------------------------------------


def _compare(ways: dict[str, Callable[[], Round]], rounds: int) -> dict[str, list[Round]]:
    """All in turns; the first round only warms up."""
    turns = [{name: way() for name, way in ways.items()} for _ in range(rounds + 1)][1:]
    return {name: [turn[name] for turn in turns] for name in ways}


def _say(found: dict[str, list[Round]]) -> None:
    for name, rounds in found.items():
        taken = sorted(one for each in rounds for one in each.seconds)
        p50, p99 = taken[len(taken) // 2] * 1e3, taken[int(len(taken) * 0.99)] * 1e3
        line = (
            f"  {name:16}{statistics.median(each.per_second for each in rounds):8.0f}/s"
            f"{statistics.median(each.processor_us for each in rounds):7.0f} µs each"
            f"   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms"
        )
        for other in ("plain INSERT", "ORM"):
            if name != other and other in found:
                ratios = [a.per_second / b.per_second for a, b in zip(rounds, found[other], strict=True)]
                low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
                line += f"   {middle:.2f} ({low:.2f} to {high:.2f}) × {other}"
        print(line, flush=True)


def _check(conversations: Sequence[UUID]) -> str:
    """Raises SystemExit when anything is missing or there twice."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE s.last_seq <> m.said OR m.said <> m.highest OR m.said <> e.told)"
            " FROM realtime_streams s"
            " JOIN (SELECT conversation_id, count(DISTINCT seq) AS said, max(seq) AS highest"
            "         FROM conversation_messages GROUP BY 1) m ON m.conversation_id = s.id"
            " JOIN (SELECT stream_id, count(*) AS told FROM realtime_events GROUP BY 1) e ON e.stream_id = s.id"
            " WHERE s.id = ANY(%s)",
            [list(conversations)],
        )
        streams, wrong = cursor.fetchone()
        cursor.execute("SELECT sum(last_seq) FROM realtime_streams WHERE id = ANY(%s)", [list(conversations)])
        total = cursor.fetchone()[0]
    if wrong or not streams:
        raise SystemExit(f"{wrong} of {streams} conversations have gaps")
    return f"{total} messages in {streams} conversations, no gap"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=60, help="messages a sender and round")
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise SystemExit("Set DATABASE_URL to a PostgreSQL database: the baseline speaks to it directly.")
    os.environ["DB_POOL_MAX"] = "40"  # as many as the threads of the ORM here
    with stage() as environment:
        _measure(environment, options.rounds, options.count)


def _measure(environment: dict[str, str], rounds: int, count: int) -> None:
    from django.db import connection
    from django.db import connections

    senders = make_people(SENDERS)
    groups = make_groups([senders] * (CONVERSATIONS + 1))
    plain = Plain(senders, groups)
    port = free_port()
    print(set_up("django", "psycopg", "uvicorn"), f"· {SENDERS} senders · {rounds} rounds of {count} each")
    with server(
        [*uvicorn("kintsugi.asgi:application", port), "--ws", "websockets-sansio"], port, SERVER_CORE, **environment
    ) as pid:
        for conversations in ([groups[0]], groups[1:]):
            plain.into(conversations)
            orm, service = Orm(senders, conversations), Service(senders, conversations)
            sockets = Sockets(port, pid, senders, conversations)
            ways: dict[str, Callable[[], Round]] = {
                "plain INSERT": partial(in_threads, plain.send, count),
                "ORM": partial(in_threads, orm.send, max(1, count // 10), connections.close_all),
                "service": partial(in_threads, service.send, count, connections.close_all),
                "socket": partial(sockets.round, count),
            }
            print(f"{len(conversations)} conversation(s)")
            _say(_compare(ways, rounds))
            print(f"  {_check(conversations)}")
    plain.close()
    connection.close()


if __name__ == "__main__":
    main()
