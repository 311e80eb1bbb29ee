"""Making, changing and retiring agents."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import Duplicate
from accounts.limits import LONGEST_USERNAME
from accounts.limits import SHORTEST_USERNAME
from accounts.limits import is_reserved
from accounts.models import User
from accounts.services import agent_users
from accounts.services import audit
from agents import access
from agents import limits
from agents.errors import AgentInactive
from agents.errors import AgentLimit
from agents.errors import AgentNameTaken
from agents.models import Agent
from agents.models import AgentRun
from agents.models import AgentRunQuerySet
from agents.services import choosing
from agents.services import functions
from agents.services import runs
from billing import metering
from billing import plans
from core.errors import InvalidInput

TEXTS = (
    "name", "system_prompt", "model", "temperature", "max_tokens", "history_tokens", "max_steps", "max_calls",
    "max_seconds", "run_tokens",
)  # fmt: skip
"""What a draft may hold."""
_FIELDS = (*TEXTS, "audience", "payer", "owner_daily_tokens", "asker_daily_tokens", "is_active")


def listed(actor: User, *, own: bool | None = None) -> QuerySet[Agent]:
    """The agents one may talk to; ``own``: only one's own, or only others'."""
    rows = Agent.objects.visible_to(actor).select_related("user", "owner")
    if own is None:
        return rows
    return rows.filter(owner_id=actor.pk) if own else rows.exclude(owner_id=actor.pk)


@transaction.atomic
def create(actor: User, values: Mapping[str, Any], *, client: ClientInfo = NOBODY) -> Agent:
    """A new agent, and the user that speaks for it.

    Raises UpgradeRequired and AgentLimit, AgentNameTaken, ModelWithoutTools and what the catalogue refuses,
    InvalidInput, and what :func:`agents.services.functions.write` raises.
    """
    tier = _require_room(actor)
    model = choosing.require(values["model"]) if values.get("model") else choosing.default(tier)
    agent = Agent(owner=actor, model=model.id, template=values.get("template") or "")
    _take(agent, {**values, "model": model.id})
    agent.user = _make_user(actor, values, client)
    agent.save()
    functions.write(agent, values.get("functions") or [])
    audit.record("agent.created", actor=actor, client=client, on=agent.user)
    return agent


def _require_room(actor: User) -> str:
    """The actor's tier, under the lock of their quota. Raises UpgradeRequired and AgentLimit."""
    tier = metering.locked_tier(actor.pk)
    if not metering.tier_allows(tier, limits.NEEDED_TIER):
        raise metering.UpgradeRequired(required_tier=limits.NEEDED_TIER)
    most = plans.plan(tier).agents
    if most != plans.UNLIMITED and Agent.objects.owned_by(actor).count() >= most:
        raise AgentLimit(limit=most)
    return tier


@transaction.atomic
def change(actor: User, *, agent_id: UUID, values: Mapping[str, Any], client: ClientInfo = NOBODY) -> Agent:
    """What is given counts at once, and from the next run on.

    Raises NotFound, AgentInactive for one that staff switched off, and what :func:`create` raises.
    """
    agent = access.lock_own(actor, agent_id)
    if not values:
        return agent
    if values.get("is_active") and not agent.is_active:
        if agent.switched_off_by_staff:
            raise AgentInactive
        metering.require_tier(actor.pk, limits.NEEDED_TIER)
    if "model" in values:
        choosing.require(values["model"])
    _take(agent, values)
    _rename(actor, agent, values, client)
    agent.version += 1
    agent.save()
    functions.write(agent, values.get("functions") or [])
    return access.own(actor, agent_id)


@transaction.atomic
def keep_draft(actor: User, *, agent_id: UUID, values: Mapping[str, Any]) -> Agent:
    """What the builder has changed and not published; nothing of it counts for any run but the console's.

    Raises NotFound and what the catalogue refuses.
    """
    agent = access.lock_own(actor, agent_id)
    if "model" in values:
        choosing.require(values["model"])
    agent.draft = {name: value for name, value in values.items() if name in TEXTS} or None
    agent.save(update_fields=["draft", "updated_at"])
    return agent


@transaction.atomic
def publish(actor: User, *, agent_id: UUID, client: ClientInfo = NOBODY) -> Agent:
    """The draft counts from now on; without one nothing changes. Raises as :func:`change`."""
    agent = access.lock_own(actor, agent_id)
    draft = agent.draft
    if not draft:
        return agent
    Agent.objects.filter(pk=agent.pk).update(draft=None)
    return change(actor, agent_id=agent_id, values=draft, client=client)


