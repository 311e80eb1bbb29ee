"""The functions of an agent: written by its owner, switched on and off, approved when somebody else wrote them.

Callers have the agent's lock: what counts all functions of one agent counts them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from agents import access
from agents import egress
from agents import limits
from agents import schemas
from agents import signing
from agents.errors import DefinitionChanged
from agents.errors import FunctionNameTaken
from agents.errors import FunctionOff
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentGrant
from agents.models.functions import AuthKind
from agents.services import definitions
from agents.services import outgoing
from core.errors import InvalidInput
from core.errors import NotFound
from core.llm import tools

Type = AgentFunction.Type

_DECIDED = ("effect", "repeat", "confirm", "callable_by", "timeout", "per_run", "per_day")
_PLAIN = ("name", "description", "headers", *_DECIDED)
_OF_IMPORTED = frozenset({"id", "is_enabled", "remove", *_DECIDED})
"""What the owner decides of a function that somebody else has written."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def write(agent: Agent, given: Sequence[Mapping[str, Any]]) -> None:
    """Make, change and remove functions, in the given order.

    Raises NotFound, InvalidInput, FunctionNameTaken, FunctionOff, AddressRefused and FunctionRefused; ``details`` name
    the place in the list.
    """
    rows = {row.pk: row for row in agent.functions.select_related("source")}
    for place, values in enumerate(given):
        try:
            _write_one(agent, rows, values)
        except InvalidInput as error:
            details = error.details or {}
            named = {f"functions.{place}.{field}": sentences for field, sentences in details.items()}
            raise InvalidInput(details=named) from error
    require_room(agent)


def require_room(agent: Agent) -> None:
    """Raises InvalidInput when the agent has more functions, or more that are on, than one may have."""
    enabled = agent.functions.filter(is_enabled=True).count()
    if enabled > limits.MAX_ENABLED_FUNCTIONS:
        sentence = gettext("At most {most} functions may be switched on.").format(most=limits.MAX_ENABLED_FUNCTIONS)
        raise InvalidInput(details={"functions": [sentence]})
    if agent.functions.count() > limits.MAX_FUNCTIONS:
        sentence = gettext("An agent may have at most {most} functions.").format(most=limits.MAX_FUNCTIONS)
        raise InvalidInput(details={"functions": [sentence]})


def _write_one(agent: Agent, rows: dict[UUID, AgentFunction], values: Mapping[str, Any]) -> None:
    function_id = values.get("id")
    if function_id is None:
        row = unsaved(agent, values)
        save(row)
        rows[row.pk] = row
        return
    known = rows.get(function_id)
    if known is None:
        raise NotFound
    if values.get("remove"):
        known.delete()
        del rows[function_id]
        return
    if known.source_id:
        if wrong := sorted(set(values) - _OF_IMPORTED):
            sentence = gettext("This function was imported. Its source says what it is.")
            raise InvalidInput(details={field: [sentence] for field in wrong})
        _take_plain(known, values)
        _switch(known, values)
    else:
        _fill(known, values)
    save(known)


def unsaved(agent: Agent, values: Mapping[str, Any]) -> AgentFunction:
    """A function as :func:`write` would make it, without a row. Raises what that raises for its values."""
    row = AgentFunction(agent=agent, function_type=values["function_type"])
    _fill(row, values)
    return row


def save(row: AgentFunction) -> None:
    """Raises FunctionNameTaken. Leaves the transaction usable."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        named = AgentFunction.objects.filter(agent_id=row.agent_id, name__iexact=row.name).exclude(pk=row.pk)
        if not named.exists():
            raise
        raise FunctionNameTaken(name=row.name) from None


def _fill(row: AgentFunction, values: Mapping[str, Any]) -> None:
    """A function of the owner's own: written is approved."""
    is_new = row._state.adding
    if values.get("function_type", row.function_type) != row.function_type:
        raise InvalidInput(details={"function_type": [gettext("A function stays of the kind it is.")]})
    before = None if is_new else _target(row.endpoint_url)
    _take_plain(row, values)
    if row.function_type == Type.INTERNAL:
        _take_tool(row, values)
    else:
        _take_request(row, values)
        _take_auth(row, values, moved=before is not None and before != _target(row.endpoint_url))
        outgoing.check(row)
    if is_new:
        _take_defaults(row, values)
    row.approved_at = row.approved_at or timezone.now()
    row.pinned_hash = row.definition_hash = definitions.of_row(row)
    if is_new or "is_enabled" in values:
        row.is_enabled = values.get("is_enabled", True)
        row.problem = ""
    if needs_secret(row):
        row.is_enabled = False
        row.problem = gettext("Enter the secret of this function again: it belongs to the server it was entered for.")


def _take_plain(row: AgentFunction, values: Mapping[str, Any]) -> None:
    for field in _PLAIN:
        if field in values:
            setattr(row, field, values[field])


def _take_defaults(row: AgentFunction, values: Mapping[str, Any]) -> None:
    """What reads may be called freely; what may change something asks, and is its owner's alone."""
    is_internal = row.function_type == Type.INTERNAL
    if "effect" not in values and not is_internal:
        row.effect = "read" if row.function_type == Type.API and row.http_method in _READING else "write"
    is_read = row.effect == "read"
    if "repeat" not in values:
        row.repeat = "always" if is_read and (is_internal or row.http_method in _READING) else "never"
    if "confirm" not in values:
        row.confirm = "never" if is_read or is_internal else "asker"
    if "callable_by" not in values:
        is_open = is_internal or (is_read and (row.function_type == Type.WEBHOOK or row.auth_kind == AuthKind.NONE))
        row.callable_by = "members" if is_open else "owner"


