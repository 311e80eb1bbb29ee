"""What this app looks at for ``manage.py doctor``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.conf import settings

from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok

_BOT_TOKEN = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}")
"""Telegram promises no shape; its examples look so: https://core.telegram.org/bots/api#authorizing-your-bot"""


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("telegram", telegram)


def telegram() -> Iterator[Finding]:
    """The shape only: Telegram itself is not asked."""
    token = settings.TELEGRAM_BOT_TOKEN
    if not token:
        yield ok("telegram", "Sign-in with Telegram is off: TELEGRAM_BOT_TOKEN is empty.")
    elif _BOT_TOKEN.fullmatch(token):
        yield ok("telegram", "Sign-in with Telegram is on.")
    else:
        yield fail("telegram", "TELEGRAM_BOT_TOKEN is no token of a bot (123456789:AA…). Copy it anew from @BotFather.")