@transaction.atomic
def retire(actor: User, *, agent_id: UUID, client: ClientInfo = NOBODY) -> None:
    """It answers nobody any more; its runs stay for who paid them. Raises NotFound."""
    agent = access.lock_own(actor, agent_id)
    end(agent)
    agent_users.retire(actor, user_id=agent.user_id, client=client)
    audit.record("agent.deleted", actor=actor, client=client, on=agent.user)


def end(agent: Agent) -> None:
    """What it holds goes, and what runs stops. The caller has the agent's lock."""
    agent.deleted_at, agent.is_active, agent.draft = timezone.now(), False, None
    agent.save(update_fields=["deleted_at", "is_active", "draft", "updated_at"])
    # Their secrets are not read: they go although their key was lost.
    agent.functions.defer("secret", "secret_before").delete()
    agent.sources.defer("secret").delete()
    agent.memories.all().delete()
    stop_runs(AgentRun.objects.filter(agent=agent))


def stop_runs(rows: AgentRunQuerySet) -> None:
    """Those of them that are under way or wait."""
    for run_id in list(rows.live().values_list("pk", flat=True)):
        runs.stop(run_id)


def duplicate(actor: User, *, agent_id: UUID, values: Mapping[str, Any], client: ClientInfo = NOBODY) -> Agent:
    """Another agent of the actor's with the same settings and functions; secrets and what was imported stay behind.

    Raises NotFound and what :func:`create` raises.
    """
    from_agent = access.own(actor, agent_id)
    copied = {name: getattr(from_agent, name) for name in TEXTS}
    own_functions = from_agent.functions.filter(source=None).order_by("id")
    named = {name: value for name, value in values.items() if value is not None}
    copied |= {"functions": [written(row) for row in own_functions], "template": from_agent.template} | named
    return create(actor, copied, client=client)


def written(row: Any) -> dict[str, Any]:
    """A function as it would be written, without its secret."""
    values: dict[str, Any] = {
        "name": row.name,
        "description": row.description,
        "function_type": row.function_type,
        "effect": row.effect,
        "repeat": row.repeat,
        "confirm": row.confirm,
        "callable_by": row.callable_by,
        "timeout": row.timeout,
        "per_run": row.per_run,
        "per_day": row.per_day,
        "is_enabled": row.is_enabled,
    }
    if row.function_type == "internal":
        return values | {"tool": row.remote_name}
    auth = {"kind": row.auth_kind, "username" if row.auth_kind == "basic" else "name": row.auth_name}
    places = {
        name: {"kind": place["in"], "name": place["name"], "join": place.get("join", "")}
        for name, place in row.places.items()
    }
    return values | {
        "parameters": row.parameters,
        "endpoint_url": row.endpoint_url,
        "http_method": row.http_method,
        "headers": row.headers,
        "places": places,
        "auth_config": auth,
    }


def _take(agent: Agent, values: Mapping[str, Any]) -> None:
    for field in _FIELDS:
        if field in values:
            setattr(agent, field, values[field])


# Who speaks for it


def _make_user(actor: User, values: Mapping[str, Any], client: ClientInfo) -> User:
    name, wanted = values["name"], values.get("username")
    for username in [wanted] if wanted else _usernames(name):
        try:
            return _named(
                lambda given=username: agent_users.create(
                    actor, username=given, display_name=name, avatar_id=values.get("avatar_id"), client=client
                )
            )
        except AgentNameTaken:
            if wanted:
                raise
    raise AgentNameTaken


def _rename(actor: User, agent: Agent, values: Mapping[str, Any], client: ClientInfo) -> None:
    changes: dict[str, Any] = {name: values[name] for name in ("username", "avatar_id") if name in values}
    if "name" in values:
        changes["display_name"] = values["name"]
    if changes:
        _named(lambda: agent_users.rename(actor, user_id=agent.user_id, client=client, **changes))


def _named(make: Any) -> User:
    """Refusals of the user's name, as they concern the agent's."""
    try:
        made: User = make()
    except Duplicate as error:
        raise AgentNameTaken from error
    except InvalidInput as error:
        details = dict(error.details or {})
        if "display_name" in details:
            details["name"] = details.pop("display_name")
        raise InvalidInput(details=details) from error
    return made


def _usernames(name: str) -> list[str]:
    """What it may be called when nobody says: after its name, or else with something that nobody has."""
    base = slugify(name).replace("_", "-")[: LONGEST_USERNAME - 9].strip("-")
    if len(base) < SHORTEST_USERNAME or is_reserved(base):
        base = f"{base}-agent".strip("-")
    return [base, f"{base}-{secrets.token_hex(2)}", f"{base}-{secrets.token_hex(4)}"]
