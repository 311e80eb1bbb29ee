"""Where data lie: the database, the cache, the channel layer and the files, as Django's settings describe them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from kintsugi.config import Config
from kintsugi.config_sources import ConfigError


def writable(var_dir: Path) -> Path:
    """The directory, made if need be. Raises ConfigError where nothing can be written."""
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=var_dir):
            return var_dir
    except OSError as error:
        raise ConfigError(f"VAR_DIR names {var_dir}, where nothing can be written: {error.strerror}.") from None


def database(config: Config) -> dict[str, Any]:
    """PostgreSQL with a pool, or a file of SQLite."""
    url = config.database_url.get_secret_value()
    if not url:
        # IMMEDIATE takes the write lock at BEGIN, where the timeout applies: a deferred transaction that turns to
        # writing fails at once with "database is locked".
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": config.var_dir / "kintsugi.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            # A file, not memory: tests write from several threads, and a shared in-memory database has no timeout.
            "TEST": {"NAME": config.var_dir / "test.sqlite3"},
        }
    database: dict[str, Any] = dict(dj_database_url.parse(url))
    if database["ENGINE"] == "django.db.backends.postgresql":
        # Under ASGI a persistent connection is never used again (a thread per request), hence the pool.
        database["CONN_MAX_AGE"] = 0
        # A round trip for each borrowed connection; else each one that a restart of the server broke fails a request.
        database["CONN_HEALTH_CHECKS"] = True
        database["OPTIONS"] = database.get("OPTIONS", {}) | {
            "pool": {
                "min_size": config.db_pool_min,
                "max_size": config.db_pool_max,
                "max_lifetime": config.db_pool_lifetime.total_seconds(),
                "timeout": 5,
                # Then the next one who asks for a connection begins to try anew. The pool's own five minutes double the
                # pause each time: after a minute without a server it was not looked for in the minute after.
                "reconnect_timeout": 2,
            }
        }
    return database


def cache(config: Config) -> dict[str, Any]:
    """Redis, or the memory of the one process."""
    if config.embedded:
        return {"BACKEND": "core.observability.caches.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
    return {
        "BACKEND": "core.observability.caches.RedisCache",
        "LOCATION": config.redis_url.get_secret_value(),
        "KEY_PREFIX": "kintsugi",
        # A Redis that hangs must not take the API along.
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }


def channel_layer(config: Config) -> dict[str, Any]:
    """Redis, or the memory of the one process."""
    if config.embedded:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    url = config.redis_url.get_secret_value()
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            # redis-py 8 gives every connection a read timeout, after which a quiet subscription would fail.
            "hosts": [{"address": url, "socket_timeout": None, "socket_connect_timeout": 2}],
            # Pub/sub knows no database numbers: two sites on one server stay apart by this.
            "prefix": f"kintsugi{urlsplit(url).path.replace('/', '.')}.",
        },
    }


def storage(config: Config) -> dict[str, Any]:
    """A bucket, or a folder."""
    access_key = config.s3_access_key.get_secret_value()
    if not access_key:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": config.s3_bucket,
            "region_name": config.s3_region,
            "access_key": access_key,
            "secret_key": config.s3_secret_key.get_secret_value(),
            "endpoint_url": config.s3_endpoint or None,
            "default_acl": "private",
            "file_overwrite": False,
        },
    }
