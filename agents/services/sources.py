"""Sources of functions: imported, looked at again, changed, taken out. What they offer arrives switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from agents import access
from agents import limits
from agents.errors import SourceNameTaken
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentSource
from agents.models.functions import AuthKind
from agents.services import functions
from agents.services import reading
from agents.services.reading import Offered
from agents.services.reading import Reading
from agents.sources.mcp.definitions import named
from core.errors import DomainError
from core.errors import InvalidInput
from core.errors import NotFound
from core.files import services as files
from core.models import StoredFile


@dataclass(slots=True)
class Found:
    """What a look at a source has changed."""

    source: AgentSource
    reading: Reading
    added: list[AgentFunction] = field(default_factory=list)
    changed: list[tuple[AgentFunction, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def bring_in(actor: User, *, agent_id: UUID, values: Mapping[str, Any]) -> Found:
    """A new source, and its functions, which nobody may call yet.

    Raises NotFound, InvalidInput, SourceNameTaken and what :func:`agents.services.reading.read` raises.
    """
    agent = access.own(actor, agent_id)
    _require_room(agent)
    source = AgentSource(
        agent=agent, kind=values["kind"], url=values.get("url") or "", server_url=values.get("server") or ""
    )
    source.name = values.get("name") or reading.host_of(source.url).split(".")[0] or "api"
    _take_auth(source, values.get("auth") or {})
    found = Found(source, reading.read(source, _given(actor, values)))
    if not values.get("name") and found.reading.label and not source.url:
        source.name = found.reading.label[: limits.NAME_LENGTH]
    _bind_secret(found, chosen=bool(values.get("server")))
    with transaction.atomic():
        agent = access.lock_own(actor, agent_id)
        _require_room(agent)
        _note(source, found.reading)
        _save(source)
        _compare(agent, found)
        functions.require_room(agent)
        functions.touch(agent)
    return found


def refresh(actor: User, *, agent_id: UUID, source_id: UUID, values: Mapping[str, Any]) -> Found:
    """Look again. What has changed is switched off until it is approved anew; what is gone is switched off.

    Raises NotFound, InvalidInput for a document that has no address and was not given, and what
    :func:`agents.services.reading.read` raises, which is noted at the source.
    """
    agent = access.own(actor, agent_id)
    source = reading.asked_again(access.source_of(agent, source_id))
    content = _given(actor, values)
    if content is None and not source.url:
        raise InvalidInput(details={"text": [gettext("This document has no address. Give it again.")]})
    try:
        found = Found(source, reading.read(source, content))
    except DomainError as error:
        failed = {"state": AgentSource.State.FAILING, "problem": error.sentence[:300], "checked_at": timezone.now()}
        AgentSource.objects.filter(pk=source.pk).exclude(state=AgentSource.State.OFF).update(**failed)
        raise
    with transaction.atomic():
        agent = access.lock_own(actor, agent_id)
        found.source = access.source_of(agent, source_id)
        found.source.url = source.url
        _note(found.source, found.reading)
        _compare(agent, found)
        found.source.save()
        functions.require_room(agent)
        functions.touch(agent)
    return found


@transaction.atomic
def change(actor: User, *, agent_id: UUID, source_id: UUID, values: Mapping[str, Any]) -> AgentSource:
    """Another name or key; switched off, none of its functions is called. Raises NotFound and SourceNameTaken."""
    agent = access.lock_own(actor, agent_id)
    source = access.source_of(agent, source_id)
    source.name = values.get("name", source.name)
    if "auth" in values:
        _take_auth(source, values["auth"])
    if "is_off" in values:
        source.state = AgentSource.State.OFF if values["is_off"] else AgentSource.State.OK
        source.problem = ""
        if values["is_off"]:
            source.functions.update(is_enabled=False)
    _save(source)
    functions.touch(agent)
    return access.source_of(agent, source_id)


@transaction.atomic
def take_out(actor: User, *, agent_id: UUID, source_id: UUID) -> None:
    """The source goes, and all its functions. Raises NotFound."""
    agent = access.lock_own(actor, agent_id)
    access.source_of(agent, source_id).delete()
    functions.touch(agent)


def _require_room(agent: Agent) -> None:
    if agent.sources.count() >= limits.MAX_SOURCES:
        sentence = gettext("An agent may have at most {most} sources.").format(most=limits.MAX_SOURCES)
        raise InvalidInput(details={"kind": [sentence]})


def _given(actor: User, values: Mapping[str, Any]) -> bytes | None:
    """A document that came along, or lies among the actor's files. Raises NotFound."""
    if text := values.get("text"):
        return str(text).encode("utf-8", "replace")
    if not (file_id := values.get("file_id")):
        return None
    file = StoredFile.objects.filter(owner_id=actor.pk, pk=file_id).first()
    if file is None:
        raise NotFound
    return files.read_bytes(file)


