"""Many people for the benchmarks: users, sessions with their tokens and conversations, made in bulk.

    with stage() as environment:          # a database of its own; Django is set up in this process
        from bench import people
        crowd = people.make_people(1000)
        group = people.make_group(crowd)
        with server(uvicorn("kintsugi.asgi:application", port), port, SERVER_CORE, **environment): …

What needs Django is imported inside: the settings are read once, and :func:`stage` decides what they say.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from tests.kit.databases import database
from tests.kit.databases import migrate

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is signed in."""

    id: UUID
    name: str
    token: str
    """An access token that is good for a day."""

    @property
    def path(self) -> str:
        """Of their socket."""
        return f"/ws?token={self.token}"


@contextmanager
def stage(**extra: str) -> Iterator[dict[str, str]]:
    """A fresh database of the configured kind, gone afterwards, and Django set up on it; once per process.

    Yields what a server's environment needs to be on the same stage.
    """
    with tempfile.TemporaryDirectory() as folder, database() as settings:
        environment = {
            "VAR_DIR": folder,
            "JWT_SECRET": secrets.token_urlsafe(32),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "JWT_ACCESS_EXPIRY": "24h",
            "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "ERROR",
            "LLM_DISCOVERY": "false",
            "DJANGO_SETTINGS_MODULE": "kintsugi.settings",
            **settings,
            **extra,
        }
        os.environ.update(environment)
        migrate(os.environ)
        import django

        django.setup()
        try:
            yield environment
        finally:
            from django.db import connections

            connections.close_all()
            for connection in connections.all():
                getattr(connection, "close_pool", lambda: None)()


def make_people(count: int) -> list[Member]:
    """Users without passwords, each with an open session."""
    from django.utils import timezone

    from accounts import tokens
    from accounts.models import Session
    from accounts.models import User
    from core.ids import uuid7

    now, mark = timezone.now(), secrets.token_hex(3)
    users = [User(id=uuid7(), username=f"bench-{mark}-{number}", password="!") for number in range(count)]
    User.objects.bulk_create(users, batch_size=_BATCH)
    sessions = [
        Session(user=user, last_used_at=now, expires_at=now.replace(year=now.year + 1, day=1)) for user in users
    ]
    Session.objects.bulk_create(sessions, batch_size=_BATCH)
    return [
        Member(user.pk, str(user.username), tokens.access_token(session, at=now))
        for user, session in zip(users, sessions, strict=True)
    ]


def make_group(members: Sequence[Member], name: str = "Bench") -> UUID:
    """A group; the first is its admin."""
    return make_groups([members], name)[0]


def make_groups(memberships: Sequence[Sequence[Member]], name: str = "Bench") -> list[UUID]:
    """One group for each list of members."""
    from core.models import Stream
    from messenger.access import KIND
    from messenger.models import Conversation
    from messenger.models import Participant

    groups = [Conversation(type="group", name=name, created_by_id=members[0].id) for members in memberships]
    Conversation.objects.bulk_create(groups, batch_size=_BATCH)
    Stream.objects.bulk_create([Stream(pk=group.pk, kind=KIND) for group in groups], batch_size=_BATCH)
    rows = [
        Participant(conversation=group, user_id=member.id, role="member" if number else "admin")
        for group, members in zip(groups, memberships, strict=True)
        for number, member in enumerate(members)
    ]
    Participant.objects.bulk_create(rows, batch_size=_BATCH)
    return [group.pk for group in groups]


def say(conversation_id: UUID, members: Sequence[Member], count: int, text: str = "Stone {number}.") -> None:
    """``count`` messages with their events, by the members in turns, through the service."""
    from accounts.models import User
    from messenger.services import messages

    actors = list(User.objects.filter(pk__in=[member.id for member in members[:50]]))
    for number in range(count):
        actor = actors[number % len(actors)]
        messages.send(actor, conversation_id=conversation_id, content=text.format(number=number))