def _take_tool(row: AgentFunction, values: Mapping[str, Any]) -> None:
    """A tool of the house: what it is, the registry says."""
    name = values.get("tool") or row.remote_name or row.name
    found = tools.find(name)
    if found is None:
        raise InvalidInput(details={"tool": [gettext("There is no tool of this name here.")]})
    row.remote_name, row.effect = found.name, found.effect
    row.parameters = schemas.unfolded(found.definition.parameters)
    row.description = values.get("description") or row.description or found.description[: limits.DESCRIPTION_LENGTH]


def _take_request(row: AgentFunction, values: Mapping[str, Any]) -> None:
    row.endpoint_url = values.get("endpoint_url", row.endpoint_url)
    if not row.endpoint_url:
        raise InvalidInput(details={"endpoint_url": [gettext("Give the address that is called.")]})
    row.http_method = values.get("http_method", row.http_method)
    if row.function_type == Type.WEBHOOK:
        row.http_method = "POST"
    if "places" in values:
        row.places = {
            name: egress.Place(place["kind"], place["name"], place.get("join", "")).stored()
            for name, place in values["places"].items()
        }
    if "parameters" in values or not row.parameters:
        row.parameters = checked_parameters(values.get("parameters") or {})


def checked_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of an object, written out. Raises InvalidInput."""
    if given.get("type", "object") != "object" or not isinstance(given.get("properties", {}), Mapping):
        raise InvalidInput(details={"parameters": [gettext("Write a JSON schema of an object.")]})
    try:
        return schemas.unfolded(given)
    except schemas.SchemaRefused:
        sentence = gettext("This schema is too large: at most {most} KiB, with its references written out.")
        most = limits.PARAMETERS_BYTES // 1024
        raise InvalidInput(details={"parameters": [sentence.format(most=most)]}) from None


def _take_auth(row: AgentFunction, values: Mapping[str, Any], *, moved: bool) -> None:
    """A secret belongs to its kind and to the server it was entered for; a webhook always signs."""
    given = values.get("auth_config") or {}
    kind, had = given.get("kind", row.auth_kind), row.auth_kind
    if row.function_type == Type.WEBHOOK and kind == AuthKind.NONE:
        kind = AuthKind.HMAC
    row.auth_kind = kind
    if given:
        row.auth_name = str(given.get("username" if kind == AuthKind.BASIC else "name") or "")
    if moved or kind != had:
        row.secret = row.secret_before = row.secret_before_until = None
    if "secret" in given:
        row.secret, row.secret_before, row.secret_before_until = given["secret"], None, None
    if kind == AuthKind.NONE:
        row.secret = None
    elif kind == AuthKind.HMAC and not row.secret:
        row.secret = signing.new_secret()
    if row.secret is not None:
        row.secret = row._meta.get_field("secret").to_python(row.secret)


def needs_secret(row: AgentFunction) -> bool:
    """Whether calls must say who they are from, and cannot."""
    return row.source_id is None and row.auth_kind != AuthKind.NONE and not row.secret


def _target(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port


def _switch(row: AgentFunction, values: Mapping[str, Any]) -> None:
    if "is_enabled" not in values:
        return
    if values["is_enabled"] and (row.approved_at is None or row.pinned_hash != row.definition_hash):
        raise FunctionOff(function_id=str(row.pk))
    row.is_enabled, row.problem = values["is_enabled"], ""


@transaction.atomic
def approve(
    actor: User, *, agent_id: UUID, items: Sequence[tuple[UUID, str]], enable: bool = True
) -> tuple[Agent, list[AgentFunction]]:
    """What was shown may be called from now on; grants for what it was before are over.

    Raises NotFound, and DefinitionChanged when a hash is not that of what its source says now.
    """
    agent = access.lock_own(actor, agent_id)
    rows = {row.pk: row for row in agent.functions.filter(pk__in=[function_id for function_id, _ in items])}
    approved = []
    for function_id, shown in items:
        row = rows.get(function_id)
        if row is None:
            raise NotFound
        if shown != row.definition_hash:
            raise DefinitionChanged(function_id=str(row.pk), name=row.name, hash=row.definition_hash)
        _approve_one(row, enable=enable)
        approved.append(row)
    require_room(agent)
    touch(agent)
    return agent, approved


def _approve_one(row: AgentFunction, *, enable: bool) -> None:
    if row.offered:
        row.description = row.offered.get("description", row.description)
        row.parameters = row.offered.get("parameters", row.parameters)
        row.places = row.offered.get("places", row.places)
        row.offered = None
    if row.pinned_hash != row.definition_hash:
        AgentGrant.objects.filter(function=row).delete()
    row.pinned_hash, row.approved_at, row.problem = row.definition_hash, timezone.now(), ""
    row.is_enabled = row.is_enabled or enable
    row.save()


@transaction.atomic
def rotate(actor: User, *, agent_id: UUID, function_id: UUID) -> tuple[AgentFunction, str]:
    """A new secret to sign with, which is told once; the one before signs along for a day.

    Raises NotFound, and InvalidInput for a function that does not sign.
    """
    agent = access.lock_own(actor, agent_id)
    row = access.function_of(agent, function_id)
    if row.auth_kind != AuthKind.HMAC or row.source_id:
        raise InvalidInput(details={"auth_config": [gettext("Only functions that sign have a secret of ours.")]})
    made = signing.new_secret()
    row.secret_before, row.secret_before_until = row.secret, timezone.now() + limits.ROTATION_TIME
    row.secret = made
    row.save(update_fields=["secret", "secret_before", "secret_before_until", "updated_at"])
    return access.function_of(agent, function_id), made


def touch(agent: Agent) -> None:
    """Its next run is of another version."""
    agent.version += 1
    agent.save(update_fields=["version", "updated_at"])
