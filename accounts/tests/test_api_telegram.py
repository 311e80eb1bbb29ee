"""Sign-in from a Telegram Mini App, linking and unlinking: through the front door."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import TelegramProof
from accounts.models import User
from accounts.services import cleanup
from accounts.services import sessions
from accounts.services import staff
from accounts.tests.parallel import at_once
from accounts.tests.telegram import BOT_TOKEN
from accounts.tests.telegram import VLAD
from accounts.tests.telegram import init_data
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in

pytestmark = pytest.mark.django_db
OLGA = {"id": 5_000_000_000_001, "first_name": "Ольга", "username": "alice", "language_code": "uk"}


@pytest.fixture(autouse=True)
def _bot(settings: Any) -> None:
    settings.TELEGRAM_BOT_TOKEN = BOT_TOKEN


def enter(raw: str, **headers: Any) -> Any:
    return JsonClient(**headers).post("/api/auth/telegram", {"init_data": raw})


def entered(raw: str) -> tuple[User, JsonClient]:
    """The user who got in, and a client in the new session."""
    answer = enter(raw)
    assert answer.status_code == 200, answer.content
    client = JsonClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    return User.objects.get(pk=answer.json()["user"]["id"]), client


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestSignIn:
    def test_a_first_time_makes_an_account_without_name_and_address(self) -> None:
        answer = enter(init_data(OLGA))
        body = answer.json()
        assert answer.status_code == 200
        assert set(body) == {"user", "access_token", "refresh_token", "expires_in"}
        assert answer["Cache-Control"] == "no-store"
        assert answer.cookies["kintsugi_refresh"].value == body["refresh_token"]
        user = User.objects.get()
        assert (user.username, user.email, user.language, user.is_verified) == (None, None, "uk", False)
        assert not user.has_usable_password()
        assert body["user"]["telegram"]["username"] == "alice"
        assert user.telegram_account.telegram_id == OLGA["id"]
        assert user.last_login is not None
        events = AuditEvent.objects.order_by("id").values_list("event", "actor")
        assert list(events) == [(e, user.pk) for e in ("user.registered", "telegram.linked", "login.succeeded")]
        assert str(OLGA["id"]) not in str(list(AuditEvent.objects.values()))

    def test_the_next_time_it_is_the_same_account(self) -> None:
        user, _ = entered(init_data(ago=600))
        again, client = entered(init_data(VLAD | {"username": "vlad_renamed"}))
        assert again == user
        me = client.get("/api/auth/me").json()["user"]
        assert (me["id"], me["telegram"]["username"]) == (str(user.pk), "vlad_renamed")
        assert set(me["telegram"]) == {"username", "linked_at"}
        assert User.objects.count() == 1

    def test_names_and_addresses_link_nobody(self, alice: User) -> None:
        user, _ = entered(init_data(OLGA | {"email": "alice@example.com"}))
        assert user != alice
        assert not TelegramAccount.objects.filter(user=alice).exists()

    def test_the_language_of_the_page_counts_when_telegram_s_is_not_ours(self) -> None:
        answer = enter(init_data(VLAD | {"language_code": "de"}), HTTP_ACCEPT_LANGUAGE="uk")
        assert answer.json()["user"]["language"] == "uk"

    @pytest.mark.parametrize(
        "how", [{"token": "1:other"}, {"ago": 86_401}, {"ago": -90}, {"user": None}, {"hash": "x"}]
    )
    def test_what_telegram_did_not_sign_or_long_ago(self, how: dict[str, Any]) -> None:
        answer = enter(init_data(**how))
        assert outcome(answer) == (401, "telegram_refused")
        assert "open it again from Telegram" in answer.json()["error"]
        assert "kintsugi_refresh" not in answer.cookies
        assert not User.objects.exists()
        event = AuditEvent.objects.get()
        assert (event.event, event.outcome, event.data["door"]) == ("login.failed", "failure", "telegram")

    @pytest.mark.parametrize("body", [{}, {"init_data": ""}, {"init_data": None}, {"init_data": "x" * 9000}, []])
    def test_nonsense_is_400(self, anonymous: JsonClient, body: Any) -> None:
        assert anonymous.post("/api/auth/telegram", body).status_code == 400

    def test_a_blank_at_the_end_is_a_changed_byte(self) -> None:
        assert outcome(enter(init_data() + " ")) == (401, "telegram_refused")

    def test_without_a_bot_it_is_off(self, settings: Any, alice_client: JsonClient) -> None:
        settings.TELEGRAM_BOT_TOKEN = ""
        for raw in (init_data(), init_data(token="")):
            assert outcome(enter(raw)) == (503, "telegram_off")
            assert outcome(alice_client.post("/api/auth/telegram/link", {"init_data": raw})) == (503, "telegram_off")
        assert JsonClient().get("/api/config").json()["sign_in"] == {"telegram": False}
        settings.TELEGRAM_BOT_TOKEN = BOT_TOKEN
        assert JsonClient().get("/api/config").json()["sign_in"] == {"telegram": True}

    def test_a_suspended_account(self) -> None:
        user, client = entered(init_data(ago=600))
        staff.suspend(make_user("root", is_staff=True, is_superuser=True), user=user, reason="Spam")
        assert outcome(enter(init_data())) == (403, "account_disabled")
        assert client.get("/api/auth/me").status_code == 401
        assert AuditEvent.objects.filter(event="login.refused", data__reason="disabled").count() == 1

    def test_a_stale_token_does_not_stand_in_the_way(self) -> None:
        assert enter(init_data(), HTTP_AUTHORIZATION="Bearer run.out.token").status_code == 200

    def test_a_form_of_another_site_is_not_read(self) -> None:
        answer = JsonClient().post("/api/auth/telegram", f"init_data={init_data()}", content_type="text/plain")
        assert answer.status_code == 415

    def test_it_is_limited_by_address_and_by_init_data(self, settings: Any) -> None:
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"telegram": (3, 60)}
        assert [enter("x").status_code for _ in range(4)] == [401, 401, 401, 429]
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"telegram": (99, 60), "telegram_proof": (2, 3600)}
        cache.clear()
        raw = init_data()
        codes = [enter(raw, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(3)]
        assert codes == [200, 200, 429]
        assert enter(init_data(ago=9)).status_code == 200

    def test_the_queries_of_me_are_few(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        _, client = entered(init_data())
        client.get("/api/auth/me")
        with django_assert_num_queries(3):  # session and user, Telegram, quota
            client.get("/api/auth/me")


class TestReplay:
    def test_one_init_data_has_one_living_session(self) -> None:
        raw = init_data()
        user, first = entered(raw)
        _, second = entered(raw)
        assert first.get("/api/auth/me").status_code == 401
        assert second.get("/api/auth/me").status_code == 200
        assert Session.objects.alive().count() == 1
        assert Session.objects.filter(user=user, revoke_reason="replaced").count() == 1

    def test_the_replaced_browser_is_not_told_to_forget_the_user(self) -> None:
        raw = init_data()
        refresh = enter(raw).json()["refresh_token"]
        enter(raw)
        assert outcome(JsonClient().post("/api/auth/refresh", {"refresh_token": refresh})) == (401, "session_ended")

    def test_two_openings_have_a_session_each(self) -> None:
        _, phone = entered(init_data(ago=60))
        _, desktop = entered(init_data(ago=5))
        assert [client.get("/api/auth/me").status_code for client in (phone, desktop)] == [200, 200]

    def test_signing_out_uses_the_init_data_up(self) -> None:
        raw = init_data()
        _, client = entered(raw)
        assert client.post("/api/auth/logout").status_code == 204
        assert outcome(enter(raw)) == (401, "telegram_refused")
        assert outcome(enter(raw)) == (401, "telegram_refused")
        assert not Session.objects.alive().exists()
        assert enter(init_data(ago=1)).status_code == 200

    def test_ending_everything_ends_all_that_was_opened_before(self) -> None:
        stolen = init_data(ago=300)
        _, client = entered(init_data(ago=60))
        client.post("/api/auth/logout/all")
        assert outcome(enter(stolen)) == (401, "telegram_refused")
        assert AuditEvent.objects.filter(event="login.refused", data__reason="used").count() == 1
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            assert enter(init_data(ago=1)).status_code == 200

    def test_used_ones_are_forgotten_when_they_have_run_out(self) -> None:
        enter(init_data(ago=3600))
        with time_machine.travel(timezone.now() + timedelta(hours=22)):
            assert cleanup.purge_expired()["telegram_proofs"] == 0
        with time_machine.travel(timezone.now() + timedelta(hours=24)):
            assert cleanup.purge_expired()["telegram_proofs"] == 1
        assert not TelegramProof.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_ten_first_sign_ins_at_once_make_one_account(self) -> None:
        raws = [init_data(ago=n) for n in range(10)]
        codes = at_once(10, lambda n: enter(raws[n]).status_code)
        assert codes == [200] * 10
        assert (User.objects.count(), TelegramAccount.objects.count()) == (1, 1)
        assert AuditEvent.objects.filter(event="user.registered").count() == 1

    def test_ten_times_the_same_init_data_leave_one_session(self) -> None:
        raw = init_data()
        assert at_once(10, lambda _n: enter(raw).status_code) == [200] * 10
        assert Session.objects.alive().count() == 1

    def test_of_two_who_link_the_same_one_wins(self) -> None:
        clients = [signed_in(make_user(name)) for name in ("dora", "emil")]
        raw = init_data()
        codes = at_once(2, lambda n: clients[n].post("/api/auth/telegram/link", {"init_data": raw}).status_code)
        assert sorted(codes) == [200, 409]
        assert TelegramAccount.objects.count() == 1

    def test_signing_in_beside_signing_out_everywhere_does_not_lock_up(self) -> None:
        user, _ = entered(init_data(ago=100))
        raws = [init_data(ago=n) for n in range(6)]

        def work(index: int) -> int:
            if index % 3:
                return int(enter(raws[index]).status_code)
            sessions.log_out_everywhere(User.objects.get(pk=user.pk))
            return 204

        assert set(at_once(6, work)) <= {200, 204, 401}


class TestLink:
    def link(self, client: JsonClient, raw: str) -> Any:
        return client.post("/api/auth/telegram/link", {"init_data": raw})

    def test_a_linked_account_signs_in(self, alice: User, alice_client: JsonClient) -> None:
        answer = self.link(alice_client, init_data())
        assert (answer.status_code, answer.json()["user"]["telegram"]["username"]) == (200, "vlad")
        assert AuditEvent.objects.get(event="telegram.linked").actor == alice
        assert entered(init_data())[0] == alice

    def test_linking_again_changes_nothing(self, alice_client: JsonClient) -> None:
        assert [self.link(alice_client, init_data()).status_code for _ in range(2)] == [200, 200]
        assert AuditEvent.objects.filter(event="telegram.linked").count() == 1

    def test_one_that_belongs_to_somebody_else(self, alice_client: JsonClient, bob_client: JsonClient) -> None:
        self.link(alice_client, init_data())
        assert outcome(self.link(bob_client, init_data())) == (409, "telegram_taken")
        entered(init_data(OLGA))
        assert outcome(self.link(bob_client, init_data(OLGA))) == (409, "telegram_taken")

    def test_a_second_one(self, alice_client: JsonClient) -> None:
        self.link(alice_client, init_data())
        assert outcome(self.link(alice_client, init_data(OLGA))) == (409, "telegram_linked")

    def test_a_forged_one_is_a_wrong_value_and_no_ended_session(self, alice_client: JsonClient) -> None:
        answer = self.link(alice_client, init_data(token="1:other"))
        assert outcome(answer) == (400, "invalid")
        assert set(answer.json()["details"]) == {"init_data"}
        assert alice_client.get("/api/auth/me").json()["user"]["telegram"] is None

    def test_nobody_links_without_a_session(self, anonymous: JsonClient) -> None:
        assert self.link(anonymous, init_data()).status_code == 401
        assert not TelegramAccount.objects.exists()


class TestUnlink:
    def test_it_parts_them(self, alice: User, alice_client: JsonClient) -> None:
        alice_client.post("/api/auth/telegram/link", {"init_data": init_data()})
        raw = init_data()
        _, phone = entered(raw)
        assert alice_client.delete("/api/auth/telegram").status_code == 204
        assert alice_client.get("/api/auth/me").json()["user"]["telegram"] is None
        assert phone.get("/api/auth/me").status_code == 401, "what Telegram opened ends"
        assert AuditEvent.objects.get(event="telegram.unlinked").actor == alice
        assert alice_client.delete("/api/auth/telegram").status_code == 204
        assert enter(raw).status_code == 401, "and its init data with it"
        assert entered(init_data(ago=9))[0] != alice

    def test_the_session_one_is_in_stays(self, alice_client: JsonClient) -> None:
        alice_client.post("/api/auth/telegram/link", {"init_data": init_data()})
        _, phone = entered(init_data())
        assert phone.delete("/api/auth/telegram").status_code == 204
        assert phone.get("/api/auth/me").status_code == 200

    @pytest.mark.parametrize(
        ("email", "username", "password", "code"),
        [
            (None, None, None, 409),
            (None, "dora", None, 409),
            (None, None, "hard-to-guess-4", 409),
            (None, "dora", "hard-to-guess-4", 204),
            ("dora@example.com", None, None, 204),
        ],
    )
    def test_the_only_way_in_stays_open(
        self, email: str | None, username: str | None, password: str | None, code: int
    ) -> None:
        user, client = entered(init_data())
        user.email, user.username = email, username
        user.set_password(password)
        user.save()
        answer = client.delete("/api/auth/telegram")
        assert answer.status_code == code
        assert TelegramAccount.objects.exists() is (code == 409)
        if code == 409:
            assert answer.json()["code"] == "only_way_in"

    def test_a_stranger_unlinks_nobody(self, alice_client: JsonClient, charlie_client: JsonClient) -> None:
        alice_client.post("/api/auth/telegram/link", {"init_data": init_data()})
        assert JsonClient().delete("/api/auth/telegram").status_code == 401
        assert charlie_client.delete("/api/auth/telegram").status_code == 204
        assert TelegramAccount.objects.count() == 1


def test_deleting_a_user_leaves_nothing_of_telegram() -> None:
    user, _ = entered(init_data())
    User.objects.filter(pk=user.pk).delete()
    assert not (TelegramAccount.objects.exists() or TelegramProof.objects.exists())


@pytest.mark.parametrize("token", [BOT_TOKEN, "7000000001:AAcanary-rotated-token-of-tests-002"])
def test_no_secret_is_in_a_log_an_answer_or_a_row(token: str, caplog: pytest.LogCaptureFixture) -> None:
    """The bot's token is right, or was rotated."""
    raw = init_data(OLGA | {"photo_url": "https://canary-picture"}, token=token, start_param="canary-start")
    caplog.set_level(logging.DEBUG)
    written = StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    try:
        answers = [enter(raw), enter(raw[:-1] + "x"), JsonClient().post(f"/api/auth/telegram?{raw}", {"init_data": 5})]
    finally:
        logging.getLogger().removeHandler(handler)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM audit_events")
        rows = str(cursor.fetchall())
    seen = caplog.text + written.getvalue() + rows + str([answer.content for answer in answers])
    for secret in (BOT_TOKEN, token, raw, raw.rsplit("=", 1)[1], "canary-start", "canary-picture", str(OLGA["id"])):
        assert secret not in seen
