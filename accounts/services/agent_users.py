"""Agents as users: somebody of a name and a picture who speaks in the messenger, and belongs to a person.

An agent has no address, no password, no session and no rights, is not counted among people and gets no mail. What it
says and does is the business of an app above; this is only who it is. That app asks whether the plan allows one more.

The owner's row is locked first, as everywhere a person is shut out: no agent is made behind a suspension.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import events
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import AgentRetired
from accounts.models import AgentUser
from accounts.models import User
from accounts.services import audit
from accounts.services import profile
from accounts.services import registration
from core.errors import Forbidden
from core.errors import NotFound

Retired = AgentUser.Retired


class Changes(TypedDict, total=False):
    """What an owner may change of an agent."""

    username: str
    display_name: str
    avatar_id: UUID | None
    """A file of the owner's with purpose avatar; None: no picture."""


@transaction.atomic
def create(
    actor: User,
    *,
    username: str,
    display_name: str = "",
    avatar_id: UUID | None = None,
    client: ClientInfo = NOBODY,
) -> User:
    """A new agent of the actor's. User names are shared with people: nobody can be taken for somebody else.

    Raises Forbidden for who is shut out or no person, InvalidInput, Duplicate, and NotFound for a picture that is not
    the actor's.
    """
    owner = _lock_owner(actor.pk)
    if not owner.is_active or owner.kind != User.Kind.HUMAN:
        raise Forbidden
    agent = User(
        username=username.strip(),
        kind=User.Kind.AGENT,
        avatar_url=profile.own_avatar_url(actor, avatar_id),
        language=owner.language,
    )
    profile.give(agent, {"username": agent.username, "display_name": profile.cleaned_name(display_name)})
    agent.set_unusable_password()
    registration.save_unique(agent)
    AgentUser.objects.create(user=agent, owner=owner)
    audit.record("agent_user.created", actor=actor, client=client, on=agent)
    return agent


@transaction.atomic
def rename(actor: User, *, user_id: UUID, client: ClientInfo = NOBODY, **changes: Unpack[Changes]) -> User:
    """Another name or picture for an agent of the actor's; what is not given stays, and a replaced picture is deleted.

    Raises NotFound for anybody else's (or such a picture), AgentRetired, InvalidInput and Duplicate.
    """
    agent = _own(actor, user_id)
    if agent.agent.retired_at is not None:
        raise AgentRetired
    before = agent.avatar_url
    wanted: dict[str, str] = {}
    if "username" in changes:
        wanted["username"] = changes["username"].strip()
    if "display_name" in changes:
        wanted["display_name"] = profile.cleaned_name(changes["display_name"])
    if "avatar_id" in changes:
        wanted["avatar_url"] = profile.own_avatar_url(actor, changes["avatar_id"])
    fields = [name for name, value in wanted.items() if getattr(agent, name) != value]
    if not fields:
        return agent
    profile.give(agent, {name: wanted[name] for name in fields})
    profile.save_given(agent, fields)
    if "avatar_url" in fields:
        profile.delete_unused_avatar(actor.pk, before)
    audit.record("agent_user.renamed", actor=actor, client=client, on=agent, fields=sorted(fields))
    return agent


@transaction.atomic
def retire(actor: User, *, user_id: UUID, client: ClientInfo = NOBODY) -> None:
    """An agent of the actor's does not speak any more, for good; doing it again is no error.

    What it said stays under its name, and nobody else gets that name. Raises NotFound for anybody else's.
    """
    agent = _own(actor, user_id)
    if agent.agent.retired_for == Retired.ASKED:
        return
    _retire([agent.pk], Retired.ASKED)
    audit.record("agent_user.retired", actor=actor, client=client, on=agent)


def retire_all(owner_id: UUID) -> None:
    """The agents of who is shut out, until they come back. The caller has the owner's row, and the transaction."""
    speaking = AgentUser.objects.filter(owner_id=owner_id, retired_at=None, user__is_active=True)
    _retire(list(speaking.order_by("pk").values_list("pk", flat=True)), Retired.OWNER_AWAY)


def restore_all(owner_id: UUID) -> None:
    """The owner is back: agents that were retired for that reason alone speak again. The caller has the owner's row."""
    resting = AgentUser.objects.filter(owner_id=owner_id, retired_for=Retired.OWNER_AWAY)
    ids = list(resting.order_by("pk").values_list("pk", flat=True))
    AgentUser.objects.filter(pk__in=ids).update(retired_at=None, retired_for="")
    User.objects.filter(pk__in=ids).update(is_active=True)
    events.send_agent_users_restored(ids)


def may_speak(user_id: UUID) -> bool:
    """Whether nothing but a suspension of its own stands against an agent: not retired, and its owner is here."""
    return AgentUser.objects.filter(pk=user_id, retired_at=None, owner__is_active=True).exists()


@transaction.atomic
def forget_all(owner_id: UUID) -> None:
    """The owner is erased: names, pictures and texts they gave go, and the agents stay behind as nobody's, retired.

    What the agents said belongs to the conversations it was said in.
    """
    ids = list(AgentUser.objects.filter(owner_id=owner_id).values_list("pk", flat=True))
    User.objects.filter(pk__in=ids).update(
        username=None, display_name="", search_name="", avatar_url="", bio="", is_active=False
    )
    AgentUser.objects.filter(pk__in=ids).delete()
    events.send_agent_users_retired(ids)


def _retire(ids: Sequence[UUID], why: Retired) -> None:
    User.objects.filter(pk__in=ids).update(is_active=False)
    AgentUser.objects.filter(pk__in=ids).update(retired_at=timezone.now(), retired_for=why)
    events.send_agent_users_retired(ids)


def _lock_owner(user_id: UUID) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def _own(actor: User, user_id: UUID) -> User:
    """An agent of the actor's, whose row is locked. Raises NotFound."""
    _lock_owner(actor.pk)
    agent = User.objects.select_related("agent").filter(pk=user_id, agent__owner_id=actor.pk).first()
    if agent is None:
        raise NotFound
    return agent
