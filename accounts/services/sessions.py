"""Sessions: opened at sign-in, carried on by rotating refresh tokens, ended by revocation.

The row of the session is the lock of its family: whoever rotates has it, so tokens follow each other in one line.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import events
from accounts import tokens
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import SessionEnded
from accounts.errors import SessionRevoked
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import User
from accounts.services import audit
from core import sql
from core.errors import NotFound
from core.sql import identity
from core.sql import moment

SAME_ANSWER = timedelta(seconds=10)
"""Who asks twice within this time gets one answer: two tabs at once. By the database's clock, as processes differ."""


@dataclass(frozen=True, slots=True)
class SessionGrant:
    """What a client has after sign-in or refresh; ``expires_in`` is the access token's life in seconds."""

    user: User
    session: Session
    access_token: str
    refresh_token: str
    expires_in: int


@transaction.atomic
def open_session(user: User, *, client: ClientInfo = NOBODY) -> SessionGrant:
    """Begin a session for a user whose identity was proven.

    Raises SessionEnded for agents, whatever door was found, and when, since ``user`` was read, the account was
    suspended or all its sessions were ended.
    """
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if current.kind != User.Kind.HUMAN or not current.is_active or current.session_epoch != user.session_epoch:
        raise SessionEnded
    now = timezone.now()
    session = Session.objects.create(
        user=current, user_agent=client.user_agent, ip=client.ip, last_used_at=now, expires_at=_refresh_expiry(now)
    )
    return _grant(session, _issue(session, parent=None, client=client, now=now), now=now)


def refresh(raw: str, *, client: ClientInfo = NOBODY) -> SessionGrant:
    """Exchange a refresh token for a new pair.

    A used token is good until its successor has been used, for the answer that brought the successor may have been
    lost: within SAME_ANSWER the *same* successor comes again, later a new one, and the one before it is void. When a
    successor has been used, or a void token comes back, somebody has a copy, and the whole family ends. Raises
    SessionRevoked when somebody ended the session, SessionEnded for every other token that is not good.
    """
    claims = tokens.read_refresh(raw)
    with transaction.atomic():
        grant = _rotate(claims, raw, client=client)
    if grant is None:  # raised out here, so that the family's end is committed
        raise SessionEnded
    return grant


def authenticate(raw: str) -> tuple[User, UUID]:
    """The user and the session of an access token, by one query; raises SessionEnded."""
    claims = tokens.read_access(raw)
    return _alive(claims.user_id, claims.session_id)


def still_alive(user_id: UUID, session_id: UUID) -> User:
    """The user, when the session has not ended since; raises SessionEnded. For what outlives a request."""
    return _alive(user_id, session_id)[0]


@transaction.atomic
def revoke(actor: User, *, session_id: UUID, client: ClientInfo = NOBODY) -> None:
    """End one of the actor's sessions; ending it again is no error. Raises NotFound for anybody else's."""
    session = Session.objects.visible_to(actor).filter(pk=session_id).first()
    if session is None:
        raise NotFound
    if _end([session.pk], actor.pk, Session.Reason.REVOKED):
        audit.record("session.revoked", actor=actor, client=client, on=session)


@transaction.atomic
def log_out(session_id: UUID, *, client: ClientInfo = NOBODY) -> None:
    """End the session its owner is in; a session that has ended already, or was cleaned up, is no error."""
    session = Session.objects.select_related("user").filter(pk=session_id).first()
    if session and _end([session.pk], session.user_id, Session.Reason.LOGOUT):
        audit.record("session.logout", actor=session.user, client=client, on=session)


def log_out_everywhere(actor: User, *, client: ClientInfo = NOBODY) -> None:
    """End all of the actor's sessions, this one included."""
    with transaction.atomic():
        ended = end_all(actor, reason=Session.Reason.LOGOUT_ALL)
        audit.record("session.logout_all", actor=actor, client=client, on=actor, sessions=len(ended))


def end_all(user: User, *, reason: Session.Reason, keep: UUID | None = None) -> list[UUID]:
    """End a user's sessions (but ``keep``), the admin's cookies and every sign-in under way; returns those ended.

    The caller opens the transaction and writes the audit event.
    """
    # The user's row first, as in open_session: a session is either seen here or refused there.
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.session_epoch += 1
    living = Session.objects.filter(user=user, revoked_at=None).values_list("pk", flat=True)
    return _end([session_id for session_id in living if session_id != keep], user.pk, reason)


# SessionQuerySet.alive by hand: every request asks this, and building the ORM's query costs four times its running.
_ALIVE = """
SELECT {columns} FROM accounts_user u JOIN user_sessions s ON s.user_id = u.id
 WHERE s.id = %s AND u.id = %s AND s.revoked_at IS NULL AND s.expires_at > %s AND u.is_active
   AND u.kind = 'human'
"""


