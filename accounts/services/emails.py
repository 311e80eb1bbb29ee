"""The emails of this app: what each of them says, and how it leaves.

All go into the outbox of ``core.mail``, in the caller's transaction and in the language of who reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import MailedToken
from accounts.models import User
from core import mail
from core.mail import Button
from core.mail import Letter


def send_link(link: MailedToken, token: str, *, language: str, life: timedelta) -> None:
    """The link, to the address it was made for; ``token`` is its secret, of which the row keeps only the digest."""
    _send(
        f"accounts.{link.purpose}",
        lambda: _link(link.purpose, token, user=link.user, life=life),
        to=link.email,
        language=language,
        user=link.user,
        expires_at=link.expires_at,
    )


def send_address_changed(user: User, *, to: str) -> None:
    """To the old address: the last word it hears."""
    _send("accounts.changed", _address_changed, to=to, language=user.language, user=user)


def send_password_changed(user: User) -> None:
    """A warning, in case it was somebody else; only to an address that is known to be theirs."""
    if user.is_verified:
        _send_to(user, "accounts.password_changed", _password_changed)


def send_password_guessed(user: User) -> None:
    """That somebody tries passwords from all over; only to an address that is known to be theirs."""
    if user.is_verified:
        _send_to(user, "accounts.password_guessed", _password_guessed)


def send_deletion_scheduled(user: User, *, due_at: datetime) -> None:
    """Until when they can come back."""
    _send_to(user, "accounts.deletion_scheduled", lambda: _deletion_scheduled(due_at))


def send_deletion_cancelled(user: User) -> None:
    """They are back."""
    _send_to(user, "accounts.deletion_cancelled", _deletion_cancelled)


def send_account_deleted(user: User) -> None:
    """The last one. It belongs to no user, or it would go with them before it was sent."""
    _send_to(user, "accounts.account_deleted", _account_deleted, outlives=True)


def send_export_ready(user: User, *, expires_at: datetime) -> None:
    """Their archive waits in the settings; a link to it would give it to anybody who reads the mailbox."""
    _send_to(user, "accounts.export_ready", lambda: _export_ready(expires_at))


def _send_to(user: User, kind: str, write: Callable[[], Letter], *, outlives: bool = False) -> None:
    """To the user's own address; who has none gets nothing."""
    if user.email and mail.can_send():
        _send(kind, write, to=user.email, language=user.language, user=None if outlives else user)


def _send(
    kind: str,
    write: Callable[[], Letter],
    *,
    to: str,
    language: str,
    user: User | None,
    expires_at: datetime | None = None,
) -> None:
    with translation.override(language):
        letter = write()
    mail.send(kind, letter, to=to, language=language, user=user, expires_at=expires_at)


# What they say --------------------------------------------------------------------------------------------------------


def _link(purpose: str, token: str, *, user: User | None, life: timedelta) -> Letter:
    match purpose:
        case MailedToken.Purpose.SIGN_IN:
            return _sign_in(token, life)
        case MailedToken.Purpose.RESET:
            return _reset(token, life)
    assert user is not None  # noqa: S101 - only who has an account has an address to confirm
    name = user.shown_name
    if purpose == MailedToken.Purpose.CHANGE:
        return _change(token, name, life)
    return _verify(token, name, life)


def _page(name: str, token: str) -> str:
    """A page of the web client. The token stands in the fragment, which no server and no log ever sees."""
    return f"{settings.PUBLIC_URL}/app/{name}#token={token}"


def _sign_in(token: str, life: timedelta) -> Letter:
    return Letter(
        subject=_("Your link to sign in"),
        paragraphs=(_("Somebody, hopefully you, asked for a link to sign in to Kintsugi."),),
        button=Button(_("Sign in"), _page("magic", token)),
        after=(_once(life), _("If it was not you, do nothing: without this letter nobody comes in.")),
    )


def _verify(token: str, name: str, life: timedelta) -> Letter:
    return Letter(
        subject=_("Confirm your address"),
        paragraphs=(
            _("The Kintsugi account “%(name)s” was made with this address. Confirm that it is yours.") % {"name": name},
        ),
        button=Button(_("Confirm the address"), _page("verify", token)),
        after=(
            _once(life),
            _("Open the link where you are signed in. Elsewhere it signs the account out and takes its password away."),
            _("If you did not make this account, do not confirm it."),
        ),
    )


