"""What processes tell each other over the Channels layer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from pytest_django.fixtures import Settings

from core.realtime import control
from core.realtime.connection import Connection
from core.realtime.hub import current_hub
from tests.kit.redis import RedisServer

pytestmark = pytest.mark.skipif(not RedisServer.is_possible(), reason="there is no redis-server")


@pytest.fixture
def server(settings: Settings) -> Iterator[RedisServer]:
    redis = RedisServer()
    redis.start()
    settings.EMBEDDED = False
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": redis.url(), "socket_timeout": None}], "prefix": "test."},
        }
    }
    channel_layers.backends.clear()
    yield redis
    channel_layers.backends.clear()
    redis.kill()


async def _socket() -> Connection:
    async def send(message: dict[str, object]) -> None: ...

    connection = Connection(user_id=uuid4(), session_id=uuid4(), send=send)
    await current_hub().attach(connection)
    return connection


async def _code(connection: Connection) -> int | None:
    """The close code, which must come by itself: long before sessions are looked at."""
    async with asyncio.timeout(10):
        while connection.close_code is None:  # noqa: ASYNC110 - set by plain code
            await asyncio.sleep(0)
    return connection.close_code


async def _closed_from_elsewhere(connection: Connection) -> None:
    """Say it as another process would, over Redis alone, until it has been heard."""
    message = {"type": "close.sessions", "ids": [str(connection.session_id)], "code": 4010}
    async with asyncio.timeout(30):
        while connection.close_code is None:
            await control._publish(message)
            await asyncio.sleep(0.05)
    assert connection.close_code == 4010


async def test_a_word_from_another_process_is_heard_also_after_redis_was_killed(server: RedisServer) -> None:
    control.listen()
    await _closed_from_elsewhere(await _socket())
    server.kill()
    at_once = await _socket()
    # Without Redis the sockets of this process still hear, at once, and the caller gets no error.
    await sync_to_async(control.close_user, thread_sensitive=False)(at_once.user_id)
    assert await _code(at_once) == 4010
    server.start()
    await _closed_from_elsewhere(await _socket())


async def test_one_who_only_sends_needs_no_loop_that_listens(server: RedisServer) -> None:
    listening = asyncio.get_running_loop()
    control.listen()
    connection = await _socket()
    taken = control._listeners.pop(listening)
    try:
        async with asyncio.timeout(30):
            while connection.close_code is None:
                await asyncio.to_thread(control.close_sessions, [connection.session_id])
                await asyncio.sleep(0.05)
    finally:
        control._listeners[listening] = taken
    assert connection.close_code == 4010


async def test_draining_closes_everything_here(server: RedisServer) -> None:
    control.listen()
    connection = await _socket()
    await asyncio.to_thread(control.drain)
    assert await _code(connection) == 1012
