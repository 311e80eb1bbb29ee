"""Sign-in from a Telegram Mini App, and linking a Telegram account to a user.

Init data is good for a day and is shown again whenever the app's page loads, so it cannot be a password for one time.
What counts instead: one init data has one living session (signing in anew ends the one before), none once that
session was ended by a person, and none that is older than the last time all sessions of the user were ended.

The user's row is locked first, as everywhere sessions begin or end.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.db import transaction
from django.utils import timezone

from accounts import events
from accounts import telegram_login
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.errors import OnlyWayIn
from accounts.errors import SessionEnded
from accounts.errors import TelegramLinked
from accounts.errors import TelegramOff
from accounts.errors import TelegramRefused
from accounts.errors import TelegramTaken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import TelegramProof
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import audit
from accounts.services import sessions
from accounts.telegram_login import BadInitData
from accounts.telegram_login import InitData
from core.errors import InvalidInput

_ENDED_ALL = (Session.Reason.LOGOUT_ALL, Session.Reason.PASSWORD, Session.Reason.SUSPENDED, Session.Reason.STAFF)
"""The reasons for which all sessions of a user end at once."""


def sign_in(
    raw: str, *, restore: bool = False, client: ClientInfo = NOBODY, language: str = "en"
) -> sessions.SessionGrant:
    """Open a session for who has opened the Mini App; the first time, make them an account.

    Raises TelegramOff, TelegramRefused, AccountDisabled, and DeletionScheduled, which ``restore`` takes back.
    """
    init_data = _read_to_sign_in(raw, client)
    user = _owner(init_data) or _welcome(init_data, client=client, language=language)
    user = account_deletion.admit(user, restore=restore, client=client)
    try:
        grant = _open(user, init_data, client)
    except SessionEnded:  # suspended, or signed out everywhere, in the meantime
        grant = None
    if grant is None:  # raised out here, so that what is written of the refusal is committed
        _refuse(client, user, "used")
        raise TelegramRefused
    return grant


@transaction.atomic
def link(actor: User, raw: str, *, client: ClientInfo = NOBODY) -> TelegramAccount:
    """Let a Telegram account sign in as the actor; linking the same one again changes nothing.

    Raises TelegramOff, InvalidInput, TelegramTaken (it belongs to somebody else) and TelegramLinked (the actor has
    another).
    """
    init_data = _read_to_link(raw)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    mine = TelegramAccount.objects.filter(user=actor).first()
    if mine is not None and mine.telegram_id == init_data.telegram_id:
        return mine
    if TelegramAccount.objects.filter(telegram_id=init_data.telegram_id).exists():
        raise TelegramTaken
    if mine is not None:
        raise TelegramLinked
    try:
        with transaction.atomic():
            account = _account(actor, init_data)
    except IntegrityError:  # somebody else was faster
        raise TelegramTaken from None
    audit.record("telegram.linked", actor=actor, client=client, on=account)
    return account


@transaction.atomic
def unlink(actor: User, *, keep_session: UUID | None = None, client: ClientInfo = NOBODY) -> None:
    """Part the actor from the Telegram account, and end the sessions it opened but ``keep_session``.

    Raises OnlyWayIn when nobody could sign in any more. Without a linked account nothing happens.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    account = TelegramAccount.objects.filter(user=user).first()
    if account is None:
        return
    if not (user.email or (user.username and user.has_usable_password())):
        raise OnlyWayIn
    opened = TelegramProof.objects.filter(session__user=user).values_list("session_id", flat=True)
    ended = sessions.end([pk for pk in opened if pk != keep_session], user.pk, reason=Session.Reason.REVOKED)
    audit.record("telegram.unlinked", actor=user, client=client, on=account, sessions=len(ended))
    account.delete()


def _read(raw: str) -> InitData:
    if not settings.TELEGRAM_BOT_TOKEN:
        raise TelegramOff
    return telegram_login.read(raw, bot_token=settings.TELEGRAM_BOT_TOKEN, now=timezone.now())


def _read_to_sign_in(raw: str, client: ClientInfo) -> InitData:
    try:
        return _read(raw)
    except BadInitData as bad:
        audit.record("login.failed", client=client, outcome="failure", door="telegram", reason=bad.reason)
        raise TelegramRefused from None


def _read_to_link(raw: str) -> InitData:
    """A 401 would tell the signed-in client that its session is over, so here it is the value that is wrong."""
    try:
        return _read(raw)
    except BadInitData:
        raise InvalidInput(TelegramRefused.message, details={"init_data": [TelegramRefused.message]}) from None


def _owner(init_data: InitData) -> User | None:
    account = TelegramAccount.objects.select_related("user").filter(telegram_id=init_data.telegram_id).first()
    return account.user if account else None


def _welcome(init_data: InitData, *, client: ClientInfo, language: str) -> User:
    """A new user with neither name nor address. Names are never compared: they prove nothing about who somebody is."""
    spoken = init_data.language if init_data.language in User.Language.values else language
    try:
        with transaction.atomic():
            user = User.objects.create_user(language=spoken)
            account = _account(user, init_data)
            audit.record("user.registered", actor=user, client=client, on=user, door="telegram")
            audit.record("telegram.linked", actor=user, client=client, on=account)
            events.send_user_registered(user.pk)
    except IntegrityError:  # two first sign-ins at once: one account
        return TelegramAccount.objects.select_related("user").get(telegram_id=init_data.telegram_id).user
    return user


def _account(user: User, init_data: InitData) -> TelegramAccount:
    return TelegramAccount.objects.create(user=user, telegram_id=init_data.telegram_id, username=init_data.username)


@transaction.atomic
def _open(user: User, init_data: InitData, client: ClientInfo) -> sessions.SessionGrant | None:
    """The session; None when the init data has been used up. Raises SessionEnded as ``open_session`` does."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    linked = TelegramAccount.objects.filter(user=user, telegram_id=init_data.telegram_id)
    if not linked.exists() or not _replace(user, init_data):
        return None
    grant = sessions.open_session(user, client=client)
    TelegramProof.objects.update_or_create(
        digest=init_data.digest, defaults={"session": grant.session, "expires_at": init_data.expires_at}
    )
    now = timezone.now()
    linked.update(last_used_at=now, username=init_data.username)
    User.objects.filter(pk=user.pk).update(last_login=now)
    audit.record("login.succeeded", actor=user, client=client, on=grant.session, door="telegram")
    return grant


def _replace(user: User, init_data: InitData) -> bool:
    """End the session this init data opened before; False when somebody ended it, or all of them, since."""
    if Session.objects.filter(user=user, revoke_reason__in=_ENDED_ALL, revoked_at__gt=init_data.opened_at).exists():
        return False
    proof = TelegramProof.objects.select_related("session").filter(digest=init_data.digest).first()
    if proof is None:
        return True
    if proof.session.user_id != user.pk or proof.session.revoked_at is not None:
        return False
    sessions.end([proof.session_id], user.pk, reason=Session.Reason.REPLACED)
    return True


def _refuse(client: ClientInfo, user: User, reason: str) -> None:
    audit.record("login.refused", client=client, on=user, outcome="denied", door="telegram", reason=reason)
