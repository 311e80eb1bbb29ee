"""The letters of this app, each in the language that is active."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.mail import Button
from core.mail import Letter


def _page(name: str, token: str) -> str:
    """A page of the web client. The token stands in the fragment, which no server and no log ever sees."""
    return f"{settings.PUBLIC_URL}/app/{name}#token={token}"


def sign_in(token: str, *, life: timedelta) -> Letter:
    """The magic link."""
    return Letter(
        subject=_("Your link to sign in"),
        paragraphs=(_("Somebody, hopefully you, asked for a link to sign in to Kintsugi."),),
        button=Button(_("Sign in"), _page("magic", token)),
        after=(_once(life), _("If it was not you, do nothing: without this letter nobody comes in.")),
    )


def verify(token: str, *, name: str, life: timedelta) -> Letter:
    """Is this really their address?"""
    return Letter(
        subject=_("Confirm your address"),
        paragraphs=(
            _("The Kintsugi account “%(name)s” was made with this address. Confirm that it is yours.") % {"name": name},
        ),
        button=Button(_("Confirm the address"), _page("verify", token)),
        after=(_once(life), _("If you did not make this account, do not confirm it.")),
    )


def reset(token: str, *, life: timedelta) -> Letter:
    """A way to a new password."""
    return Letter(
        subject=_("Set a new password"),
        paragraphs=(_("Somebody, hopefully you, asked to set a new password for your Kintsugi account."),),
        button=Button(_("Set a new password"), _page("reset", token)),
        after=(_once(life), _("If it was not you, do nothing: your password stays as it is.")),
    )


def change(token: str, *, name: str, life: timedelta) -> Letter:
    """To the new address. It names the account: a stranger's must not pass for one's own."""
    return Letter(
        subject=_("Confirm your new address"),
        paragraphs=(
            _("Confirm that the Kintsugi account “%(name)s” shall use this address from now on.") % {"name": name},
        ),
        button=Button(_("Use this address"), _page("email", token)),
        after=(_once(life), _("If you did not ask for this, do nothing: nothing changes.")),
    )


def changed() -> Letter:
    """To the old address: the last word it hears."""
    return Letter(
        subject=_("Your address was changed"),
        paragraphs=(
            _("Your Kintsugi account uses another e-mail address now. Letters will go there."),
            _("If this was not you, write to whoever runs the site at once: somebody else may hold your account."),
        ),
    )


def password_changed() -> Letter:
    """A warning, in case it was somebody else."""
    return Letter(
        subject=_("Your password was changed"),
        paragraphs=(
            _("The password of your Kintsugi account was changed, and all other sessions were ended."),
            _("If this was not you, set a new password at once:"),
        ),
        button=Button(_("Set a new password"), f"{settings.PUBLIC_URL}/app/forgot"),
    )


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
