"""The door of the import: bytes, a file's or an address's, become functions that nobody has enabled yet."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from agents.egress import policy
from agents.egress import problems
from agents.egress.problems import Problem
from agents.egress.shapes import Auth
from agents.egress.shapes import AuthKind
from agents.egress.shapes import Place
from agents.sources import fetching
from agents.sources.openapi.documents import MAX_BYTES
from core.files import children

TIMEOUT_SECONDS = 60
WAIT_SECONDS = 5
_children = children.Children(str(Path(__file__).with_name("worker.py")), at_once=1, wait=WAIT_SECONDS)


class DocumentRefused(Exception):
    """The document cannot be imported; ``problem`` says why, and where by a JSON pointer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ImportedFunction:
    """One operation. It has no address yet: the owner chooses the server (:func:`endpoint`)."""

    name: str
    description: str
    method: str
    path: str
    parameters: Mapping[str, Any]
    places: Mapping[str, Place]
    tag: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    description: str


@dataclass(frozen=True, slots=True)
class AuthSuggestion:
    """How the document says one signs in; ``name`` is a header's."""

    kind: AuthKind
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Imported:
    """All of a document; ``left_out`` has a line for each operation that is not among the functions."""

    title: str
    version: str
    document_hash: str
    functions: tuple[ImportedFunction, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    servers: tuple[Server, ...]
    auth: tuple[AuthSuggestion, ...]


def read(content: bytes, *, url: str = "", timeout: float = TIMEOUT_SECONDS) -> Imported:
    """What a document offers; ``url`` is where it came from, for servers without a host of their own.

    For threads: it waits for a child process. Raises DocumentRefused.
    """
    if len(content) > MAX_BYTES:
        raise DocumentRefused(_refused(f"At most {MAX_BYTES // 1024**2} MB of a document are read."))
    with tempfile.NamedTemporaryFile(prefix="openapi-") as copy:
        copy.write(content)
        copy.flush()
        answer = _ask(copy.name, timeout)
    if "error" in answer:
        raise DocumentRefused(_refused(answer["error"], answer["pointer"]))
    return Imported(
        title=answer["title"],
        version=answer["version"],
        document_hash=hashlib.sha256(content).hexdigest(),
        functions=tuple(_function(one) for one in answer["functions"]),
        left_out=tuple(answer["left_out"]),
        notes=tuple(answer["notes"]),
        servers=tuple(_server(one, url) for one in answer["servers"] or [{"url": "/", "description": ""}]),
        auth=tuple(AuthSuggestion(**one) for one in answer["auth"]),
    )


async def fetch(url: str, auth: Auth | None = None) -> bytes:
    """A document by its address. Raises :class:`agents.sources.fetching.SourceFailed`."""
    return await fetching.fetch(url, auth or Auth(), max_bytes=MAX_BYTES)


def endpoint(server_url: str, path: str) -> str:
    """The address of a function on the server its owner chose. Raises CannotBuild for one that may not be called."""
    made = server_url.rstrip("/") + path
    policy.target_of(made)
    return made


def _ask(path: str, timeout: float) -> dict[str, Any]:
    try:
        return _children.ask(path, timeout=timeout)
    except children.Busy:
        raise DocumentRefused(problems.busy_importing(WAIT_SECONDS)) from None
    except children.OutOfBounds:
        raise DocumentRefused(_refused("The document takes too much time or memory to be read.")) from None


def _refused(sentence: str, pointer: str = "") -> Problem:
    return Problem("document_refused", sentence, {"pointer": pointer} if pointer else {})


def _function(told: Mapping[str, Any]) -> ImportedFunction:
    places = {name: Place.read(place) for name, place in told["places"].items()}
    return ImportedFunction(**{**told, "places": places})


def _server(told: Mapping[str, str], url: str) -> Server:
    try:
        return Server(urljoin(url, told["url"]), told["description"])
    except ValueError:
        return Server(told["url"], told["description"])
