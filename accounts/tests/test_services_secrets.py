"""Changing JWT_SECRET without signing everybody out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings as house
from django.utils import timezone

from accounts import tokens
from accounts.errors import SessionEnded
from accounts.models import RefreshToken
from accounts.models import User
from accounts.services import sessions
from core.observability import redaction

pytestmark = pytest.mark.django_db
FORMER = "former-jwt-secret-0123456789-abcdefghij"


def signed_anew(token: str, secret: str) -> str:
    return jwt.encode(jwt.decode(token, options={"verify_signature": False}), secret, algorithm="HS256")


@pytest.fixture
def before(alice: User) -> sessions.SessionGrant:
    """A session as it was opened while FORMER was the secret."""
    grant = sessions.open_session(alice)
    refresh = signed_anew(grant.refresh_token, FORMER)
    RefreshToken.objects.update(token_hash=tokens.digest(refresh))
    return sessions.SessionGrant(grant.user, grant.session, signed_anew(grant.access_token, FORMER), refresh, 900)


def test_a_changed_secret_ends_every_session(before: sessions.SessionGrant) -> None:
    for use in (lambda: sessions.authenticate(before.access_token), lambda: sessions.refresh(before.refresh_token)):
        with pytest.raises(SessionEnded):
            use()


def test_a_former_secret_is_believed_and_the_next_token_has_the_new_one(
    before: sessions.SessionGrant, alice: User, settings: Any
) -> None:
    settings.JWT_SECRET_FALLBACKS = ["another-former-secret-0123456789-abcdef", FORMER]
    assert sessions.authenticate(before.access_token) == (alice, before.session.pk)
    after = sessions.refresh(before.refresh_token)
    assert jwt.decode(after.refresh_token, settings.JWT_SECRET, algorithms=["HS256"], audience="kintsugi")
    settings.JWT_SECRET_FALLBACKS = []
    assert sessions.authenticate(after.access_token)[0] == alice
    assert sessions.refresh(after.refresh_token).session == before.session


def test_two_tabs_get_the_same_successor_across_the_change(before: sessions.SessionGrant, settings: Any) -> None:
    """The first tab refreshed with a process that has the former secret, the second with one that has the new one."""
    settings.JWT_SECRET_FALLBACKS = [FORMER]
    first = sessions.refresh(before.refresh_token)
    successor = signed_anew(first.refresh_token, FORMER)
    RefreshToken.objects.filter(used_at=None).update(token_hash=tokens.digest(successor))
    second = sessions.refresh(before.refresh_token)
    assert second.refresh_token == successor
    assert sessions.refresh(successor).session == before.session


def test_reuse_is_noticed_under_a_former_secret_too(before: sessions.SessionGrant, settings: Any) -> None:
    settings.JWT_SECRET_FALLBACKS = [FORMER]
    after = sessions.refresh(sessions.refresh(before.refresh_token).refresh_token)
    with pytest.raises(SessionEnded):
        sessions.refresh(before.refresh_token)
    with pytest.raises(SessionEnded):
        sessions.refresh(after.refresh_token)


@pytest.mark.parametrize("secret", ["never-a-secret-of-ours-0123456789-abcdef", ""])
def test_no_other_secret_is_believed(before: sessions.SessionGrant, settings: Any, secret: str) -> None:
    settings.JWT_SECRET_FALLBACKS = [FORMER]
    forged = signed_anew(before.access_token, secret or "x" * 40)
    for raw in (forged, forged.rsplit(".", 1)[0] + ".", before.refresh_token):
        with pytest.raises(SessionEnded):
            sessions.authenticate(raw)


def test_a_former_secret_does_not_revive_what_has_run_out(before: sessions.SessionGrant, settings: Any) -> None:
    settings.JWT_SECRET_FALLBACKS = [FORMER]
    with time_machine.travel(timezone.now() + timedelta(minutes=17)), pytest.raises(SessionEnded):
        sessions.authenticate(before.access_token)


def test_former_secrets_stay_out_of_logs(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_own", set())
    settings.JWT_SECRET_FALLBACKS, settings.SECRET_KEY_FALLBACKS = [FORMER], ["former-secret-key-0123456789"]
    redaction.remember_settings(house)
    assert redaction.redact(f"odd words {FORMER} and former-secret-key-0123456789") == (
        "odd words [redacted] and [redacted]"
    )
