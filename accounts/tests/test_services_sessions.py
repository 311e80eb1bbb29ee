"""The families of refresh tokens: one line, whoever asks and however often."""

from __future__ import annotations

import threading
from contextlib import nullcontext
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
from django.db.models import F
from django.utils import timezone

from accounts import events
from accounts import tokens
from accounts.clients import ClientInfo
from accounts.errors import SessionEnded
from accounts.models import AuditEvent
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from accounts.tests.parallel import at_once
from conftest import make_user
from core import sql
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
    sent: list[tuple[UUID, list[UUID]]] = []

    def listen(user_id: UUID, session_ids: list[UUID], **_rest: object) -> None:
        sent.append((user_id, session_ids))

    events.sessions_revoked.connect(listen)
    yield sent
    events.sessions_revoked.disconnect(listen)


@pytest.mark.django_db
def test_only_the_hash_of_a_token_is_stored(alice: User) -> None:
    grant = sessions.open_session(alice, client=ClientInfo(ip="192.0.2.7", user_agent="Lynx"))
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
        second = sessions.refresh(first.refresh_token, client=ClientInfo(ip="198.51.100.2"))
        assert sessions.authenticate(second.access_token) == (alice, first.session.pk)
    assert second.refresh_token != first.refresh_token
    line = lineage(first.session)
    assert [row.used_at is None for row in line] == [False, True]
    session = Session.objects.get()
    assert session.last_used_at - first.session.last_used_at >= timedelta(seconds=599)
    assert session.expires_at > first.session.expires_at
    assert session.ip == "198.51.100.2"


def uses_were_ago(session: Session, seconds: float) -> None:
    """As if that time had passed for the database: its clock cannot be set."""
    used = RefreshToken.objects.filter(session=session).exclude(used_at=None)
    used.update(used_at=F("used_at") - timedelta(seconds=seconds))


@pytest.mark.django_db
def test_two_tabs_at_once_get_the_same_successor(alice: User) -> None:
    first = sessions.open_session(alice)
    second = sessions.refresh(first.refresh_token)
    uses_were_ago(first.session, 8)
    assert sessions.refresh(first.refresh_token).refresh_token == second.refresh_token
    assert len(lineage(first.session)) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("silence", [12, 6 * 86_400])
def test_an_answer_that_was_lost_signs_nobody_out(alice: User, silence: float) -> None:
    """However long the tunnel was: nobody has used what the answer brought."""
    first = sessions.open_session(alice)
    lost = sessions.refresh(first.refresh_token)
    uses_were_ago(first.session, silence)
    again = sessions.refresh(first.refresh_token)
    assert again.refresh_token != lost.refresh_token
    assert again.session == first.session
    assert sessions.authenticate(again.access_token)[0] == alice
    third = sessions.refresh(again.refresh_token)
    assert sessions.refresh(third.refresh_token).session == first.session
    assert not AuditEvent.objects.filter(event="session.reuse_detected").exists()


@pytest.mark.django_db
def test_two_tabs_whose_answers_were_both_lost_get_the_same_new_one(alice: User) -> None:
    first = sessions.open_session(alice)
    sessions.refresh(first.refresh_token)
    uses_were_ago(first.session, 60)
    assert sessions.refresh(first.refresh_token).refresh_token == sessions.refresh(first.refresh_token).refresh_token


@pytest.mark.django_db
def test_a_successor_that_was_given_up_ends_the_family_when_it_comes_after_all(alice: User) -> None:
    """Two have the session now: who asked again, and who got the answer that seemed lost."""
    first = sessions.open_session(alice)
    lost = sessions.refresh(first.refresh_token)
    uses_were_ago(first.session, 12)
    again = sessions.refresh(first.refresh_token)
    with pytest.raises(SessionEnded):
        sessions.refresh(lost.refresh_token)
    with pytest.raises(SessionEnded):
        sessions.refresh(again.refresh_token)
    assert AuditEvent.objects.filter(event="session.reuse_detected").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("silence", [0, 11, 3600])
