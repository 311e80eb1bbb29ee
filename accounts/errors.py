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


class SlowedDown(LockedOut):
    """Too many failed sign-ins of this account from all over: from an address it has no session at, one at a time."""

    message = "Somebody is guessing the password of this account. Ask for a link by mail, or try again in a minute."


class Duplicate(errors.Conflict):
    """A unique value is taken; ``details`` says which."""

    code, message = "duplicate", "An account with these details already exists."


class RequestedWithRequired(errors.Forbidden):
    """A cookie was sent without the header that only our own pages can add."""

    code, message = "requested_with_required", "The X-Requested-With header is required to use the session cookie."


class LinkExpired(errors.DomainError):
    """A mailed link that is unknown, used or too old; which of them is nobody's business."""

    code, status = "link_expired", 400
    message = "This link has expired or was used before. Ask for a new one."


class SignInAgain(errors.Forbidden):
    """Whoever has no password to show proves by a fresh sign-in that they are there."""

    code, message = "sign_in_again", "Sign in again, then repeat this within 15 minutes."


class NoMail(errors.Unavailable):
    """The operator has set no mail server."""

    code, message = "mail_unavailable", "This server cannot send mail. Ask whoever runs it."


class TelegramOff(errors.Unavailable):
    """No bot is configured."""

    code, message = "telegram_off", "Sign-in with Telegram is not set up here."


class TelegramRefused(errors.Unauthenticated):
    """Init data that Telegram did not sign for this bot, that is too old, or whose session was ended."""

    code = "telegram_refused"
    message = "Telegram could not confirm who you are. Close the app and open it again from Telegram."


class TelegramTaken(errors.Conflict):
    """The Telegram account signs in as somebody else."""

    code, message = "telegram_taken", "This Telegram account is already linked to another account here."


class TelegramLinked(errors.Conflict):
    """The user has another Telegram account already."""

    code, message = "telegram_linked", "Another Telegram account is linked to yours. Unlink it first."


class OnlyWayIn(errors.Conflict):
    """Without Telegram nobody could sign in to this account any more."""

    code = "only_way_in"
    message = "Telegram is the only way into your account. Set an e-mail address, or a name and a password, first."


class DeletionScheduled(errors.Forbidden):
    """The password was right, but the user asked that the account goes; ``deletion_at`` says when it does."""

    code = "deletion_scheduled"
    message = "This account is about to be deleted. Until then you can restore it."


class LastOperator(errors.Conflict):
    """Nobody could run the place any more."""

    code = "last_operator"
    message = "You are the last administrator. Make somebody else one first."


class AgentRetired(errors.Conflict):
    """The agent does not speak any more, and is not changed."""

    code, message = "agent_retired", "This agent is retired. Make a new one."
