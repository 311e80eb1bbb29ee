"""``make run`` listens where BIND says, asks itself there, and says what is wrong in words that help."""

from __future__ import annotations

import errno
import os
import socket

import pytest

from deploy import targets
from deploy.steps import Failure


@pytest.fixture(autouse=True)
def _no_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV_FILE", os.devnull)


@pytest.mark.parametrize(
    ("bind", "own", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080", "http://localhost:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080", "http://localhost:8080"),
        ("::", "http://[::1]:8080", "http://localhost:8080"),
        ("::1", "http://[::1]:8080", "http://localhost:8080"),
        ("192.0.2.7", "http://192.0.2.7:8080", "http://192.0.2.7:8080"),
        ("2001:db8::7", "http://[2001:db8::7]:8080", "http://[2001:db8::7]:8080"),
    ],
)
def test_it_is_asked_where_it_listens(monkeypatch: pytest.MonkeyPatch, bind: str, own: str, shown: str) -> None:
    monkeypatch.setenv("BIND", bind)
    assert targets._own_address(8080) == own
    assert targets._shown_address(8080) == shown


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (OSError(errno.EADDRINUSE, "in use"), "taken by another program"),
        (OSError(errno.EACCES, "no"), "administrators only"),
        (OSError(errno.EADDRNOTAVAIL, "no"), "has no address"),
        (OSError(errno.EAFNOSUPPORT, "no"), "has no IPv6"),
        (socket.gaierror(-2, "unknown"), "BIND must be an address"),
        (OSError(errno.ENOBUFS, "No buffer space"), "No buffer space"),
    ],
)
def test_each_fault_has_its_sentence(error: OSError, word: str) -> None:
    assert word in targets._cannot_listen("2001:db8::7", 8080, error)


def test_real_faults_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("BIND", "127.0.0.1")
        with pytest.raises(Failure, match="taken"):
            targets._refuse_taken(port)
    monkeypatch.setenv("BIND", "192.0.2.7")  # of a network for documents: RFC 5737
    with pytest.raises(Failure, match="has no address"):
        targets._refuse_taken(port)
