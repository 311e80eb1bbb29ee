"""A PostgreSQL of one's own, to be stopped and to crash."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from deploy.postgres import programs
from tests.kit.processes import Process
from tests.kit.processes import free_port
from tests.kit.processes import wait_for

_OPTIONS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "shared_buffers": "32MB",
    # Nothing goes to the disk but what a commit waits for: what it does not wait for, a crash loses for certain.
    "wal_writer_delay": "10s",
    "bgwriter_lru_maxpages": "0",
    "autovacuum": "off",
    # After a crash every file is synchronised first, one by one unless told otherwise: seconds against tenths.
    "recovery_init_sync_method": "syncfs",
}
_OWNERS = ("postgres", "nobody")


class PostgresServer(Process):
    """A cluster that is made for it and lies in ``folder``; it is ready when it answers."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        port, self._password, self._data = free_port(), secrets.token_hex(16), folder / "data"
        options = _OPTIONS | {"port": str(port), "unix_socket_directories": str(folder)}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = (str(binaries / "postgres"), "-D", str(self._data), *words)
        super().__init__(command, port, log_path=folder / "server.log", cwd=folder, user=_owner())
        self._initdb(binaries / "initdb", folder)

    @property
    def url(self) -> str:
        return f"postgres://proof:{self._password}@127.0.0.1:{self.port}/postgres"

    def is_ready(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            psycopg.connect(self.url, connect_timeout=2).close()
            return True
        return False

    def stand_still(self) -> None:
        """It and all its processes answer nothing, and close nothing."""
        os.kill(self.pid, signal.SIGSTOP)  # first, so that it makes no further ones
        for child in _children(self.pid):
            _send(child, signal.SIGSTOP)

    def go_on(self) -> None:
        """After :meth:`stand_still`."""
        for process in (*_children(self.pid), self.pid):
            _send(process, signal.SIGCONT)

    def crash(self) -> None:
        """All its processes are killed at once: what they had in memory only is lost."""
        os.kill(self.pid, signal.SIGSTOP)
        children = _children(self.pid)
        self.kill()
        for child in children:
            _send(child, signal.SIGKILL)
        # One that lives holds the shared memory, and then the next server refuses to start.
        wait_for(lambda: not any(_lives(child) for child in children), "processes of PostgreSQL survived")

    def end(self) -> None:
        """For good, without a checkpoint; unlike a crash this leaves no shared memory behind."""
        if self.is_running:
            self.go_on()
            os.kill(self.pid, signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._started.wait(20)
        self.kill()

    def _initdb(self, program: Path, folder: Path) -> None:
        secret = folder / "password"
        secret.write_text(self._password, encoding="utf-8")
        if self.user:
            for path in (folder, secret):
                shutil.chown(path, self.user)
        words = (
            "--username=proof",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        )
        command = (str(program), "-D", str(self._data), *words)
        made = subprocess.run(command, cwd=folder, user=self.user, check=False, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer | None]:
    """One that runs, gone afterwards with its data; None where PostgreSQL's own programs are not installed."""
    found = programs()
    if found is None or not Path("/proc/self/stat").exists() or (os.geteuid() == 0 and _owner() is None):
        yield None
        return
    # Not below pytest's folders, into which only their owner may look.
    with tempfile.TemporaryDirectory(prefix="kintsugi-pg-") as folder:
        server = PostgresServer(found, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.end()


def _owner() -> str | None:
    """PostgreSQL refuses to run as root: then it is somebody else's."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _OWNERS if name in known), None)


def _children(parent: int) -> list[int]:
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [pid for pid in pids if _stat(pid)[1:2] == [str(parent)]]


def _lives(pid: int) -> bool:
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def _stat(pid: int) -> list[str]:
    """Its state, its parent and so on; nothing of one that is gone (proc_pid_stat(5))."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return []


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
