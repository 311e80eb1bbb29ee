"""What accounts, and the parts of Django that know users, keep of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session as CookieSession
from django.db.models import Q
from django.db.models import QuerySet

from accounts.models import AccountDeletion
from accounts.models import AgentUser
from accounts.models import AuditEvent
from accounts.models import DataExport
from accounts.models import DataExportPart
from accounts.models import LoginAttempt
from accounts.models import MailedToken
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import TelegramProof
from accounts.models import User
from accounts.services import agent_users
from accounts.services import audit
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches


def _tokens(user_id: UUID) -> QuerySet[Any]:
    return RefreshToken.objects.filter(user_id=user_id)


def _log_entries(user_id: UUID) -> QuerySet[LogEntry]:
    about = Q(content_type__app_label="accounts", content_type__model="user", object_id=str(user_id))
    return LogEntry.objects.filter(Q(user_id=user_id) | about)


def _own_log_entries(rows: Sequence[LogEntry]) -> list[dict[str, Any]]:
    """When they did something in the admin, to what kind of object; what others did to them names the others."""
    return [
        {"at": row.action_time, "action": row.action_flag, "kind": row.content_type_id, "object": row.object_id}
        for row in rows
    ]


def _own_agents(rows: Sequence[AgentUser]) -> list[dict[str, Any]]:
    """With what their owner called them."""
    users = User.objects.in_bulk([row.user_id for row in rows])
    return [
        {
            "id": row.user_id,
            "username": users[row.user_id].username,
            "display_name": users[row.user_id].display_name,
            "avatar_url": users[row.user_id].avatar_url,
            "bio": users[row.user_id].bio,
            "created_at": row.created_at,
            "retired_at": row.retired_at,
            "retired_for": row.retired_for,
        }
        for row in rows
    ]


def _audit(user_id: UUID) -> QuerySet[Any]:
    # Past the manager, which refuses what an append-only table must not have done to it.
    return AuditEvent._base_manager.filter(actor_id=user_id)


HOLDINGS = [
    Holding(
        model="accounts.User",
        rows=lambda user_id: User.objects.filter(pk=user_id),
        leave_out=("password", "session_epoch", "search_name"),
    ),
    Holding(
        model="accounts.User_groups",
        rows=lambda user_id: User.groups.through._default_manager.filter(user_id=user_id),
    ),
    Holding(
        model="accounts.User_user_permissions",
        rows=lambda user_id: User.user_permissions.through._default_manager.filter(user_id=user_id),
    ),
    Holding(
        model="accounts.AgentUser",
        rows=lambda user_id: AgentUser.objects.filter(owner_id=user_id),
        shown=_own_agents,
    ),
    Holding(model="accounts.Session", rows=lambda user_id: Session.objects.filter(user_id=user_id)),
    Holding(model="accounts.RefreshToken", rows=_tokens, leave_out=("token_hash",)),
    Holding(
        model="accounts.LoginAttempt",
        rows=lambda user_id: LoginAttempt.objects.filter(user_id=user_id),
        leave_out=("account",),
    ),
    Holding(
        model="accounts.TelegramAccount",
        rows=lambda user_id: TelegramAccount.objects.filter(user_id=user_id),
    ),
    Holding(
        model="accounts.TelegramProof",
        rows=lambda user_id: TelegramProof.objects.filter(session__user_id=user_id),
        exported=False,
        reason="A hash that says which opening of the app has been used.",
    ),
    Holding(
        model="accounts.MailedToken",
        rows=lambda user_id: MailedToken.objects.filter(user_id=user_id),
        leave_out=("token_hash",),
    ),
    Holding(
        model="accounts.AuditEvent",
        rows=_audit,
        ends="emptied",
        reason="Security needs to know later what happened when: the ids stay, addresses and devices go.",
    ),
    Holding(
        model="accounts.AccountDeletion",
        rows=lambda user_id: AccountDeletion.objects.filter(user_id=user_id),
        leave_out=("former_name",),
        ends="emptied",
        reason="Ids and dates say that the erasure was asked for and done.",
    ),
    Holding(model="accounts.DataExport", rows=lambda user_id: DataExport.objects.filter(user_id=user_id)),
    Holding(
        model="accounts.DataExportPart",
        rows=lambda user_id: DataExportPart.objects.filter(export__user_id=user_id),
        exported=False,
        reason="Pieces of an archive that is being made.",
    ),
    Holding(
        model="admin.LogEntry",
        rows=_log_entries,
        shown=_own_log_entries,
        ends="emptied",
        reason="What others did to the account in the admin stays, without its name.",
    ),
    Holding(
        model="sessions.Session",
        rows=lambda user_id: CookieSession.objects.filter(pk__in=_cookie_sessions(user_id)),
        exported=False,
        reason="A cookie's secret and an id.",
    ),
]

NOT_PERSONAL = {
    "auth.Permission": "What the code knows of rights.",
    "auth.Group": "Roles of staff; who has them stands in accounts.User_groups.",
    "auth.Group_permissions": "The rights of roles.",
    "contenttypes.ContentType": "The names of tables.",
}


def _cookie_sessions(user_id: UUID) -> list[str]:
    """Only staff have sessions in the admin, and nothing but the session itself says whose it is."""
    if not User.objects.filter(pk=user_id, is_staff=True).exists():
        return []
    found = CookieSession.objects.iterator(chunk_size=500)
    return [row.pk for row in found if row.get_decoded().get("_auth_user_id") == str(user_id)]


def erase(user_id: UUID, work: Work) -> None:
    """Agents with what tells of their owner, sessions with their addresses, failed sign-ins, archives; what the logs
    show beyond ids."""
    agent_users.forget_all(user_id)
    audit.forget(user_id)
    _log_entries(user_id).exclude(user_id=user_id).update(object_repr="", change_message="")
    CookieSession.objects.filter(pk__in=_cookie_sessions(user_id)).delete()
    in_batches(_tokens(user_id), work)
    in_batches(Session.objects.filter(user_id=user_id), work)
    TelegramAccount.objects.filter(user_id=user_id).delete()
    in_batches(MailedToken.objects.filter(user_id=user_id), work)
    in_batches(LoginAttempt.objects.filter(user_id=user_id), work)
    in_batches(DataExportPart.objects.filter(export__user_id=user_id), work, size=20)
    in_batches(DataExport.objects.filter(user_id=user_id), work)
    in_batches(LogEntry.objects.filter(user_id=user_id), work)