def _alive(user_id: UUID, session_id: UUID) -> tuple[User, UUID]:
    found = sql.fetch(
        User,
        _ALIVE.format(columns=sql.columns(User, "u")),
        [identity(session_id), identity(user_id), moment(timezone.now())],
    )
    if not found:
        raise SessionEnded
    return found[0], session_id


def end(session_ids: Sequence[UUID], user_id: UUID, *, reason: Session.Reason) -> list[UUID]:
    """End some of a user's sessions; returns those that still lived. The caller locks the user's row, and audits."""
    return _end(session_ids, user_id, reason)


def _end(session_ids: Sequence[UUID], user_id: UUID, reason: Session.Reason) -> list[UUID]:
    """End those of the sessions that still live, and send ``sessions_revoked``; returns them."""
    living = Session.objects.select_for_update().filter(pk__in=session_ids, revoked_at=None).order_by("pk")
    ended = list(living.values_list("pk", flat=True))
    Session.objects.filter(pk__in=ended).update(revoked_at=timezone.now(), revoke_reason=reason)
    events.send_sessions_revoked(user_id, ended)
    return ended


def _rotate(claims: tokens.Claims, raw: str, *, client: ClientInfo) -> SessionGrant | None:
    """The next pair; None when the token's return ended the family. Raises SessionEnded, SessionRevoked."""
    now = timezone.now()
    # Only this row: the user's is read, and a suspension must not wait for us.
    locked = Session.objects.select_for_update(of=("self",)).select_related("user")
    session = locked.alive(at=now).filter(pk=claims.session_id, user_id=claims.user_id).first()
    token = RefreshToken.objects.filter(pk=claims.token_id, session_id=claims.session_id).first()
    if token is None or not hmac.compare_digest(token.token_hash, tokens.digest(raw)):
        raise SessionEnded
    if session is None:
        raise _ending(claims)
    clock = sql.now()  # under the session's lock
    if token.used_at is None:
        return _grant(session, _succeed(session, token, client=client, now=now, clock=clock), now=now)
    successor = RefreshToken.objects.filter(parent=token, used_at=None).first()
    if successor is not None:
        if timedelta(0) <= clock - token.used_at <= SAME_ANSWER:
            return _grant(session, successor, now=now)
        _void(successor, clock=clock)
        return _grant(session, _succeed(session, token, client=client, now=now, clock=clock), now=now)
    _end([session.pk], session.user_id, Session.Reason.REUSE)
    audit.record("session.reuse_detected", client=client, on=session, outcome="denied", user=str(session.user_id))
    return None


def _ending(claims: tokens.Claims) -> SessionEnded:
    """Why a session is over, as far as its browser must know. A reuse may be the network's doing, not a decision."""
    ended = Session.objects.filter(pk=claims.session_id, user_id=claims.user_id).exclude(revoked_at=None)
    technical = (Session.Reason.REUSE, Session.Reason.REPLACED)
    return SessionRevoked() if ended.exclude(revoke_reason__in=technical).exists() else SessionEnded()


def _succeed(
    session: Session, token: RefreshToken, *, client: ClientInfo, now: datetime, clock: datetime
) -> RefreshToken:
    """Use a token up and issue the next; the session's row is locked. ``clock`` is the database's."""
    token.used_at = token.last_used_at = clock
    token.save(update_fields=["used_at", "last_used_at"])
    session.last_used_at, session.expires_at = now, _refresh_expiry(now, session)
    session.ip, session.user_agent = client.ip, client.user_agent
    session.save(update_fields=["last_used_at", "expires_at", "ip", "user_agent"])
    return _issue(session, parent=token, client=client, now=now)


def _void(token: RefreshToken, *, clock: datetime) -> None:
    """Take a token that was never used out of the line: used up, without a successor, its return is a reuse."""
    token.parent, token.used_at = None, clock
    token.save(update_fields=["parent", "used_at"])


def _issue(session: Session, *, parent: RefreshToken | None, client: ClientInfo, now: datetime) -> RefreshToken:
    row = RefreshToken(
        session=session,
        user_id=session.user_id,
        parent=parent,
        issued_at=tokens.whole_seconds(now),
        expires_at=tokens.whole_seconds(_refresh_expiry(now, session)),
        user_agent=client.user_agent,
        ip=client.ip,
    )
    row.token_hash = tokens.digest(tokens.refresh_token_again(session, row))
    row.save(force_insert=True)
    return row


def _grant(session: Session, token: RefreshToken, *, now: datetime) -> SessionGrant:
    return SessionGrant(
        user=session.user,
        session=session,
        access_token=tokens.access_token(session, at=now),
        refresh_token=tokens.refresh_token_again(session, token),
        expires_in=int(settings.JWT_ACCESS_EXPIRY.total_seconds()),
    )


def _refresh_expiry(now: datetime, session: Session | None = None) -> datetime:
    """When silence ends a session; no later than its greatest age, however often it is used."""
    begun = session.created_at if session else now
    end: datetime = min(now + settings.JWT_REFRESH_EXPIRY, begun + settings.SESSION_LONGEST)
    return end
