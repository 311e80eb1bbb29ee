"""Asking sources what they offer: an OpenAPI document or an MCP server, as one list of functions.

The network and a child process are waited for, so nobody calls this inside a transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import async_to_sync

from agents import builtin_mcp
from agents import egress
from agents.egress.problems import CannotBuild
from agents.egress.problems import Problem
from agents.errors import AddressRefused
from agents.errors import DocumentRefused
from agents.errors import ProtocolRefused
from agents.errors import SourceBusy
from agents.errors import SourceNeedsSignIn
from agents.errors import SourceUnreachable
from agents.models import AgentSource
from agents.services import definitions
from agents.services import outgoing
from agents.sources import fetching
from agents.sources.mcp import definitions as mcp_definitions
from agents.sources.mcp import keeper
from agents.sources.openapi import importing
from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Offered:
    """A function as its source has it now."""

    remote_name: str
    """What it is known by at every later look."""
    name: str
    description: str
    parameters: Mapping[str, Any]
    hash: str
    method: str = "POST"
    url: str = ""
    places: Mapping[str, Any] = field(default_factory=dict)
    is_read: bool = False

    @property
    def shown(self) -> dict[str, Any]:
        """What is compared by eye."""
        said = {"description": self.description, "parameters": dict(self.parameters)}
        return said | ({"places": dict(self.places)} if self.places else {})


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one look found."""

    label: str
    functions: tuple[Offered, ...]
    left_out: tuple[str, ...]
    url: str
    protocol: str = ""
    document_hash: str = ""
    server_url: str = ""
    notes: tuple[str, ...] = ()
    servers: tuple[importing.Server, ...] = ()
    auth: tuple[importing.AuthSuggestion, ...] = ()


def read(source: AgentSource, content: bytes | None = None) -> Reading:
    """What the source offers; ``content`` is a document that was given and not fetched.

    Raises AddressRefused, SourceUnreachable, SourceNeedsSignIn, ProtocolRefused, DocumentRefused and SourceBusy.
    """
    try:
        if source.kind == AgentSource.Kind.MCP:
            return async_to_sync(_listed)(source)
        return _document(source, content)
    except (fetching.SourceFailed, importing.DocumentRefused, CannotBuild) as error:
        raise _refusal(error.problem) from error


def _document(source: AgentSource, content: bytes | None) -> Reading:
    if content is None:
        content = async_to_sync(importing.fetch)(source.url, _auth_of_document(source))
    found = importing.read(content, url=source.url)
    server_url = source.server_url or found.servers[0].url
    functions = []
    for one in found.functions:
        url = importing.endpoint(server_url, one.path)
        places = {name: place.stored() for name, place in one.places.items()}
        said = {"url": url, "method": one.method, "description": one.description, "parameters": one.parameters}
        functions.append(
            Offered(
                remote_name=f"{one.method} {one.path}"[:200],
                name=one.name,
                description=one.description,
                parameters=one.parameters,
                hash=definitions.canonical_hash(said | {"places": places}),
                method=one.method,
                url=url,
                places=places,
                is_read=one.is_read,
            )
        )
    return Reading(
        label=f"{found.title} {found.version}".strip(),
        functions=tuple(functions),
        left_out=found.left_out,
        url=source.url,
        document_hash=found.document_hash,
        server_url=server_url,
        notes=found.notes,
        servers=found.servers,
        auth=found.auth,
    )


def _auth_of_document(source: AgentSource) -> egress.Auth:
    """The key is the server's that is called: whoever else keeps the document does not get it."""
    is_theirs = not source.server_url or host_of(source.server_url) == host_of(source.url)
    return outgoing.auth(source) if is_theirs and source.secret else egress.Auth()


async def _listed(source: AgentSource) -> Reading:
    server = keeper.McpServer(source.url, outgoing.auth(source), source.protocol)
    async with keeper.Keeper(server) as kept:
        found = await kept.listing()
    functions = [
        Offered(
            remote_name=one.remote_name,
            name=mcp_definitions.named(source.name, one.remote_name),
            description=one.description,
            parameters=one.parameters,
            hash=one.pinned_hash,
            url=source.url,
        )
        for one in found.tools
    ]
    return Reading(
        label=found.server_label,
        functions=tuple(functions),
        left_out=found.left_out,
        url=source.url,
        protocol=found.protocol,
    )


def asked_again(source: AgentSource) -> AgentSource:
    """The source as it is asked at a refresh: our own server inside the process says something else each time."""
    source.url = builtin_mcp.refreshed(source.url)
    return source


def host_of(url: str) -> str:
    """Empty for what is no address."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


_REFUSALS: dict[str, type[DomainError]] = {
    "address_refused": AddressRefused,
    "source_needs_sign_in": SourceNeedsSignIn,
    "protocol_refused": ProtocolRefused,
    "import_busy": SourceBusy,
}


def _refusal(problem: Problem) -> DomainError:
    if problem.code == "document_refused":
        return DocumentRefused(problem.sentence, pointer=problem.context.get("pointer", ""))
    refusal = _REFUSALS.get(problem.code, SourceUnreachable)
    return refusal(problem.sentence, **problem.context)
