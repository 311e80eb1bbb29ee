"""Who may open a socket, and what the first frame says."""

from __future__ import annotations

import logging
from datetime import timedelta

import jwt
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as settings_of_django
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import tokens
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from accounts.services import tickets
from tests.kit.asgi_sockets import Client
from tests.kit.asgi_sockets import access_token
from tests.kit.asgi_sockets import connected

pytestmark = pytest.mark.django_db(transaction=True)


def _ticket(user: User) -> str:
    return tickets.issue_ticket(user, session_id=sessions.open_session(User.objects.get(pk=user.pk)).session.pk)


async def test_a_ticket_opens_one_socket_and_hello_says_whose(alice: User) -> None:
    ticket = await sync_to_async(_ticket)(alice)
    client = await Client(query=f"token={ticket}").open()
    hello = await client.hear()
    session = await Session.objects.aget(user=alice)
    assert hello["type"] == "hello"
    assert hello["payload"]["session_id"] == str(session.pk)
    assert hello["payload"]["user"] == {
        "id": str(alice.pk),
        "username": "alice",
        "name": "alice",
        "avatar_url": "",
        "kind": "human",
    }
    assert (hello["payload"]["heartbeat"], hello["payload"]["max_frame"]) == (25, 65_536)
    assert "messenger" in hello["payload"]["features"]
    again = await Client(query=f"token={ticket}").open()
    assert await again.closing() == 4001
    await client.leave()


async def test_an_access_token_opens_a_socket_from_the_query_or_as_a_subprotocol(alice: User) -> None:
    token = await sync_to_async(access_token)(alice)
    for client in (
        Client(query=f"token={token}"),
        Client(subprotocols=("kintsugi.v1", f"bearer.{token}")),
    ):
        await client.open()
        assert (await client.hear())["type"] == "hello"
        assert client.accepted is not None
        assert client.accepted["subprotocol"] == ("kintsugi.v1" if client.scope["subprotocols"] else None)
        await client.leave()


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "%00", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
async def test_a_token_that_is_no_good_closes_with_4001_after_the_handshake(db: None, token: str) -> None:
    client = await Client(query=f"token={token}").open()
    assert client.accepted is not None
    assert await client.closing() == 4001
    assert client.seen[0]["payload"]["code"] == "unauthenticated" or client.seen[0]["payload"]["retryable"] is False
    await client.leave()


async def test_tokens_of_ended_sessions_and_refresh_tokens_are_refused(alice: User) -> None:
    grant = await sync_to_async(sessions.open_session)(alice)
    assert await (await Client(query=f"token={grant.refresh_token}").open()).closing() == 4001
    old = tokens.access_token(grant.session, at=timezone.now() - timedelta(days=1))
    assert await (await Client(query=f"token={old}").open()).closing() == 4001
    await sync_to_async(sessions.log_out)(grant.session.pk)
    assert await (await Client(query=f"token={grant.access_token}").open()).closing() == 4001


@pytest.mark.parametrize(
    ("origin", "host", "code"),
    [
        (None, "testserver", None),
        ("http://testserver", "testserver", None),
        ("https://testserver", "testserver", None),
        ("http://localhost:8080", "testserver", None),  # PUBLIC_URL
        ("https://app.example.org", "testserver", None),  # CORS_ORIGINS
        ("https://evil.example", "testserver", 4003),
        ("https://testserver.evil.example", "testserver", 4003),
        ("http://testserver:81", "testserver", 4003),
        ("https://evil.example", "evil.example", 4003),
        ("null", "testserver", 4003),
    ],
)
async def test_the_page_must_be_ours(
    alice: User, settings: Settings, origin: str | None, host: str, code: int | None
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    settings.PUBLIC_URL = "http://localhost:8080"
    settings.ALLOWED_HOSTS = ["testserver"]
    token = await sync_to_async(access_token)(alice)
    headers = {"host": host} | ({"origin": origin} if origin else {})
    client = await Client(query=f"token={token}", headers=headers).open()
    if code is None:
        assert (await client.hear())["type"] == "hello"
    else:
        assert await client.closing() == code
    await client.leave()


async def test_another_path_is_refused_before_the_handshake(alice: User) -> None:
    token = await sync_to_async(access_token)(alice)
    client = await Client(path="/ws/other", query=f"token={token}").open()
    assert (client.accepted, client.close_code) == (None, 4003)


async def test_an_address_that_connects_too_often_waits(alice: User, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"socket": (2, 3600)}
    token = await sync_to_async(access_token)(alice)
    clients = []
    for answer in ("hello", "hello", "error"):
        clients.append(await Client(query=f"token={token}").open())
        assert (await clients[-1].hear())["type"] == answer
    assert 0 < clients[2].seen[0]["payload"]["retry_after"] <= 3600
    assert await clients[2].closing() == 4029
    for client in clients[:2]:
        await client.leave()


async def test_the_token_is_in_no_log_and_in_no_scope(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = await sync_to_async(_ticket)(alice)
    for client in (
        Client(query=f"%74oken={token}&debug=1"),
        Client(query=f"token={token}"),
        Client(subprotocols=("kintsugi.v1", f"bearer.{token}")),
    ):
        await client.open()
        await client.leave()
        assert token not in str(client.scope)
    async with connected(alice, token=await sync_to_async(access_token)(alice)) as client:
        await client.ask("no.such", {"a": 1})
    assert token not in caplog.text
    assert client.scope["query_string"] == b""


@pytest.mark.parametrize(
    "changes",
    [{"aud": "somebody-else"}, {"iss": "somebody-else"}, {"token_type": "refresh"}, {"alg": "none"}, {"key": "x" * 48}],
    ids=str,
)
async def test_forged_tokens_close_with_4001(alice: User, changes: dict[str, str]) -> None:
    token = await sync_to_async(access_token)(alice)
    claims = jwt.decode(token, options={"verify_signature": False})
    key, algorithm = changes.pop("key", settings_of_django.JWT_SECRET), changes.pop("alg", "HS256")
    forged = jwt.encode(claims | changes, "" if algorithm == "none" else key, algorithm=algorithm)
    client = await Client(query=f"token={forged}").open()
    assert await client.closing() == 4001
    await client.leave()
    async with connected(alice, token=token):  # the real one is good
        pass


async def test_a_ticket_dies_with_the_suspension_of_its_owner(alice: User) -> None:
    ticket = await sync_to_async(_ticket)(alice)
    await User.objects.filter(pk=alice.pk).aupdate(is_active=False)
    client = await Client(query=f"token={ticket}").open()
    assert await client.closing() == 4001
    await client.leave()
