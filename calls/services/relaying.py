"""How devices find each other: the servers they are told of, and whose address nobody is to learn.

Credentials are those of coturn's ``use-auth-secret`` (draft-uberti-behave-turn-rest-00, 2.2): good for a while, made
for one device of a running call, and known to the relay without asking us.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from uuid import UUID

from django.conf import settings

from accounts.models import User
from calls import access
from calls import errors
from calls.models import Call
from calls.models import CallLeg
from calls.models import CallSettings
from calls.shapes import IceServer
from calls.shapes import IceShape
from core.errors import NotFound
from messenger.models import Conversation
from messenger.models import Participant

Hide = CallSettings.HideAddress
_STUN_SECONDS = 3600
"""Addresses without credentials may be kept for so long."""


def wish_of(user: User) -> str:
    """From whom this person hides their address; by default from strangers, where there is a relay to do it."""
    said = CallSettings.objects.filter(user_id=user.pk).values_list("hide_address", flat=True).first()
    return said or (Hide.STRANGERS if settings.CALLS.turn_urls else Hide.NEVER)


def decide(call: Call, actor: User) -> bool:
    """Whether the actor's device connects by the relay alone. Raises NoRelay when it must and there is none."""
    wanted = settings.CALLS.relay_only or _hides(call, actor)
    if wanted and not settings.CALLS.turn_urls:
        raise errors.NoRelay
    return wanted


def servers(actor: User, call_id: UUID) -> IceShape:
    """What a device of the actor's in this call connects by; fresh credentials each time. Raises NotFound.

    Who came to know strangers since they joined is hidden from now on.
    """
    call = access.visible(actor, call_id)
    leg = access.admitted(CallLeg.objects.filter(call=call, user=actor).exclude(state=CallLeg.State.LEFT)).first()
    if leg is None:
        raise NotFound
    if not leg.relay_only and _hides(call, actor) and settings.CALLS.turn_urls:
        leg.relay_only = True
        CallLeg.objects.filter(pk=leg.pk).update(relay_only=True)
    return of_leg(leg)


def without_credentials() -> IceShape:
    """What may be known outside a call."""
    return IceShape(ice_servers=_stun(), policy="relay" if settings.CALLS.relay_only else "all", ttl=_STUN_SECONDS)


def of_leg(leg: CallLeg) -> IceShape:
    """The same, for a leg that is there."""
    calls = settings.CALLS
    found = _stun()
    if calls.turn_urls:
        username = f"{int(time.time()) + calls.turn_ttl}:{leg.pk}"
        digest = hmac.new(calls.turn_secret.encode(), username.encode(), hashlib.sha1).digest()
        credential = base64.b64encode(digest).decode()
        found.append(IceServer(urls=list(calls.turn_urls), username=username, credential=credential))
    ttl = calls.turn_ttl if calls.turn_urls else _STUN_SECONDS
    return IceShape(ice_servers=found, policy="relay" if leg.relay_only else "all", ttl=ttl)


def _stun() -> list[IceServer]:
    urls = settings.CALLS.stun_urls
    return [IceServer(urls=list(urls))] if urls else []


def _hides(call: Call, actor: User) -> bool:
    wish = wish_of(actor)
    return wish == Hide.ALWAYS or (wish == Hide.STRANGERS and _meets_strangers(call, actor))


def _meets_strangers(call: Call, actor: User) -> bool:
    """Whether a member of the conversation, who may come to the call, has no direct conversation with the actor.

    All members are asked about, not those who are there: who comes later finds connections that exist.
    """
    direct = Conversation.objects.current().filter(type=Conversation.Type.DIRECT, participants__user=actor)
    known = Participant.objects.filter(conversation__in=direct).values("user_id")
    others = Participant.objects.filter(conversation_id=call.conversation_id).exclude(user=actor)
    return others.exclude(user_id__in=known).exists()