def _take_auth(source: AgentSource, given: Mapping[str, Any]) -> None:
    """As of a function: a secret that is left out stays, but not for another kind."""
    if not given:
        return
    kind = given["kind"]
    if kind == AuthKind.HMAC and source.kind == AgentSource.Kind.MCP:
        raise InvalidInput(details={"auth.kind": [gettext("An MCP server takes a token or a header.")]})
    if kind != source.auth_kind:
        source.secret = None
    source.auth_kind = kind
    source.auth_name = str(given.get("username" if kind == AuthKind.BASIC else "name") or "")
    if "secret" in given:
        source.secret = source._meta.get_field("secret").to_python(given["secret"])
    if kind == AuthKind.NONE:
        source.secret = None


def _bind_secret(found: Found, *, chosen: bool) -> None:
    """A document may name any server: the key goes to where its owner has pointed, and to no other."""
    source = found.source
    source.server_url = found.reading.server_url
    if not source.secret or chosen or source.kind == AgentSource.Kind.MCP:
        return
    called = reading.host_of(source.server_url)
    if called != reading.host_of(source.url):
        source.secret = None
        sentence = gettext("The key was not kept, as the calls would go to {host}. If that is right, enter it again.")
        found.notes.append(sentence.format(host=called))


def _note(source: AgentSource, found: Reading) -> None:
    source.protocol, source.server_label = found.protocol[:20], found.label[:200]
    source.document_hash, source.checked_at, source.problem = found.document_hash, timezone.now(), ""
    if source.state == AgentSource.State.FAILING:
        source.state = AgentSource.State.OK


def _save(source: AgentSource) -> None:
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError:
        raise SourceNameTaken(name=source.name) from None


def _compare(agent: Agent, found: Found) -> None:
    """The rows as they are now, and what is different. The caller has the agent's lock."""
    known = {row.remote_name: row for row in agent.functions.filter(source=found.source)}
    taken = {name.lower() for name in agent.functions.values_list("name", flat=True)}
    for offered in found.reading.functions:
        row = known.pop(offered.remote_name, None)
        if row is None:
            found.added.append(_added(agent, found.source, offered, taken))
        elif row.definition_hash != offered.hash:
            _changed(row, offered, found)
    AgentFunction.objects.bulk_create(found.added)
    for row in known.values():
        found.gone.append(row.name)
        if row.approved_at is None:
            row.delete()
        else:
            row.is_enabled, row.problem = False, gettext("Its source does not have it any more.")
            row.save(update_fields=["is_enabled", "problem", "updated_at"])
    if found.source.state != AgentSource.State.OFF:
        is_changed = found.source.functions.filter(offered__isnull=False).exists()
        found.source.state = AgentSource.State.CHANGED if is_changed else AgentSource.State.OK
        found.source.save(update_fields=["state", "updated_at"])


def approved(agent: Agent, source: AgentSource, offered: Offered, taken: set[str]) -> AgentFunction:
    """A function that needs nobody's look, as a row that is not saved; ``taken`` are names that others have."""
    row = _added(agent, source, offered, taken)
    row.pinned_hash, row.approved_at, row.is_enabled = row.definition_hash, timezone.now(), True
    return row


def _added(agent: Agent, source: AgentSource, offered: Offered, taken: set[str]) -> AgentFunction:
    name = offered.name if offered.name.lower() not in taken else named(source.name, offered.name)
    taken.add(name.lower())
    is_free = offered.is_read and source.auth_kind == AuthKind.NONE
    return AgentFunction(
        agent=agent,
        source=source,
        name=name,
        description=offered.description[: limits.DESCRIPTION_LENGTH],
        parameters=dict(offered.parameters),
        function_type="mcp" if source.kind == AgentSource.Kind.MCP else "api",
        endpoint_url=offered.url,
        http_method=offered.method.upper(),
        places=dict(offered.places),
        effect="read" if offered.is_read else "write",
        repeat="always" if offered.is_read else "never",
        confirm="never" if offered.is_read else "asker",
        callable_by="members" if is_free else "owner",
        remote_name=offered.remote_name,
        definition_hash=offered.hash,
    )


def _changed(row: AgentFunction, offered: Offered, found: Found) -> None:
    before = {name: getattr(row, name) for name in offered.shown}
    row.definition_hash, row.endpoint_url = offered.hash, offered.url
    if row.approved_at is None:
        row.description = offered.description[: limits.DESCRIPTION_LENGTH]
        row.parameters, row.places = dict(offered.parameters), dict(offered.places)
    elif row.pinned_hash == offered.hash:
        row.offered, row.problem = None, ""
    else:
        row.offered, row.is_enabled = offered.shown, False
        row.problem = gettext("Its source says something else of it now. Look at the difference and approve it.")
    row.save()
    found.changed.append((row, before, offered.shown))
