"""New accounts."""

from __future__ import annotations

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import events
from accounts.addresses import canonical
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import Duplicate
from accounts.limits import DISPLAY_NAME_CHARS
from accounts.limits import LONGEST_DISPLAY_NAME
from accounts.limits import is_reserved
from accounts.limits import speaks_for_the_house
from accounts.models import MailedToken
from accounts.models import User
from accounts.services import audit
from accounts.services import email_links
from accounts.services import passwords
from core import mail
from core import text
from core.errors import InvalidInput
from core.errors import RateLimited

TAKEN = {"username": _("This name is taken."), "email": _("This address is already in use.")}


def register(*, username: str, email: str, password: str, client: ClientInfo = NOBODY, language: str = "en") -> User:
    """Make an account that can sign in.

    Raises InvalidInput with every broken rule by field, and Duplicate naming the values that are taken. The password
    is hashed before anybody looks whether the names are free, so both answers take the same time.
    """
    user = User(username=username.strip(), email=canonical(email), language=language)
    _refuse_invalid(user, password)
    user.set_password(password)
    with transaction.atomic():
        save_unique(user)
        audit.record("user.registered", actor=user, client=client, on=user)
        events.send_user_registered(user.pk)
        if mail.can_send():
            with suppress(RateLimited):  # then they have had enough letters; they may ask for one more later
                email_links.request(MailedToken.Purpose.VERIFY, canonical(email), language=language, client=client)
    return user


def save_unique(user: User, *, update_fields: list[str] | None = None) -> None:
    """Save; raises Duplicate where the database's unique constraints are broken. Leaves the transaction usable."""
    try:
        with transaction.atomic():
            user.save(update_fields=update_fields)
    except IntegrityError:
        taken = taken_fields(user)
        if not taken:
            raise
        raise Duplicate(details={field: [str(TAKEN[field])] for field in taken}) from None


def taken_fields(user: User) -> list[str]:
    """Which of the user's names belong to somebody else."""
    names = {"username": user.username, "email": user.email}
    return [field for field, name in names.items() if name and User.objects.named(name).exclude(pk=user.pk).exists()]


def field_problems(user: User, *fields: str) -> dict[str, list[str]]:
    """What is wrong with these fields of a user, by name; uniqueness is not looked at."""
    wrong = {name: ["This value is required."] for name in fields if name in TAKEN and not getattr(user, name)}
    others = {field.name for field in User._meta.fields} - set(fields)
    try:
        user.clean_fields(exclude=others)
    except ValidationError as error:
        wrong |= error.message_dict
    if "username" in fields and is_reserved(user.username or ""):
        wrong["username"] = [str(_("This name is reserved."))]
    if "display_name" in fields and (sentence := _display_name_problem(user.display_name)):
        wrong["display_name"] = [sentence]
    return {name: [str(sentence) for sentence in sentences] for name, sentences in wrong.items()}


def _display_name_problem(name: str) -> str:
    """Empty when it may be shown: nobody calls themselves so that they are taken for who runs the place."""
    if text.letters(name) > LONGEST_DISPLAY_NAME or len(name) > DISPLAY_NAME_CHARS:
        return gettext("Use at most {most} letters.").format(most=LONGEST_DISPLAY_NAME)
    return gettext("This name is reserved.") if speaks_for_the_house(text.folded(name)) else ""


def _refuse_invalid(user: User, password: str) -> None:
    wrong = field_problems(user, "username", "email", "language")
    if weak := passwords.problems(password, user):
        wrong["password"] = weak
    if wrong:
        raise InvalidInput(details=wrong)