def _reset(token: str, life: timedelta) -> Letter:
    return Letter(
        subject=_("Set a new password"),
        paragraphs=(_("Somebody, hopefully you, asked to set a new password for your Kintsugi account."),),
        button=Button(_("Set a new password"), _page("reset", token)),
        after=(_once(life), _("If it was not you, do nothing: your password stays as it is.")),
    )


def _change(token: str, name: str, life: timedelta) -> Letter:
    """To the new address. It names the account: a stranger's must not pass for one's own."""
    return Letter(
        subject=_("Confirm your new address"),
        paragraphs=(
            _("Confirm that the Kintsugi account “%(name)s” shall use this address from now on.") % {"name": name},
        ),
        button=Button(_("Use this address"), _page("email", token)),
        after=(_once(life), _("If you did not ask for this, do nothing: nothing changes.")),
    )


def _address_changed() -> Letter:
    return Letter(
        subject=_("Your address was changed"),
        paragraphs=(
            _("Your Kintsugi account uses another e-mail address now. Letters will go there."),
            _("If this was not you, write to whoever runs the site at once: somebody else may hold your account."),
        ),
    )


def _password_changed() -> Letter:
    return Letter(
        subject=_("Your password was changed"),
        paragraphs=(
            _("The password of your Kintsugi account was changed, and all other sessions were ended."),
            _("If this was not you, set a new password at once:"),
        ),
        button=Button(_("Set a new password"), f"{settings.PUBLIC_URL}/app/forgot"),
    )


def _password_guessed() -> Letter:
    return Letter(
        subject=_("Somebody is guessing your password"),
        paragraphs=(
            _("Many wrong passwords were tried for your Kintsugi account, from many places. None of them was right."),
            _("Sign-ins from places you have not used are slowed down until it stops. A link by mail always works:"),
        ),
        button=Button(_("Sign in"), f"{settings.PUBLIC_URL}/app/login"),
        after=(_("If your password is short or used elsewhere, set a new one."),),
    )


def _deletion_scheduled(due_at: datetime) -> Letter:
    return Letter(
        subject=_("Your account will be deleted"),
        paragraphs=(
            _("Your Kintsugi account will be deleted on %(date)s, with everything in it.") % {"date": _day(due_at)},
            _("Until then nobody can sign in to it but you: if you do, you can keep it."),
        ),
        button=Button(_("Keep the account"), f"{settings.PUBLIC_URL}/app/login"),
        after=(_("If you did not ask for this, sign in at once, keep the account, and set a new password."),),
    )


def _deletion_cancelled() -> Letter:
    return Letter(
        subject=_("Your account stays"),
        paragraphs=(_("You signed in again, so your Kintsugi account will not be deleted."),),
    )


def _account_deleted() -> Letter:
    return Letter(
        subject=_("Your account is being deleted"),
        paragraphs=(
            _("The days to come back are over: your Kintsugi account and what was in it are being deleted."),
            _("This is the last letter you get from us."),
        ),
    )


def _export_ready(expires_at: datetime) -> Letter:
    return Letter(
        subject=_("Your data is ready"),
        paragraphs=(
            _("The archive of everything you keep on Kintsugi is ready. You can download it until %(date)s.")
            % {"date": _day(expires_at)},
        ),
        button=Button(_("Open the settings"), f"{settings.PUBLIC_URL}/app/settings/data"),
    )


def _day(moment: datetime) -> str:
    return str(date_format(moment, "DATE_FORMAT"))


def _once(life: timedelta) -> str:
    minutes = int(life.total_seconds()) // 60
    if minutes >= 120:
        hours = minutes // 60
        return ngettext(
            "The link works once, within %(count)d hour.", "The link works once, within %(count)d hours.", hours
        ) % {"count": hours}
    return ngettext(
        "The link works once, within %(count)d minute.", "The link works once, within %(count)d minutes.", minutes
    ) % {"count": minutes}
