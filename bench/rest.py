"""REST: a page of 20 chat messages against a bare ASGI + psycopg handler that reads the same rows.

    DATABASE_URL=postgres://… python -m bench.rest

Needs PostgreSQL, in which it makes (and leaves) a user ``bench…`` with one chat of 200 messages. One server at a time,
a single process on one core, 16 requests at once from the other. Both read from the same database in the same run;
the product also checks the token and the session, the owner and the limits, and walks the branch.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import aiohttp

from bench.harness import SERVER_CORE
from bench.harness import keep_off_the_servers_core
from bench.harness import median_and_spread
from bench.harness import processor_seconds
from bench.harness import server
from bench.harness import set_up
from bench.harness import uvicorn
from kintsugi.config import BASE_DIR
from tests.kit.databases import migrate
from tests.kit.processes import free_port

_RUNS, _REQUESTS, _AT_ONCE = 3, 1600, 16
_SEED = """
import json
from accounts.services import sessions
from accounts.models import User
from aichat.models import Chat, ChatMessage
from core.ids import uuid7
user = User.objects.create_user(username=f"bench{uuid7().hex[:12]}", password=None)
chat = Chat.objects.create(owner=user, model="demo", title="Bench")
parent = None
for number in range(200):
    role = "assistant" if number % 2 else "user"
    parent = ChatMessage.objects.create(
        chat=chat, parent=parent, role=role, status="complete", content=f"Stone {number}. " * 20, model="demo")
Chat.objects.filter(pk=chat.pk).update(active_leaf=parent)
print(json.dumps({"chat": str(chat.pk), "token": sessions.open_session(user).access_token}))
"""


@dataclass(frozen=True, slots=True)
class Rates:
    """One run: requests a second, and processor microseconds of the server for each."""

    per_second: float
    processor_us: float


async def _load(url: str, headers: dict[str, str], pid: int, requests: int) -> Rates:
    async with aiohttp.ClientSession(headers=headers) as session:
        left = requests

        async def ask() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                async with session.get(url) as response:
                    if response.status != 200 or len(json.loads(await response.read())["results"]) != 20:
                        raise SystemExit(f"{url} answered {response.status}")

        began, processor = time.perf_counter(), processor_seconds(pid)
        await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))
        seconds = time.perf_counter() - began
        return Rates(requests / seconds, (processor_seconds(pid) - processor) / requests * 1e6)


def _measure(application: str, path: str, headers: dict[str, str], **environment: str) -> list[Rates]:
    port = free_port()
    with server(uvicorn(application, port), port, SERVER_CORE, **environment) as pid:
        url = f"http://127.0.0.1:{port}{path}"
        asyncio.run(_load(url, headers, pid, 200))  # warm
        return [asyncio.run(_load(url, headers, pid, _REQUESTS)) for _ in range(_RUNS)]


def _seed(**environment: str) -> dict[str, str]:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", _SEED]
    said = subprocess.run(
        command, cwd=BASE_DIR, env=os.environ | environment, check=True, capture_output=True, text=True
    ).stdout
    return dict(json.loads(said.strip().splitlines()[-1]))


def main() -> None:
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise SystemExit("Set DATABASE_URL to a PostgreSQL database: the baseline speaks to it directly.")
    keep_off_the_servers_core()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"VAR_DIR": folder, "RATE_LIMIT_ENABLED": "false", "LOG_LEVEL": "ERROR"}
        migrate(os.environ | environment)
        seeded = _seed(**environment)
        bare = _measure("bench.raw_messages:application", f"/{seeded['chat']}", {})
        ours = _measure(
            "kintsugi.asgi:application",
            f"/api/chats/{seeded['chat']}/messages?limit=20",
            {"Authorization": f"Bearer {seeded['token']}"},
            **environment,
        )
    print(f"{set_up('django', 'djangorestframework', 'psycopg', 'uvicorn')} · {_RUNS} runs of {_REQUESTS}\n")
    for label, rates in (("bare ASGI + psycopg", bare), ("product", ours)):
        print(
            f"  {label:20}{median_and_spread([rate.per_second for rate in rates], 0)} requests/s · "
            f"{median_and_spread([rate.processor_us for rate in rates], 0)} processor µs each"
        )
    ratio = statistics.median(rate.processor_us for rate in bare) / statistics.median(r.processor_us for r in ours)
    print(f"  ratio               {ratio:.2f} × requests per processor second")


if __name__ == "__main__":
    main()
