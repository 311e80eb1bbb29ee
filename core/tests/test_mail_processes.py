"""Letters of a real process: its mail server is away, then holds a letter while the process is killed."""

from __future__ import annotations

import contextlib
import email
import email.policy
import http.client
import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session

from tests.kit.processes import free_port
from tests.kit.servers import Server
from tests.kit.servers import serving

ADDRESS = "canary-4417@example.com"


class Post:
    """Takes letters; while it is held it has read a letter, and does not say so yet."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.held = threading.Event()
        self.holding = False
        self.go = threading.Event()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.taken.append(email.message_from_bytes(content, policy=email.policy.default))
        if self.holding:
            self.held.set()
            self.go.wait(60)
        return "250 OK"


def until(condition: Callable[[], object], server: Server, *, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)


def sql(server: Server, var_dir: Path, text: str) -> list[tuple[Any, ...]]:
    """What another process finds in the database of the server."""
    url = server.env.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []
    with contextlib.closing(sqlite3.connect(var_dir / "kintsugi.sqlite3", timeout=20)) as file:
        found = file.execute(text).fetchall()
        file.commit()
        return found


def post(server: Server, path: str, body: dict[str, str]) -> tuple[int, bytes]:
    answer = server.post(path, body)
    return answer.status, answer.body


def token_of(letter: Any) -> str:
    found = re.search(r"/app/magic#token=([\w-]+)", letter.get_body(("plain",)).get_content())
    assert found
    return found[1]


def test_a_letter_survives_an_absent_server_and_a_killed_process(tmp_path: Path) -> None:
    port, handler = free_port(), Post()
    mail_server = Controller(handler, hostname="127.0.0.1", port=port)
    settings = {"REDIS_URL": "", "EMAIL_URL": f"smtp+plain://127.0.0.1:{port}", "LOG_LEVEL": "DEBUG"}
    with serving(tmp_path, **settings) as server:
        # Nobody listens: the request is answered all the same, and the letter waits.
        assert post(server, "/api/auth/magic-link", {"email": ADDRESS}) == (202, b"")
        until(lambda: "ConnectionRefusedError" in server.log, server)
        assert sql(server, tmp_path, "SELECT state FROM outgoing_mails") == [("waiting",)]
        mail_server.start()
        try:
            until(lambda: handler.taken, server)
            until(lambda: sql(server, tmp_path, "SELECT 1 FROM outgoing_mails WHERE state = 'sent'"), server)
            first = token_of(handler.taken[0])

            # The process dies while the mail server has the letter and has not yet said so.
            handler.holding = True
            post(server, "/api/auth/magic-link", {"email": ADDRESS})
            until(handler.held.is_set, server)
            server.kill()
            handler.holding = False
            handler.go.set()
            sql(server, tmp_path, "UPDATE jobs SET lease_until = '2020-01-01 00:00:00+00:00' WHERE state = 'running'")
            server.start()
            until(lambda: len(handler.taken) == 3, server)
            open_jobs = "SELECT 1 FROM jobs WHERE kind = 'core.send_mail' AND state <> 'succeeded'"
            until(lambda: not sql(server, tmp_path, open_jobs), server)
            killed, again = handler.taken[1:]
            assert killed["Message-ID"] == again["Message-ID"] != handler.taken[0]["Message-ID"]
            assert token_of(killed) == token_of(again)
            left = sql(server, tmp_path, "SELECT state, recipient, content FROM outgoing_mails")
            assert left == [("sent", None, None)] * 2

            status, answer = post(server, "/api/auth/verify-magic-link", {"token": token_of(again)})
            assert (status, json.loads(answer)["user"]["email"]) == (http.client.OK, ADDRESS)
            for secret in (first, token_of(again), ADDRESS):
                assert secret not in server.log
            stored = str(sql(server, tmp_path, "SELECT payload, error FROM jobs"))
            assert "canary-4417" not in stored
        finally:
            handler.go.set()
            mail_server.stop()
