"""One user for every product, the user's sessions, the memory of failed sign-ins, and the audit log."""

from __future__ import annotations

from accounts.models.audit import AppendOnlyError
from accounts.models.audit import AuditEvent
from accounts.models.audit import AuditEventQuerySet
from accounts.models.leaving import AccountDeletion
from accounts.models.leaving import AccountDeletionQuerySet
from accounts.models.leaving import DataExport
from accounts.models.leaving import DataExportPart
from accounts.models.sessions import LoginAttempt
from accounts.models.sessions import MailedToken
from accounts.models.sessions import RefreshToken
from accounts.models.sessions import Session
from accounts.models.sessions import SessionQuerySet
from accounts.models.sessions import TelegramAccount
from accounts.models.sessions import TelegramProof
from accounts.models.users import AgentUser
from accounts.models.users import User
from accounts.models.users import UserManager
from accounts.models.users import display_name

__all__ = [
    "AccountDeletion",
    "AccountDeletionQuerySet",
    "AgentUser",
    "AppendOnlyError",
    "AuditEvent",
    "AuditEventQuerySet",
    "DataExport",
    "DataExportPart",
    "LoginAttempt",
    "MailedToken",
    "RefreshToken",
    "Session",
    "SessionQuerySet",
    "TelegramAccount",
    "TelegramProof",
    "User",
    "UserManager",
    "display_name",
]
