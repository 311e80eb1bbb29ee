"""The baseline of the REST benchmark: a page of messages from PostgreSQL through nothing but ASGI and psycopg."""

from __future__ import annotations

import os
from typing import Any

import msgspec
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

_QUERY = """
SELECT id, chat_id, parent_id, role, content, status, model, finish_reason, prompt_tokens, completion_tokens,
       estimated, error, client_id, created_at
  FROM chat_messages WHERE chat_id = %s ORDER BY id DESC LIMIT 20
"""
_pool: AsyncConnectionPool[Any] | None = None


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    global _pool  # noqa: PLW0603 - one pool for the process, made in its loop
    if scope["type"] != "http":
        return
    if _pool is None:
        _pool = AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=16, open=False)
        await _pool.open()
    await receive()
    async with _pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_QUERY, [scope["path"].removeprefix("/")])
        rows = await cursor.fetchall()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": msgspec.json.encode({"results": rows})})
