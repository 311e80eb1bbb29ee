"""Can the database and Redis be reached? ``python -m deploy.services <database url> <redis url>``"""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

import psycopg
import redis


def problems(database_url: str, redis_url: str) -> list[str]:
    """A sentence for each that cannot be reached; passwords are left out."""
    found = []
    try:
        psycopg.connect(database_url, connect_timeout=5).close()
    except psycopg.Error as error:
        found.append(f"PostgreSQL cannot be reached at {_place(database_url)}: {str(error).strip()}")
    try:
        redis.Redis.from_url(redis_url, socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        found.append(f"Redis cannot be reached at {_place(redis_url)}: {error}")
    return found


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}{parts.path}"


if __name__ == "__main__":
    sys.exit("\n".join(problems(*sys.argv[1:])) or 0)
