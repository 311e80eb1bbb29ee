"""Janus and coturn, as Debian packages them, each a process of the test's own."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calls.providers.janus import Janus
from deploy import media
from tests.kit.processes import Process
from tests.kit.processes import free_port

TOKEN_SECRET = "a-secret-for-signed-tokens-0123456789"
ADMIN_SECRET = "a-secret-for-the-admin-api-0123456789"
ROOM_KEY = "a-key-for-making-rooms-0123456789"
TURN_SECRET = "a-secret-for-turn-credentials-0123456789"


def _needed(program: str, name: str) -> pytest.MarkDecorator:
    """Without it the test says so; where everything must be checked (``CI``) it fails."""
    is_missing = not shutil.which(program) and "CI" not in os.environ
    return pytest.mark.skipif(is_missing, reason=f"not checked: there is no {name} on this machine")


needs_janus = _needed("janus", "janus")
needs_coturn = _needed("turnserver", "coturn")


def own_address() -> str:
    """An address of this machine that is not the loopback's, which browsers and aiortc offer no candidates for."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent
        address: str = probe.getsockname()[0]
    return address


def span_of_ports(count: int) -> tuple[int, int]:
    """The first and the last of so many UDP ports in a row that nobody uses at the moment."""
    while True:
        first = free_port()
        sockets = []
        try:
            for port in range(first, first + count):
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sockets.append(one)
                one.bind(("", port))
        except (OSError, OverflowError):
            continue
        finally:
            for one in sockets:
                one.close()
        return first, first + count - 1


@contextmanager
def janus(folder: Path, *, reclaim: int = 30) -> Iterator[Janus]:
    """A Janus with the settings that the deployment has; gives what the product needs to know of it."""
    with janus_process(folder, reclaim=reclaim) as (media_server, _process):
        yield media_server


@contextmanager
def janus_process(folder: Path, *, reclaim: int = 30) -> Iterator[tuple[Janus, Process]]:
    """The same, and the process itself, which a test may end."""
    websocket, admin = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    given = media.JanusSettings(
        folder=folder,
        token_secret=TOKEN_SECRET,
        admin_secret=ADMIN_SECRET,
        room_key=ROOM_KEY,
        bind="127.0.0.1",
        websocket_port=websocket,
        admin_port=admin,
        media_ports=span_of_ports(40),
        address=own_address(),
        public_address="",
        reclaim_seconds=reclaim,
    )
    media.write_janus(given)
    process = Process(media.janus_command(folder), admin, log_path=folder / "janus.log")
    with process.running():
        addresses = (f"ws://127.0.0.1:{websocket}", f"http://127.0.0.1:{admin}/admin")
        yield Janus(*addresses, TOKEN_SECRET, ADMIN_SECRET, ROOM_KEY), process


@contextmanager
def coturn(folder: Path, *, denied: tuple[str, ...] = media.DENIED_PEERS) -> Iterator[tuple[str, int]]:
    """A coturn with the settings that the deployment has; gives its address and port."""
    address, port = own_address(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    given = media.TurnSettings(
        secret=TURN_SECRET,
        realm="tests",
        address=address,
        public_address="",
        port=port,
        relay_ports=span_of_ports(20),
        denied_peers=denied,
    )
    path = folder / "turnserver.conf"
    path.write_text(media.coturn_config(given))
    command = ("turnserver", "-c", str(path), "--pidfile", str(folder / "coturn.pid"))
    with _Listening(command, port, log_path=folder / "coturn.log", address=address).running():
        yield address, port


_BINDING = bytes.fromhex("000100002112a442") + b"are-you-here"
"""The question of STUN that everybody is answered: RFC 8489, 5."""


class _Listening(Process):
    """A coturn, which takes TCP some time before it takes UDP."""

    def __init__(self, command: tuple[str, ...], port: int, *, log_path: Path, address: str) -> None:
        super().__init__(command, port, log_path=log_path)
        self._address = address

    def is_ready(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            try:
                probe.connect((self._address, self.port))
                probe.send(_BINDING)
                return probe.recv(100)[8:20] == _BINDING[8:20]
            except OSError:
                return False
