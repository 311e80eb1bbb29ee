"""The whole: a thousand people signed in, who write, read, react, search and open their lists.

    [DATABASE_URL=… REDIS_URL=…] python -m bench.crowd [--minutes 2] [--people 1000] [--rate 100]

Three of five messages go to one person, one of three to a group of ten, the rest to groups of a hundred. Beside each
hundred messages: 20 read marks, 10 reactions, 10 pages of messages, 5 lists of conversations, 2 searches. One server
process on one core, the load on the other. Each client follows the positions of what it gets.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter
from collections import defaultdict
from typing import Any
from uuid import UUID

import aiohttp

from bench.clients import fresh
from bench.clients import heads
from bench.clients import percentile
from bench.clients import wrong
from bench.harness import SERVER_CORE
from bench.harness import keep_off_the_servers_core
from bench.harness import processor_seconds
from bench.harness import server
from bench.harness import set_up
from bench.harness import uvicorn
from bench.people import Member
from bench.people import make_groups
from bench.people import make_people
from bench.people import stage
from tests.kit.processes import free_port

_MIX = {2: 0.6, 10: 0.33, 100: 0.07}
"""Members of a conversation: its share of the messages."""
_BESIDE = {"read": 0.2, "react": 0.1, "history": 0.1, "list": 0.05, "search": 0.02}
"""For each message, how many of these."""
_WORDS = ("stone", "gold", "lacquer", "tea", "bowl", "crack", "seam", "hand", "river", "roof")

_Talks = dict[int, list[tuple[UUID, list[Member]]]]
"""Conversations with their members, by size."""


class Crowd:
    """Everybody, and what they do."""

    def __init__(self, port: int, people: list[Member], talks: _Talks) -> None:
        self._url = f"http://127.0.0.1:{port}/api/messenger"
        self._port = port
        self._talks = talks
        mine: dict[UUID, list[UUID]] = defaultdict(list)
        for size in talks.values():
            for talk, members in size:
                for member in members:
                    mine[member.id].append(talk)
        self.clients = {member.id: fresh(member, mine[member.id]) for member in people}
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.failures: Counter[str] = Counter()
        self._newest: dict[UUID, str] = {}
        self._dice = random.Random(1)
        self._running: set[asyncio.Task[None]] = set()

    async def come(self) -> None:
        """All connect, and are live."""
        for client in self.clients.values():
            client.heard = self._arrived
        await asyncio.gather(*(client.connect(self._port) for client in self.clients.values()))
        await asyncio.gather(*(client.live for client in self.clients.values()))

    async def live(self, seconds: float, rate: float) -> None:
        """Do all of it for so long, and wait for what is on its way."""
        begun, done = time.perf_counter(), 0
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=32)) as http:
            while (now := time.perf_counter() - begun) < seconds:
                while done < now * rate:
                    done += 1
                    self._one(http)
                await asyncio.sleep(0.005)
            while self._running or any(client.unanswered for client in self.clients.values()):
                await asyncio.sleep(0.05)
                if time.perf_counter() - begun > seconds + 30:
                    break
        self.failures["unanswered"] = sum(client.unanswered for client in self.clients.values())
        for client in self.clients.values():
            self.failures.update(client.errors)

    def _one(self, http: aiohttp.ClientSession) -> None:
        size = self._dice.choices(list(_MIX), weights=list(_MIX.values()))[0]
        talk, members = self._dice.choice(self._talks[size])
        self._say(talk, self._dice.choice(members))
        for what, share in _BESIDE.items():
            if self._dice.random() < share:
                self._beside(http, what, talk, self._dice.choice(members))

    def _say(self, talk: UUID, member: Member) -> None:
        content = f"{time.perf_counter():.6f} {' '.join(self._dice.choices(_WORDS, k=8))}"

        def said(seconds: float, payload: dict[str, Any]) -> None:
            self.taken["send to ok"].append(seconds)
            self._newest[talk] = payload["id"]

        body = {"conversation_id": str(talk), "content": content, "client_id": f"{self._dice.getrandbits(64):x}"}
        self.clients[member.id].ask("message.send", body, said)

    def _arrived(self, payload: dict[str, Any]) -> None:
        self.taken["send to arrival"].append(time.perf_counter() - float(payload["content"].partition(" ")[0]))

    def _beside(self, http: aiohttp.ClientSession, what: str, talk: UUID, member: Member) -> None:
        client, newest = self.clients[member.id], self._newest.get(talk)
        paths = {
            "history": f"/conversations/{talk}/messages?limit=20",
            "list": "/conversations?limit=20",
            "search": f"/search?q={self._dice.choice(_WORDS)}",
        }
        if what in paths:
            task = asyncio.create_task(self._get(http, what, paths[what], client.member))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        elif newest and what == "read":
            client.ask("read.mark", {"conversation_id": str(talk), "message_id": newest}, self._note("read"))
        elif newest:
            client.ask("reaction.add", {"message_id": newest, "emoji": "🔥"}, self._note("react"))

    def _note(self, what: str) -> Any:
        return lambda seconds, _payload: self.taken[what].append(seconds)

    async def _get(self, http: aiohttp.ClientSession, what: str, path: str, member: Member) -> None:
        begun = time.perf_counter()
        async with http.get(self._url + path, headers={"Authorization": f"Bearer {member.token}"}) as answer:
            await answer.read()
            if answer.status != 200:
                self.failures[f"{what} {answer.status}"] += 1
        self.taken[what].append(time.perf_counter() - begun)


def _made(people: list[Member]) -> _Talks:
    dice, found = random.Random(2), {}
    for size in _MIX:
        shuffled = dice.sample(people, len(people))
        members = [shuffled[start : start + size] for start in range(0, len(people), size)]
        found[size] = list(zip(make_groups(members), members, strict=True))
    return found


async def _run(crowd: Crowd, pid: int, seconds: float, rate: float) -> None:
    await crowd.come()
    processor, begun = processor_seconds(pid), time.perf_counter()
    await crowd.live(seconds, rate)
    busy = (processor_seconds(pid) - processor) / (time.perf_counter() - begun)
    last = await asyncio.to_thread(heads)
    clients = list(crowd.clients.values())
    for _ in range(100):
        found = wrong(clients, last)
        if not found["lost"]:
            break
        await asyncio.sleep(0.1)
    for what, taken in crowd.taken.items():
        figures = "   ".join(f"p{share * 100:.0f} {percentile(taken, share):7.1f} ms" for share in (0.5, 0.95, 0.99))
        print(f"  {what:16}{len(taken):8} × {figures}")
    print(f"  server process: {busy:.0%} of a core · failures: {dict(+crowd.failures) or 'none'}")
    print("  " + ", ".join(f"{name} {number}" for name, number in found.items()), flush=True)
    for client in clients:
        client.abort()
    if any(found.values()):
        raise SystemExit("Something is missing, or was there twice.")


async def _begin(port: int, pid: int, people: list[Member], talks: _Talks, options: argparse.Namespace) -> None:
    await _run(Crowd(port, people, talks), pid, options.minutes * 60, options.rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100, help="messages a second")
    options = parser.parse_args()
    keep_off_the_servers_core()
    with stage() as environment:
        print(set_up("django", "uvicorn"), f"· {options.people} people, {options.rate:.0f} messages a second")
        people, port = make_people(options.people), free_port()
        talks = _made(people)
        arguments = [*uvicorn("kintsugi.asgi:application", port), "--ws", "websockets-sansio", "--backlog", "4096"]
        with server(arguments, port, SERVER_CORE, **environment) as pid:
            asyncio.run(_begin(port, pid, people, talks, options))


if __name__ == "__main__":
    main()
