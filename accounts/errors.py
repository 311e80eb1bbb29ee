"""The refusals of this app."""

from __future__ import annotations

from core import errors


class SessionEnded(errors.Unauthenticated):
    """A token that is not, or no longer, good for anything; which check failed is nobody's business."""

    code, message = "session_ended", "Your session has ended. Sign in again."


class SessionRevoked(SessionEnded):
    """A refresh token that was good, of a session somebody ended: its browser forgets what it keeps of the user."""

    code = "session_revoked"


class InvalidCredentials(errors.Unauthenticated):
    """Unknown account or wrong password: the answer is the same."""

    code, message = "invalid_credentials", "Invalid credentials"


class AccountDisabled(errors.Forbidden):
    """The password was right, but staff suspended the account."""

    code, message = "account_disabled", "Account is disabled"


class LockedOut(errors.RateLimited):
    """Too many failed sign-ins of this account from this address."""

    code = "locked_out"
    message = "Too many failed attempts. Wait a while, then try again."


class Duplicate(errors.Conflict):
    """A unique value is taken; ``details`` says which."""

    code, message = "duplicate", "An account with these details already exists."


class RequestedWithRequired(errors.Forbidden):
    """A cookie was sent without the header that only our own pages can add."""

    code, message = "requested_with_required", "The X-Requested-With header is required to use the session cookie."


class DeletionScheduled(errors.Forbidden):
    """The password was right, but the user asked that the account goes; ``deletion_at`` says when it does."""

    code = "deletion_scheduled"
    message = "This account is about to be deleted. Until then you can restore it."


class RecentSignInRequired(errors.Forbidden):
    """There is no password to ask for, and the sign-in was too long ago to stand for one."""

    code = "recent_sign_in_required"
    message = "Sign in again, then repeat this within ten minutes."


class LastOperator(errors.Conflict):
    """Nobody could run the place any more."""

    code = "last_operator"
    message = "You are the last administrator. Make somebody else one first."
