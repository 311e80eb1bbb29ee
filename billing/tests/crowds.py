"""Who crowds which book, by its unit. A book without a crowd fails its tests."""

from __future__ import annotations

from types import ModuleType

from billing.metering.minutes import book as minutes
from billing.metering.tokens import book as tokens
from billing.tests.crowd import Engine
from billing.tests.crowd_minutes import Minutes

CROWDS: dict[str, type[Engine]] = {"tokens": Engine, "minutes": Minutes}
MODULES: dict[str, ModuleType] = {"tokens": tokens, "minutes": minutes}
"""Where the book is that its functions use, to replace a part of it."""
