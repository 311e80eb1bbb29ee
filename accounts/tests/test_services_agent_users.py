"""Agents as users: they belong to somebody, and no door opens for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from typing import cast
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError
from django.core.management import call_command
from django.db import IntegrityError
from django.db import connection
from django.db import connections
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import events
from accounts import sockets
from accounts import tokens
from accounts.backends import CredentialsBackend
from accounts.errors import AgentRetired
from accounts.errors import Duplicate
from accounts.errors import SessionEnded
from accounts.models import AgentUser
from accounts.models import AuditEvent
from accounts.models import MailedToken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import agent_users
from accounts.services import exporting
from accounts.services import purging
from accounts.services import sessions
from accounts.services import staff
from accounts.tests import telegram
from conftest import PASSWORD
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core import dashboard
from core.errors import Conflict
from core.errors import Forbidden
from core.errors import InvalidInput
from core.errors import NotFound
from core.jobs import worker
from core.models import StoredFile
from core.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(alice: User) -> User:
    return agent_users.create(alice, username="helper")


@pytest.fixture
def operator(db: None) -> User:
    return make_user("operator", is_staff=True)


@pytest.fixture
def told() -> Iterator[list[tuple[str, list[UUID]]]]:
    """What the apps above hear of agents, and of newcomers."""
    heard: list[tuple[str, list[UUID]]] = []
    names = ("agent_users_retired", "agent_users_restored", "user_registered")

    def listener(name: str) -> Callable[..., None]:
        return lambda **values: heard.append((name, values.get("user_ids", [values.get("user_id")])))

    listeners = {name: listener(name) for name in names}
    for name, listen in listeners.items():
        getattr(events, name).connect(listen, weak=False)
    yield heard
    for name, listen in listeners.items():
        getattr(events, name).disconnect(listen)


def speaks(agent: User) -> bool:
    agent.refresh_from_db()
    return agent.is_active


def avatar(client: JsonClient) -> UUID:
    file = SimpleUploadedFile("face.png", samples.image("PNG"))
    answer = client.post("/api/files", {"file": file, "purpose": "avatar"}, format="multipart")
    assert answer.status_code == 201, answer.content
    return UUID(answer.json()["id"])


class TestMaking:
    @pytest.mark.django_db(transaction=True)
    def test_an_agent_has_a_name_an_owner_and_nothing_else(self, alice: User, told: list[Any]) -> None:
        agent = agent_users.create(alice, username=" Helper ")
        agent.refresh_from_db()
        assert (agent.username, agent.kind, agent.email, agent.is_active) == ("Helper", "agent", None, True)
        assert not agent.has_usable_password()
        assert (agent.agent.owner, agent.agent.retired_at) == (alice, None)
        assert AuditEvent.objects.get(event="agent_user.created").object_ref == f"user:{agent.pk}"
        assert told == []  # nobody has registered

    @pytest.mark.parametrize(("name", "error"), [("ALICE", Duplicate), ("a b", InvalidInput), ("", InvalidInput)])
    def test_a_name_follows_the_rules_of_people(self, alice: User, name: str, error: type[Exception]) -> None:
        with pytest.raises(error):
            agent_users.create(alice, username=name)
        assert not AgentUser.objects.exists()

    def test_a_person_cannot_take_the_name_of_an_agent(self, agent: User) -> None:
        form = {"username": "HELPER", "email": "new@example.com", "password": "hard-to-guess-4"}
        answer = JsonClient().post("/api/auth/register", form)
        assert (answer.status_code, list(answer.json()["details"])) == (409, ["username"])

    def test_neither_agents_nor_who_is_shut_out_make_one(self, agent: User, bob: User, operator: User) -> None:
        staff.suspend(operator, user=bob, reason="Spam")
        for actor in (agent, bob):
            with pytest.raises(Forbidden):
                agent_users.create(actor, username="second")

    def test_only_the_owner_renames_and_retires_it(self, alice: User, agent: User, charlie: User) -> None:
        for act in (agent_users.rename, agent_users.retire):
            with pytest.raises(NotFound):
                act(charlie, user_id=agent.pk)
            with pytest.raises(NotFound):  # nor is a person anybody's
                act(alice, user_id=charlie.pk)
        assert agent_users.rename(alice, user_id=agent.pk, username="clerk").username == "clerk"
        with pytest.raises(Duplicate):
            agent_users.rename(alice, user_id=agent.pk, username="charlie")
        assert User.objects.get(pk=agent.pk).username == "clerk"

    def test_its_picture_is_a_file_of_the_owner_and_goes_with_its_last_use(
        self, alice: User, alice_client: JsonClient, charlie: User, charlie_client: JsonClient
    ) -> None:
        theirs, first, second = avatar(charlie_client), avatar(alice_client), avatar(alice_client)
        with pytest.raises(NotFound):
            agent_users.create(alice, username="helper", avatar_id=theirs)
        agent = agent_users.create(alice, username="helper", avatar_id=first)
        assert str(first) in agent.avatar_url
        assert alice_client.patch("/api/auth/me", {"avatar_id": str(first)}).status_code == 200
        agent_users.rename(alice, user_id=agent.pk, avatar_id=second)
        assert StoredFile.objects.filter(pk=first).exists()  # Alice shows it
        assert alice_client.patch("/api/auth/me", {"avatar_id": None}).status_code == 200
        assert not StoredFile.objects.filter(pk=first).exists()
        agent_users.rename(alice, user_id=agent.pk, avatar_id=None)
        assert set(StoredFile.objects.values_list("pk", flat=True)) == {theirs}

    def test_a_retired_agent_keeps_its_name_and_stays_retired(self, alice: User, agent: User, operator: User) -> None:
        for _ in range(2):
            agent_users.retire(alice, user_id=agent.pk)
        assert not speaks(agent)
        assert AuditEvent.objects.filter(event="agent_user.retired").count() == 1
        with pytest.raises(AgentRetired):
            agent_users.rename(alice, user_id=agent.pk, username="other")
        with pytest.raises(Duplicate):
            agent_users.create(alice, username="helper")
        with pytest.raises(Conflict):
            staff.unsuspend(operator, user=agent, reason="Please")
        staff.suspend(operator, user=alice, reason="Spam")
        staff.unsuspend(operator, user=alice, reason="No spam")
        assert not speaks(agent)


class TestOwner:
    """Who is shut out takes their agents along."""

    @pytest.mark.django_db(transaction=True)
    def test_a_suspension_retires_them_and_its_end_brings_them_back(
        self, alice: User, agent: User, operator: User, told: list[Any]
    ) -> None:
        other = agent_users.create(operator, username="other")
        staff.suspend(operator, user=alice, reason="Spam")
        assert (speaks(agent), agent.agent.retired_for, speaks(other)) == (False, "owner_away", True)
        with pytest.raises(Conflict):
            staff.unsuspend(operator, user=agent, reason="By mistake")
        staff.unsuspend(operator, user=alice, reason="No spam")
        assert speaks(agent)
        assert told == [("agent_users_retired", [agent.pk]), ("agent_users_restored", [agent.pk])]

    def test_what_staff_shut_stays_shut_whoever_comes_back(self, alice: User, agent: User, operator: User) -> None:
        staff.suspend(operator, user=agent, reason="Rude")
        staff.suspend(operator, user=alice, reason="Spam")
        with pytest.raises(Conflict):
            staff.unsuspend(operator, user=agent, reason="Polite now")
        staff.unsuspend(operator, user=alice, reason="No spam")
        assert not speaks(agent)
        staff.unsuspend(operator, user=agent, reason="Polite now")
        assert speaks(agent)

    def test_leaving_retires_them_and_coming_back_in_time_brings_them_back(
        self, alice: User, alice_client: JsonClient, agent: User
    ) -> None:
        assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        assert not speaks(agent)
        form = {"email": "alice", "password": PASSWORD, "restore": True}
        assert JsonClient().post("/api/auth/login", form).status_code == 200
        assert speaks(agent)

    def test_after_the_erasure_it_is_nobodys_and_nameless_for_good(
        self, alice: User, agent: User, operator: User
    ) -> None:
        job = purging.begin_now(alice)
        assert worker.run_job(job.pk)
        assert not User.objects.filter(pk=alice.pk).exists()
        agent.refresh_from_db()
        assert (agent.username, agent.avatar_url, agent.is_active) == (None, "", False)
        assert not AgentUser.objects.exists()
        with pytest.raises(Conflict):
            staff.unsuspend(operator, user=agent, reason="Whose?")
        assert agent_users.create(operator, username="helper").pk != agent.pk

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time")
    @pytest.mark.django_db(transaction=True)
    def test_none_is_made_behind_a_suspension_that_is_not_committed_yet(self, alice: User, operator: User) -> None:
        outcome: list[object] = []

        def make() -> None:
            try:
                outcome.append(agent_users.create(alice, username="helper"))
            except Forbidden as refusal:
                outcome.append(refusal)
            finally:
                connections.close_all()

        maker = threading.Thread(target=make)
        with transaction.atomic():
            staff.suspend(operator, user=alice, reason="Spam")
            maker.start()
            while not outcome and not _somebody_waits_for_a_lock():
                pass
        maker.join()
        assert [type(one) for one in outcome] == [Forbidden]
        assert not User.objects.filter(kind="agent").exists()


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


# No door -------------------------------------------------------------------------------------------------------------
# Each of these first plants what the services would never make: the door itself must refuse.


def _with_password(agent: User) -> None:
    agent.set_password(PASSWORD)
    agent.save(update_fields=["password"])


def _by_password(agent: User) -> int:
    _with_password(agent)
    return JsonClient().post("/api/auth/login", {"email": "helper", "password": PASSWORD}).status_code


def _by_the_admins_form(agent: User) -> int:
    _with_password(agent)
    client = Client()
    page = client.post("/admin/login/", {"username": "helper", "password": PASSWORD})
    return 200 if "_auth_user_id" in client.session else 401 if page.status_code == 200 else page.status_code


def _by_a_cookie_session(agent: User) -> int:
    client = Client()
    client.force_login(agent, backend="accounts.backends.CredentialsBackend")
    page = client.get("/admin/")
    return 401 if page.status_code == 302 and "/login/" in page["Location"] else page.status_code


def _by_a_mailed_link(agent: User, purpose: str, path: str) -> int:
    MailedToken.objects.create(
        purpose=purpose,
        user=agent,
        email="helper@example.com",
        token_hash=tokens.digest("raw"),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return JsonClient().post(path, {"token": "raw", "password": "hard-to-guess-4"}).status_code


def _by_telegram(agent: User) -> int:
    TelegramAccount.objects.create(user=agent, telegram_id=cast("int", telegram.VLAD["id"]))
    return JsonClient().post("/api/auth/telegram", {"init_data": telegram.init_data(telegram.VLAD)}).status_code


def _planted(agent: User) -> sessions.SessionGrant:
    """Tokens that were good when they were made: of a person, who is an agent now."""
    User.objects.filter(pk=agent.pk).update(kind="human")
    grant = sessions.open_session(User.objects.get(pk=agent.pk))
    User.objects.filter(pk=agent.pk).update(kind="agent")
    return grant


def _by_an_access_token(agent: User) -> int:
    bearer = f"Bearer {_planted(agent).access_token}"
    return JsonClient(HTTP_AUTHORIZATION=bearer).get("/api/auth/me").status_code


def _by_a_refresh_token(agent: User) -> int:
    return JsonClient().post("/api/auth/refresh", {"refresh_token": _planted(agent).refresh_token}).status_code


DOORS: dict[str, Callable[[User], int]] = {
    "password": _by_password,
    "admin": _by_the_admins_form,
    "cookie": _by_a_cookie_session,
    "magic": lambda agent: _by_a_mailed_link(agent, "sign_in", "/api/auth/verify-magic-link"),
    "reset": lambda agent: _by_a_mailed_link(agent, "reset", "/api/auth/password/reset"),
    "telegram": _by_telegram,
    "access": _by_an_access_token,
    "refresh": _by_a_refresh_token,
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_opens_for_an_agent(agent: User, door: str, settings: Any) -> None:
    settings.TELEGRAM_BOT_TOKEN = telegram.BOT_TOKEN
    assert DOORS[door](agent) in {400, 401}


@pytest.mark.parametrize("door", ["password", "admin", "cookie", "telegram", "access", "refresh"])
def test_the_same_doors_open_for_a_person(agent: User, door: str, settings: Any, monkeypatch: Any) -> None:
    """Or the test above would prove nothing."""
    settings.TELEGRAM_BOT_TOKEN = telegram.BOT_TOKEN
    as_person(agent)
    monkeypatch.setitem(globals(), "_planted", sessions.open_session)
    assert DOORS[door](agent) == 200


def as_person(agent: User) -> None:
    User.objects.filter(pk=agent.pk).update(kind="human", is_staff=True)
    agent.refresh_from_db()


def test_no_session_is_opened_and_a_planted_one_is_dead(agent: User) -> None:
    with pytest.raises(SessionEnded):
        sessions.open_session(agent)
    assert CredentialsBackend().get_user(agent.pk) is None  # whom a cookie session of the admin names
    grant = _planted(agent)
    assert not Session.objects.alive().exists()
    with pytest.raises(SessionEnded):
        sessions.still_alive(agent.pk, grant.session.pk)
    review = sockets.still_alive([grant.session.pk])
    assert (review.alive, review.expired) == ({}, set())


@pytest.mark.parametrize("field", [{"email": "helper@example.com"}, {"is_staff": True}, {"is_superuser": True}])
def test_the_database_gives_it_neither_address_nor_rights(agent: User, field: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=agent.pk).update(**field)


def test_it_has_no_archive_and_no_deletion_of_its_own(agent: User, operator: User) -> None:
    for refused in (
        lambda: exporting.begin(agent, actor=None),
        lambda: staff.prepare_export(operator, user=agent, reason="Asked"),
        lambda: staff.delete_account(operator, user=agent, reason="Asked"),
        lambda: account_deletion.schedule(None, user=agent, grace=timedelta(0)),
        lambda: staff.resend_verification(operator, user=agent, reason="Asked"),
    ):
        with pytest.raises(Conflict):
            refused()
    for command in (["export_user", "helper", "--output", "never.zip"], ["purge_user", "helper", "--yes"]):
        with pytest.raises(CommandError, match="agent"):
            call_command(*command)
    assert speaks(agent)


def test_it_is_not_counted_among_people(alice: User, agent: User) -> None:
    chief = User.objects.create_superuser(username="chief")
    (newcomers,) = [card for card in dashboard.board(chief, only="people").cards if card.key == "registrations_today"]
    assert newcomers.value == 2


def test_staff_see_its_kind_and_whose_it_is(agent: User, alice: User) -> None:
    chief = User.objects.create_superuser(username="chief", password=PASSWORD)
    listed = signed_in(chief).get("/api/admin/users", {"kind": "agent"}).json()["results"]
    assert [(row["username"], row["kind"]) for row in listed] == [("helper", "agent")]
    client = Client()
    client.force_login(chief)
    page = client.get("/admin/accounts/agentuser/?q=alice").content.decode()
    assert "helper" in page
    form = client.get(f"/admin/accounts/user/{agent.pk}/change/").content.decode()
    assert 'name="kind"' not in form
