"""hold → work → settle, one user at a time; the crowd is in test_services_metering_crowd."""

from __future__ import annotations

import logging
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from pytest_django import DjangoAssertNumQueries
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django import Settings

from accounts.models import User
from billing import events
from billing import metering
from billing.metering import HoldProgress
from billing.metering import engine
from billing.metering.tokens import sql
from billing.metering.tokens.book import BOOK
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.tests.factories import held
from billing.tests.factories import later
from billing.tests.factories import quota
from billing.tests.factories import spent
from conftest import make_user
from core.errors import IdempotencyMismatch


@pytest.fixture(autouse=True)
def _small_balance(settings: Settings) -> None:
    settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 10_000}


class TestHold:
    @pytest.mark.parametrize(("prompt", "reserved"), [(0, 0), (1, 2), (10, 11), (100, 110), (101, 112), (30, 33)])
    def test_it_sets_aside_the_prompt_and_a_tenth_and_the_answer(self, alice: User, prompt: int, reserved: int) -> None:
        hold = held(alice, prompt=prompt, answer=500)
        assert hold.amount == reserved + 500
        assert (hold.max_tokens, hold.state, hold.created) == (500, "held", True)
        assert (quota(alice).tokens_held, quota(alice).tokens_used) == (reserved + 500, 0)

    def test_a_repeated_key_returns_the_first_hold(self, alice: User) -> None:
        first = held(alice, "message:1")
        again = held(alice, "message:1", prompt=5, answer=100)
        assert (again.id, again.amount, again.max_tokens) == (first.id, first.amount, first.max_tokens)
        assert (first.created, again.created) == (True, False)
        assert quota(alice).tokens_held == 1000

    def test_a_repeated_key_of_a_settled_hold_says_so(self, alice: User) -> None:
        held(alice, "message:1")
        metering.settle("message:1", prompt_tokens=1, completion_tokens=1, source="local")
        assert held(alice, "message:1").state == "settled"

    def test_a_key_of_somebody_else_is_refused(self, alice: User, charlie: User) -> None:
        held(alice, "message:1")
        with pytest.raises(IdempotencyMismatch):
            held(charlie, "message:1")

    def test_the_answer_shrinks_to_what_is_left(self, alice: User) -> None:
        spent(alice, 9_500)
        hold = held(alice, prompt=100, answer=890)
        assert (hold.max_tokens, hold.amount) == (390, 500)
        row = TokenHold.objects.get(pk=hold.id)
        assert (row.max_tokens, row.amount) == (390, 500)
        assert metering.allowance(alice.pk).left == 0

    def test_64_tokens_are_enough_and_63_are_not(self, alice: User, bob: User) -> None:
        spent(alice, 10_000 - 110 - 64)
        spent(bob, 10_000 - 110 - 63)
        assert held(alice).max_tokens == metering.MIN_TOKENS
        with pytest.raises(metering.TokenLimitExceeded):
            held(bob)

    def test_a_short_answer_is_never_shrunk(self, alice: User) -> None:
        spent(alice, 10_000 - 20)
        assert held(alice, prompt=0, answer=20).max_tokens == 20
        with pytest.raises(metering.TokenLimitExceeded):
            held(alice, prompt=0, answer=20)

    def test_a_refusal_says_what_is_left_and_when_more_comes(self, alice: User) -> None:
        spent(alice, 9_950)
        with pytest.raises(metering.TokenLimitExceeded) as refusal:
            held(alice)
        body = refusal.value.body()
        assert body["error"] == "Token limit exceeded"
        assert body["code"] == "token_limit_exceeded"
        assert (body["limit"], body["used"], body["held"]) == (10_000, 9_950, 0)
        assert body["reset_at"] == quota(alice).reset_at.isoformat().replace("+00:00", "Z")
        assert 0 < (refusal.value.retry_after or 0) <= 6 * 3600

    def test_a_refusal_leaves_nothing_behind(self, alice: User) -> None:
        spent(alice, 9_950)
        with pytest.raises(metering.TokenLimitExceeded):
            held(alice, "message:2")
        assert not TokenHold.objects.filter(key="message:2").exists()
        assert quota(alice).tokens_held == 0

    def test_no_limit_still_counts(self, alice: User, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": -1}
        spent(alice, 50_000)
        held(alice, prompt=0, answer=1_000_000)
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (50_000, 1_000_000)
        assert metering.allowance(alice.pk).left is None

    def test_it_costs_two_statements(self, alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        metering.allowance(alice.pk)
        with django_assert_num_queries(4) as queries:  # the test's transaction adds a savepoint and its release
            held(alice)
        assert [query["sql"].split()[0] for query in queries] == ["SAVEPOINT", "INSERT", "UPDATE", "RELEASE"]

    def test_nonsense_is_a_programming_error(self, alice: User) -> None:
        for prompt, answer in ((-1, 10), (10, 0)):
            with pytest.raises(ValueError, match="at least"):
                held(alice, prompt=prompt, answer=answer)


class TestSettle:
    def test_it_charges_what_was_used_and_releases_the_rest(self, alice: User) -> None:
        hold = held(alice, "message:1")
        assert metering.settle("message:1", prompt_tokens=100, completion_tokens=250, source="provider")
        entry = UsageEntry.objects.get()
        assert (entry.hold_id, entry.user_id, entry.feature, entry.model) == (hold.id, alice.pk, "aichat", "demo")
        assert (entry.prompt_tokens, entry.completion_tokens, entry.total_tokens) == (100, 250, 350)
        assert (entry.source, entry.reference, entry.overrun, entry.window) == ("provider", "message-1", 0, 1)
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (350, 0)
        row = TokenHold.objects.get()
        assert (row.state, row.charged) == ("settled", 350)

    def test_only_the_first_call_counts(self, alice: User) -> None:
        held(alice, "message:1")
        assert metering.settle("message:1", prompt_tokens=100, completion_tokens=250, source="provider")
        assert not metering.settle("message:1", prompt_tokens=100, completion_tokens=900, source="provider")
        assert UsageEntry.objects.get().total_tokens == quota(alice).tokens_used == 350

    def test_an_unknown_key_settles_nothing(self, alice: User) -> None:
        assert not metering.settle("nobody's", prompt_tokens=1, completion_tokens=1, source="local")

    def test_zero_is_a_release_with_a_ledger_row(self, alice: User) -> None:
        held(alice, "message:1")
        assert metering.settle("message:1", prompt_tokens=0, completion_tokens=0, source="provider")
        entry = UsageEntry.objects.get()
        assert (entry.total_tokens, entry.source) == (0, "provider")
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (0, 0)

    def test_an_overrun_is_charged_recorded_and_alerted(
        self,
        alice: User,
        caplog: pytest.LogCaptureFixture,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        seen: list[dict[str, Any]] = []

        def listen(**facts: Any) -> None:
            seen.append(facts)

        events.hold_overrun.connect(listen)
        held(alice, "message:1")
        with django_capture_on_commit_callbacks(execute=True):
            metering.settle("message:1", prompt_tokens=100, completion_tokens=1_100, source="provider")
        events.hold_overrun.disconnect(listen)
        assert UsageEntry.objects.get().overrun == 200
        assert quota(alice).tokens_used == 1_200
        assert [(one["key"], one["user_id"], one["held"], one["charged"]) for one in seen] == [
            ("message:1", alice.pk, 1_000, 1_200)
        ]
        assert [record.levelno for record in caplog.records if record.message == "metering.overrun"] == [logging.ERROR]

    def test_what_a_deleted_user_had_running_is_still_booked(self, db: None) -> None:
        dora = make_user("dora")
        held(dora, "message:1")
        TokenQuota.objects.filter(pk=dora.pk).delete()
        assert metering.settle("message:1", prompt_tokens=1, completion_tokens=1, source="local")
        assert UsageEntry.objects.get().user_id == dora.pk

    def test_it_costs_three_statements(self, alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        held(alice, "message:1")
        with django_assert_num_queries(5):  # the test's transaction adds a savepoint and its release
            metering.settle("message:1", prompt_tokens=1, completion_tokens=1, source="local")

    def test_negative_tokens_are_a_programming_error(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            metering.settle("message:1", prompt_tokens=-1, completion_tokens=1, source="local")


class TestUnavailableLedger:
    """Nothing is generated when it cannot be written down."""

    def test_a_hold_that_cannot_be_written_is_503(self, alice: User) -> None:
        with (
            patch.object(engine, "insert_sql", lambda _book: "INSERT INTO nowhere VALUES (%s" + ", %s" * 10 + ")"),
            pytest.raises(metering.MeteringUnavailable) as refusal,
        ):
            held(alice)
        assert (refusal.value.status, refusal.value.body()["code"]) == (503, "metering_unavailable")
        assert refusal.value.retry_after

    @pytest.mark.django_db(transaction=True)
    def test_a_settlement_half_written_is_undone_and_swept_later(self) -> None:
        alice = make_user("alice")
        held(alice, "message:1")
        with (
            patch.object(sql, "INSERT_ENTRY", "INSERT INTO nowhere VALUES (%s" + ", %s" * 11 + ")"),
            pytest.raises(metering.MeteringUnavailable),
        ):
            metering.settle("message:1", prompt_tokens=100, completion_tokens=100, source="local")
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (0, 1_000)
        assert metering.sweep(later(seconds=91)) == 1
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (0, 0)

    @pytest.mark.django_db(transaction=True)
    def test_a_broken_connection_is_replaced_once(self) -> None:
        alice = make_user("alice")
        held(alice, "message:1")
        claim, failures = engine._claim, [OperationalError("server closed the connection")]

        def flaky(*arguments: Any) -> Any:
            if failures:
                raise failures.pop()
            return claim(*arguments)

        with patch.object(engine, "_claim", flaky):
            assert metering.settle("message:1", prompt_tokens=1, completion_tokens=1, source="local")
        assert quota(alice).tokens_used == 2


class TestProgress:
    def test_one_statement_moves_many_holds(
        self, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        keys = [held(user).key for user in (alice, bob) for _ in range(5)]
        TokenHold.objects.update(expires_at=later(seconds=1))
        with django_assert_num_queries(1):
            metering.record_progress([HoldProgress(key, 100, number) for number, key in enumerate(keys)])
        rows = TokenHold.objects.order_by("pk")
        assert [row.progress_completion for row in rows] == list(range(10))
        assert {row.progress_prompt for row in rows} == {100}
        assert all(row.expires_at > later(seconds=60) for row in rows)

    def test_it_never_goes_backwards(self, alice: User) -> None:
        hold = held(alice, "message:1")
        far = later(hours=1)
        TokenHold.objects.update(expires_at=far)
        metering.record_progress([HoldProgress("message:1", 100, 50)])
        metering.record_progress([HoldProgress("message:1", 90, 20)])
        row = TokenHold.objects.get(pk=hold.id)
        assert (row.progress_prompt, row.progress_completion, row.expires_at) == (100, 50, far)

    def test_the_furthest_of_two_notes_on_one_hold_wins(self, alice: User) -> None:
        held(alice, "message:1")
        metering.record_progress([HoldProgress("message:1", 100, 50), HoldProgress("message:1", 100, 20)])
        assert TokenHold.objects.get().progress_completion == 50

    def test_settled_and_unknown_holds_are_left_alone(self, alice: User) -> None:
        held(alice, "message:1")
        metering.settle("message:1", prompt_tokens=1, completion_tokens=1, source="local")
        metering.record_progress([HoldProgress("message:1", 100, 50), HoldProgress("nobody's", 1, 1)])
        assert TokenHold.objects.get().progress_completion == 0

    def test_more_than_one_statement_holds(self, alice: User, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": -1}
        keys = [held(alice).key for _ in range(501)]
        metering.record_progress([HoldProgress(key, 1, 2) for key in keys])
        assert TokenHold.objects.filter(progress_completion=2).count() == 501

    def test_nothing_to_note_is_no_statement(self, db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(0):
            metering.record_progress([])


class TestSweep:
    def test_a_client_that_died_before_the_first_word_pays_nothing(self, alice: User) -> None:
        held(alice)
        assert metering.sweep(later(seconds=89)) == 0
        assert metering.sweep(later(seconds=91)) == 1
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (0, 0)
        assert UsageEntry.objects.get().total_tokens == 0

    def test_one_that_died_in_mid_answer_pays_its_progress_once(
        self, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        seen: list[tuple[str, str, str]] = []

        def listen(*, key: str, feature: str, reference: str, **_rest: Any) -> None:
            seen.append((key, feature, reference))

        events.hold_swept.connect(listen)
        held(alice, "message:1")
        metering.record_progress([HoldProgress("message:1", 100, 42)])
        with django_capture_on_commit_callbacks(execute=True):
            assert metering.sweep(later(seconds=91)) == 1
            assert seen == [], "nothing is told before the commit"
            assert metering.sweep(later(seconds=91)) == 0
        events.hold_swept.disconnect(listen)
        assert seen == [("message:1", "aichat", "message-1")]
        entry = UsageEntry.objects.get()
        assert (entry.prompt_tokens, entry.completion_tokens, entry.source) == (100, 42, "local")
        assert not metering.settle("message:1", prompt_tokens=100, completion_tokens=500, source="provider")
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (142, 0)

    def test_a_hold_that_moved_meanwhile_is_left_alone(self, alice: User) -> None:
        held(alice, "message:1")
        deadline = later(seconds=89)
        with patch.object(engine, "_claim", wraps=engine._claim) as claim:
            metering.record_progress([HoldProgress("message:1", 100, 1)])
            assert not engine._sweep_one(BOOK, "message:1", deadline)
        assert claim.call_count == 1
        assert TokenHold.objects.get().state == "held"

    def test_one_hold_that_cannot_be_settled_does_not_stop_the_rest(self, alice: User, bob: User) -> None:
        bad, good = held(alice, "bad"), held(bob, "good")
        sweep_one = engine._sweep_one

        def picky(book: Any, key: str, now: Any) -> bool:
            if key == bad.key:
                raise OperationalError("disk full")
            return sweep_one(book, key, now)

        with patch.object(engine, "_sweep_one", picky):
            assert metering.sweep(later(seconds=91)) == 1
        assert TokenHold.objects.get(pk=good.id).state == "settled"
