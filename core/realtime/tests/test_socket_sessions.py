"""A socket lives as long as its session, and as its client answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import events
from accounts import tokens
from accounts.errors import SessionEnded
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from accounts.services import staff
from accounts.services import tickets
from conftest import PASSWORD
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.realtime import identity
from core.realtime.session_reaper import current_reaper
from tests.kit.asgi_sockets import Client
from tests.kit.asgi_sockets import access_token
from tests.kit.asgi_sockets import connected

pytestmark = pytest.mark.django_db(transaction=True)


async def test_logging_out_closes_the_sockets_of_this_session_only(alice: User) -> None:
    token = await sync_to_async(access_token)(alice)
    browser = JsonClient(headers={"Authorization": f"Bearer {token}"})
    async with connected(alice, token=token) as one, connected(alice, token=token) as two, connected(alice) as other:
        answer = await sync_to_async(browser.post)("/api/auth/logout")
        assert answer.status_code == 204
        assert [await one.closing(), await two.closing()] == [4010, 4010]
        assert (await other.ask("ack"))["type"] == "ok"


async def test_suspension_closes_all_sockets_of_the_user(alice: User, bob: User) -> None:
    boss = await sync_to_async(make_user)("boss", is_staff=True, is_superuser=True)
    async with connected(alice) as one, connected(alice) as two, connected(bob) as other:
        await sync_to_async(staff.suspend)(boss, user=alice, reason="spam")
        assert [await one.closing(), await two.closing()] == [4010, 4010]
        assert (await other.ask("ack"))["type"] == "ok"


async def test_asking_for_the_deletion_of_the_account_closes_all_sockets(alice: User, bob: User) -> None:
    token = await sync_to_async(access_token)(alice)
    browser = JsonClient(headers={"Authorization": f"Bearer {token}"})
    async with connected(alice, token=token) as one, connected(alice) as two, connected(bob) as other:
        answer = await sync_to_async(browser.delete)("/api/auth/me", {"password": PASSWORD})
        assert answer.status_code == 202
        assert [await one.closing(), await two.closing()] == [4010, 4010]
        assert (await other.ask("ack"))["type"] == "ok"


async def test_a_revocation_that_nobody_told_of_is_found_by_the_review(
    alice: User, bob: User, charlie: User, settings: Settings
) -> None:
    settings.SOCKET_REVIEW_SECONDS = 0.05
    async with connected(alice) as ended, connected(bob) as run_out, connected(charlie) as fine:
        await Session.objects.filter(user=alice).aupdate(revoked_at=timezone.now())
        await Session.objects.filter(user=bob).aupdate(expires_at=timezone.now() - timedelta(seconds=1))
        assert [await ended.closing(), await run_out.closing()] == [4010, 4001]
        assert (await fine.ask("ack"))["type"] == "ok"


async def test_a_suspended_user_is_found_by_the_review_too(alice: User, settings: Settings) -> None:
    settings.SOCKET_REVIEW_SECONDS = 0.05
    async with connected(alice) as client:
        await User.objects.filter(pk=alice.pk).aupdate(is_active=False)
        assert await client.closing() == 4010


@pytest.mark.parametrize("count", [1, 4])
async def test_the_review_asks_once_for_all_sockets(alice: User, count: int) -> None:
    tokens = [await sync_to_async(access_token)(alice) for _ in range(count)]
    clients = [await Client(query=f"token={token}").open() for token in tokens]
    for client in clients:
        await client.hear()
    ids = [pk async for pk in Session.objects.values_list("pk", flat=True)]

    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            identity.sessions().still_alive(ids)
        return len(queries)

    assert await sync_to_async(counted)() == 1
    await current_reaper().review()
    for client in clients:
        assert (await client.ask("ack"))["type"] == "ok"
        await client.leave()


async def test_the_actor_is_as_fresh_as_the_last_review(alice: User) -> None:
    async with connected(alice):
        await User.objects.filter(pk=alice.pk).aupdate(username="alicia")
        reaper = current_reaper()
        await reaper.review()
        assert [socket.user.username for socket in reaper._sockets] == ["alicia"]


async def test_a_session_that_ends_while_its_socket_is_on_its_way_in(alice: User) -> None:
    grant = await sync_to_async(sessions.open_session)(alice)
    async with connected(alice):  # somebody listens in this process
        # Told, but not yet in the rows the handshake reads: the word is ahead of the sight.
        await sync_to_async(events.sessions_revoked.send)(None, user_id=alice.pk, session_ids=[grant.session.pk])
        late = await Client(query=f"token={grant.access_token}").open()
        assert await late.closing() == 4010
        await late.leave()


async def test_pings_bring_a_pong_or_the_end(alice: User, settings: Settings) -> None:
    settings.SOCKET_HEARTBEAT_SECONDS = 0.3
    settings.SOCKET_SILENCE_SECONDS = 0.15
    async with connected(alice) as answering, connected(alice) as silent:
        for _ in range(4):
            ping: dict[str, Any] = await answering.hear("ping")
            assert isinstance(ping["payload"]["tails"], dict)
            await answering.say("pong")
        assert await silent.closing() == 1001
        assert [frame["type"] for frame in silent.seen] == ["hello", "ping", "ping"]
        assert answering.close_code is None


def _everywhere(browser: JsonClient, _alice: User) -> None:
    assert browser.post("/api/auth/logout/all").status_code == 204


def _from_another_device(_browser: JsonClient, alice: User) -> None:
    other = signed_in(alice)
    for session in other.get("/api/auth/sessions").json()["results"]:
        if not session["is_current"]:
            assert other.delete(f"/api/auth/sessions/{session['id']}").status_code == 204


def _by_a_new_password(_browser: JsonClient, alice: User) -> None:
    body = {"current_password": PASSWORD, "new_password": "another-horse-8"}
    assert signed_in(alice).post("/api/auth/password", body).status_code == 204


def _by_staff(_browser: JsonClient, alice: User) -> None:
    boss = make_user("boss", is_staff=True, is_superuser=True)
    staff.force_logout(boss, user=alice, reason="stolen device")


def _by_reuse(_browser: JsonClient, alice: User) -> None:
    for row in RefreshToken.objects.filter(user=alice):
        raw = tokens.refresh_token_again(row.session, row)
        sessions.refresh(sessions.refresh(raw).refresh_token)
        with pytest.raises(SessionEnded):
            sessions.refresh(raw)


@pytest.mark.parametrize("end", [_everywhere, _from_another_device, _by_a_new_password, _by_staff, _by_reuse])
async def test_however_a_session_ends_its_socket_closes_with_4010(
    alice: User, bob: User, end: Callable[[JsonClient, User], None]
) -> None:
    token = await sync_to_async(access_token)(alice)
    browser = JsonClient(headers={"Authorization": f"Bearer {token}"})
    async with connected(alice, token=token) as client, connected(bob) as other:
        await sync_to_async(end)(browser, alice)
        assert await client.closing() == 4010
        assert (await other.ask("ack"))["type"] == "ok"


def test_sessions_are_looked_at_at_least_each_minute(settings: Settings) -> None:
    assert 0 < settings.SOCKET_REVIEW_SECONDS <= 60
    assert tickets.LIFETIME_SECONDS <= 30
