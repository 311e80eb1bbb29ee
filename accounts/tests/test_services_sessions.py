"""The families of refresh tokens: one line, whoever asks and however often."""

from __future__ import annotations

import threading
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
import time_machine
from django.db import connection
from django.db import connections
from django.db import transaction
from django.utils import timezone

from accounts import events
from accounts import tokens
from accounts.clients import Client
from accounts.errors import SessionEnded
from accounts.models import AuditEvent
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from accounts.tests.parallel import at_once
from conftest import make_user
from core.errors import NotFound


def lineage(session: Session) -> list[RefreshToken]:
    """The family from its first token on; fails when it is not one line."""
    rows = {row.parent_id: row for row in RefreshToken.objects.filter(session=session)}
    line: list[RefreshToken] = []
    parent: UUID | None = None
    while parent in rows:
        line.append(rows.pop(parent))
        parent = line[-1].pk
    assert not rows, "a token stands outside the line"
    assert len(line) == RefreshToken.objects.filter(session=session).count()
    return line


def later(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


@pytest.fixture
def revoked() -> Any:
    told: list[tuple[UUID, list[UUID]]] = []

    def listen(user_id: UUID, session_ids: list[UUID], **_rest: object) -> None:
        told.append((user_id, session_ids))

    events.sessions_revoked.connect(listen)
    yield told
    events.sessions_revoked.disconnect(listen)


@pytest.mark.django_db
def test_only_the_hash_of_a_token_is_stored(alice: User) -> None:
    grant = sessions.open_session(alice, client=Client(ip="192.0.2.7", user_agent="Lynx"))
    row = RefreshToken.objects.get()
    assert row.token_hash == tokens.digest(grant.refresh_token)
    assert grant.refresh_token not in str(RefreshToken.objects.values())
    assert (row.user, row.session.ip, row.session.user_agent, row.ip) == (alice, "192.0.2.7", "Lynx", "192.0.2.7")
    claims = jwt.decode(grant.refresh_token, options={"verify_signature": False})
    assert claims["jti"] == str(row.pk)
    assert claims["token_type"] == "refresh"
    assert claims["exp"] - claims["iat"] == 168 * 3600


@pytest.mark.django_db
def test_a_refresh_uses_the_token_up_and_carries_the_session_on(alice: User) -> None:
    first = sessions.open_session(alice)
    with time_machine.travel(later(600), tick=False):
        second = sessions.refresh(first.refresh_token, client=Client(ip="198.51.100.2"))
        assert sessions.authenticate(second.access_token) == (alice, first.session.pk)
    assert second.refresh_token != first.refresh_token
    line = lineage(first.session)
    assert [row.used_at is None for row in line] == [False, True]
    session = Session.objects.get()
    assert session.last_used_at - first.session.last_used_at >= timedelta(seconds=599)
    assert session.expires_at > first.session.expires_at
    assert session.ip == "198.51.100.2"


@pytest.mark.django_db
def test_within_the_grace_the_same_successor_comes_again(alice: User) -> None:
    first = sessions.open_session(alice)
    second = sessions.refresh(first.refresh_token)
    with time_machine.travel(later(9), tick=False):
        assert sessions.refresh(first.refresh_token).refresh_token == second.refresh_token
    assert len(lineage(first.session)) == 2


@pytest.mark.django_db
def test_within_the_grace_a_token_leads_to_the_end_of_its_line(alice: User) -> None:
    first = sessions.open_session(alice)
    third = sessions.refresh(sessions.refresh(first.refresh_token).refresh_token)
    assert sessions.refresh(first.refresh_token).refresh_token == third.refresh_token
    assert len(lineage(first.session)) == 3


@pytest.mark.django_db(transaction=True)
def test_after_the_grace_a_used_token_ends_the_family(alice: User, revoked: Any) -> None:
    first = sessions.open_session(alice)
    other = sessions.open_session(alice)
    second = sessions.refresh(first.refresh_token)
    with time_machine.travel(later(11)), pytest.raises(SessionEnded):
        sessions.refresh(first.refresh_token, client=Client(ip="203.0.113.9"))
    session = Session.objects.get(pk=first.session.pk)
    assert session.revoke_reason == Session.Reason.REUSE
    for call in (
        lambda: sessions.refresh(second.refresh_token),
        lambda: sessions.authenticate(second.access_token),
        lambda: sessions.authenticate(first.access_token),
    ):
        with pytest.raises(SessionEnded):
            call()
    event = AuditEvent.objects.get(event="session.reuse_detected")
    assert (event.outcome, event.ip, event.object_ref) == ("denied", "203.0.113.9", f"session:{session.pk}")
    assert revoked == [(alice.pk, [session.pk])]
    assert sessions.refresh(other.refresh_token).session == other.session


@pytest.mark.django_db
def test_a_refresh_token_runs_out(alice: User) -> None:
    grant = sessions.open_session(alice)
    with time_machine.travel(later(168 * 3600 + 120)), pytest.raises(SessionEnded):
        sessions.refresh(grant.refresh_token)


@pytest.mark.django_db
def test_a_well_signed_token_without_its_row_is_worth_nothing(alice: User) -> None:
    grant = sessions.open_session(alice)
    RefreshToken.objects.all().delete()
    with pytest.raises(SessionEnded):
        sessions.refresh(grant.refresh_token)


@pytest.mark.django_db
def test_a_well_signed_token_that_was_not_issued_is_worth_nothing(alice: User) -> None:
    grant = sessions.open_session(alice)
    row = RefreshToken.objects.get()
    forged = tokens.refresh_token(
        grant.session, token_id=row.pk, issued_at=row.issued_at, expires_at=row.expires_at + timedelta(days=300)
    )
    with pytest.raises(SessionEnded):
        sessions.refresh(forged)
    assert sessions.refresh(grant.refresh_token).session == grant.session


@pytest.mark.django_db
def test_an_access_token_does_not_refresh(alice: User) -> None:
    with pytest.raises(SessionEnded):
        sessions.refresh(sessions.open_session(alice).access_token)


@pytest.mark.django_db(transaction=True)
def test_fifty_refreshes_at_once_are_one_lineage(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "REUSE_GRACE", timedelta(minutes=5))  # a slow machine takes its time
    grant = sessions.open_session(alice)
    answers = at_once(50, lambda _index: sessions.refresh(grant.refresh_token).refresh_token)
    assert len(set(answers)) == 1
    assert len(lineage(grant.session)) == 2
    assert sessions.refresh(answers[0]).session == grant.session


@pytest.mark.django_db(transaction=True)
def test_tabs_that_keep_refreshing_at_once_stay_on_one_line(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "REUSE_GRACE", timedelta(minutes=5))
    grant = sessions.open_session(alice)

    def tab(_index: int) -> str:
        mine = grant.refresh_token
        for _round in range(4):
            mine = sessions.refresh(mine).refresh_token
        return mine

    answers = at_once(8, tab)
    line = lineage(grant.session)
    assert Session.objects.get().revoked_at is None
    assert [row.used_at is None for row in line] == [False] * (len(line) - 1) + [True]
    assert line[-1].token_hash in {tokens.digest(answer) for answer in answers}


@pytest.mark.django_db(transaction=True)
def test_reuse_found_by_many_at_once_is_told_once(alice: User, revoked: Any) -> None:
    grant = sessions.open_session(alice)
    sessions.refresh(grant.refresh_token)

    def replay(_index: int) -> bool:
        try:
            sessions.refresh(grant.refresh_token)
        except SessionEnded:
            return True
        return False

    with time_machine.travel(later(60)):
        assert all(at_once(20, replay))
    assert AuditEvent.objects.filter(event="session.reuse_detected").count() == 1
    assert revoked == [(alice.pk, [grant.session.pk])]


@pytest.mark.django_db(transaction=True)
def test_a_refresh_waits_for_a_logout_under_way_and_then_fails(alice: User) -> None:
    grant = sessions.open_session(alice)
    outcome: list[str] = []

    def refresh() -> None:
        try:
            sessions.refresh(grant.refresh_token)
            outcome.append("refreshed")
        except SessionEnded:
            outcome.append("refused")
        finally:
            connections.close_all()

    thread = threading.Thread(target=refresh)
    with transaction.atomic():
        sessions.log_out(grant.session.pk)
        thread.start()
        thread.join(timeout=0.3)
        assert not outcome, "the row's lock did not hold"
    thread.join(timeout=30)
    assert outcome == ["refused"]


@pytest.mark.django_db
def test_ending_all_sessions_ends_also_the_sign_in_under_way(alice: User) -> None:
    read_before = User.objects.get(pk=alice.pk)
    sessions.log_out_everywhere(alice)
    with pytest.raises(SessionEnded):
        sessions.open_session(read_before)
    assert sessions.open_session(User.objects.get(pk=alice.pk)).user == alice


@pytest.mark.django_db
def test_a_suspended_user_gets_no_session(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(SessionEnded):
        sessions.open_session(alice)


@pytest.mark.django_db(transaction=True)
def test_logging_out_everywhere_ends_and_tells_all_of_ones_own(alice: User, bob: User, revoked: Any) -> None:
    mine = [sessions.open_session(alice) for _ in range(3)]
    his = sessions.open_session(bob)
    sessions.log_out_everywhere(alice)
    assert [(user_id, set(ids)) for user_id, ids in revoked] == [(alice.pk, {grant.session.pk for grant in mine})]
    assert sessions.authenticate(his.access_token)[0] == bob
    assert not Session.objects.visible_to(alice).alive().exists()


@pytest.mark.django_db(transaction=True)
def test_signals_wait_for_the_commit(alice: User, revoked: Any) -> None:
    grant = sessions.open_session(alice)
    with transaction.atomic():
        sessions.log_out(grant.session.pk)
        assert revoked == []
    assert revoked == [(alice.pk, [grant.session.pk])]
    sessions.log_out(grant.session.pk)
    assert len(revoked) == 1
    assert AuditEvent.objects.filter(event="session.logout").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_logout_tells_nobody(alice: User, revoked: Any) -> None:
    grant = sessions.open_session(alice)
    with pytest.raises(RuntimeError), transaction.atomic():
        sessions.log_out(grant.session.pk)
        raise RuntimeError
    assert revoked == []
    assert sessions.authenticate(grant.access_token)


@pytest.mark.django_db
def test_somebody_elses_session_is_not_found(alice: User, charlie: User) -> None:
    grant = sessions.open_session(alice)
    with pytest.raises(NotFound):
        sessions.revoke(charlie, session_id=grant.session.pk)
    assert sessions.authenticate(grant.access_token)


@pytest.mark.django_db
def test_a_token_has_one_successor_by_constraint(alice: User) -> None:
    from django.db import IntegrityError

    grant = sessions.open_session(alice)
    sessions.refresh(grant.refresh_token)
    second = RefreshToken.objects.exclude(parent=None).get()
    twin = RefreshToken(**{f.attname: getattr(second, f.attname) for f in RefreshToken._meta.fields})
    twin.pk, twin.token_hash = make_user("dora").pk, "0" * 64
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.django_db
def test_a_refresh_costs_a_fixed_number_of_queries(alice: User, django_assert_max_num_queries: Any) -> None:
    token = sessions.open_session(alice).refresh_token
    for _ in range(5):
        with django_assert_max_num_queries(8, connection=connection):
            token = sessions.refresh(token).refresh_token
