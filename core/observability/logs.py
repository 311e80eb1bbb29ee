"""Logging: one line an event, JSON in production, readable in development; never a secret in it."""

from __future__ import annotations

import json
import logging
from datetime import UTC
from datetime import datetime
from typing import Any

from core.observability.context import current_request_id
from core.observability.redaction import redact
from core.observability.redaction import scrub

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller passed as ``extra``, of types that mean something in a log."""
    return {
        name: value if isinstance(value, (int, float, bool, type(None), dict, list)) else str(value)
        for name, value in vars(record).items()
        if name not in _STANDARD and name not in {"request", "server_time"}
    }


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request id, extras, exception."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if request_id := current_request_id():
            line["request_id"] = request_id
        line |= scrub(_extras(record))
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = redact(self.formatStack(record.stack_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class ConsoleFormatter(logging.Formatter):
    """``12:00:01 INFO    kintsugi.access GET api/files 200 in 12 ms``"""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:7} {name} {message}", datefmt="%H:%M:%S", style="{")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """The ``LOGGING`` dictionary. Everything goes through one handler, so nothing goes round the redaction."""
    formatter = JsonFormatter if as_json else ConsoleFormatter
    through_root: dict[str, Any] = {"handlers": [], "propagate": True}
    quiet = "INFO" if level == "DEBUG" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"house": {"()": formatter}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "house"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": through_root,
            "django.server": through_root,
            # A refused request stands in the access log already.
            "django.request": through_root | {"level": "ERROR"},
            "uvicorn": through_root,
            # Below INFO it writes every handshake, tokens included, and every frame.
            "uvicorn.error": through_root | {"level": quiet},
            "websockets": through_root | {"level": quiet},
            # Tells of a Redis that is away each second, with a stack; the listener of core.realtime says it once.
            "channels_redis": through_root | {"level": "CRITICAL"},
            # The servers' own access logs write query strings; ours does not.
            "uvicorn.access": through_root | {"level": "WARNING"},
            "daphne": through_root | {"level": "WARNING"},
            "django.channels.server": through_root | {"level": "WARNING"},
            # Beat and worker tell of every run of every task; what fails is told by the task's own logger.
            "celery": through_root | {"level": "WARNING"},
            "kombu": through_root | {"level": "WARNING"},
            "httpx2": through_root | {"level": "WARNING"},
            "botocore": through_root | {"level": "WARNING"},
        },
    }