def test_a_used_token_ends_the_family_once_its_successor_was_used(alice: User, revoked: Any, silence: float) -> None:
    first = sessions.open_session(alice)
    other = sessions.open_session(alice)
    third = sessions.refresh(sessions.refresh(first.refresh_token).refresh_token)
    uses_were_ago(first.session, silence)
    with pytest.raises(SessionEnded):
        sessions.refresh(first.refresh_token, client=ClientInfo(ip="203.0.113.9"))
    session = Session.objects.get(pk=first.session.pk)
    assert session.revoke_reason == Session.Reason.REUSE
    for call in (
        lambda: sessions.refresh(third.refresh_token),
        lambda: sessions.authenticate(third.access_token),
        lambda: sessions.authenticate(first.access_token),
    ):
        with pytest.raises(SessionEnded):
            call()
    event = AuditEvent.objects.get(event="session.reuse_detected")
    assert (event.outcome, event.ip, event.object_ref) == ("denied", "203.0.113.9", f"session:{session.pk}")
    assert revoked == [(alice.pk, [session.pk])]
    assert sessions.refresh(other.refresh_token).session == other.session


@pytest.mark.django_db
@pytest.mark.parametrize("fast_by", [3600, -3600])
def test_a_process_with_a_wrong_clock_changes_nothing_about_reuse(alice: User, fast_by: float) -> None:
    """One process an hour off uses a token; the others go by the database's clock, as it does."""
    first = sessions.open_session(alice)
    with time_machine.travel(later(fast_by)) if connection.vendor == "postgresql" else nullcontext():
        try:
            lost = sessions.refresh(first.refresh_token)
        except SessionEnded:  # of a clock that is behind: the token is not good yet
            return
    used = RefreshToken.objects.get(used_at__isnull=False)
    assert used.used_at is not None
    assert abs(used.used_at - sql.now()) < timedelta(seconds=30)
    uses_were_ago(first.session, 16)
    assert sessions.refresh(first.refresh_token).refresh_token != lost.refresh_token
    RefreshToken.objects.exclude(used_at=None).update(used_at=later(3600))  # as an older process wrote it
    again = sessions.refresh(first.refresh_token)
    sessions.refresh(again.refresh_token)
    with pytest.raises(SessionEnded):
        sessions.refresh(first.refresh_token)


@pytest.mark.django_db
def test_a_session_ends_after_ninety_days_however_often_it_is_used(alice: User) -> None:
    grant = sessions.open_session(alice)
    token = grant.refresh_token
    begun = grant.session.created_at
    for day in range(6, 90, 6):
        with time_machine.travel(begun + timedelta(days=day), tick=False):
            token = sessions.refresh(token).refresh_token
    assert Session.objects.get().expires_at == begun + timedelta(days=90)
    with time_machine.travel(begun + timedelta(days=89, hours=23), tick=False):
        last = sessions.refresh(token)
    with time_machine.travel(begun + timedelta(days=90, minutes=2), tick=False):
        for call in (lambda: sessions.refresh(last.refresh_token), lambda: sessions.authenticate(last.access_token)):
            with pytest.raises(SessionEnded):
                call()


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
    monkeypatch.setattr(sessions, "SAME_ANSWER", timedelta(minutes=5))  # a slow machine takes its time
    grant = sessions.open_session(alice)
    answers = at_once(50, lambda _index: sessions.refresh(grant.refresh_token).refresh_token)
    assert len(set(answers)) == 1
    assert len(lineage(grant.session)) == 2
    assert sessions.refresh(answers[0]).session == grant.session


@pytest.mark.django_db(transaction=True)
def test_tabs_that_keep_refreshing_at_once_stay_on_one_line(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the web client does it: one tab at a time asks, and all of them have the cookie that came last."""
    monkeypatch.setattr(sessions, "SAME_ANSWER", timedelta(minutes=5))
    jar = [sessions.open_session(alice).refresh_token]
    lock = threading.Lock()

    def tab(_index: int) -> None:
        for _round in range(4):
            with lock:
                jar.append(sessions.refresh(jar[-1]).refresh_token)

    at_once(8, tab)
    line = lineage(Session.objects.get())
    assert Session.objects.get().revoked_at is None
    assert [row.used_at is None for row in line] == [False] * (len(line) - 1) + [True]
    assert line[-1].token_hash == tokens.digest(jar[-1])


@pytest.mark.django_db(transaction=True)
def test_reuse_found_by_many_at_once_is_told_once(alice: User, revoked: Any) -> None:
    grant = sessions.open_session(alice)
    sessions.refresh(sessions.refresh(grant.refresh_token).refresh_token)

    def replay(_index: int) -> bool:
        try:
            sessions.refresh(grant.refresh_token)
        except SessionEnded:
            return True
        return False

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
