"""What servers' own words have changed in our requests, remembered for a day.

In the memory of each process, and in a table for all of them: a cache would be shared only where there is Redis, and
the operator's commands are processes of their own everywhere. A call touches memory alone; what it heard is written,
and what others heard is read, whenever the process looks for pasted keys, several times a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

import msgspec
from django.db import DatabaseError
from django.utils import timezone

from core.llm.base import Adjustments
from core.llm.base import ProviderConfig
from core.llm.models import HeardWords

logger = logging.getLogger(__name__)

REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Known:
    adjustments: Adjustments
    until: datetime


_Key = tuple[str, str]
"""An address and what a model is called there."""
_known: dict[_Key, _Known] = {}
_unshared: dict[_Key, _Known] = {}


def known(config: ProviderConfig, model: str) -> Adjustments:
    """What is remembered of a model at this address."""
    found = _known.get((config.base_url, model))
    return found.adjustments if found and found.until > timezone.now() else Adjustments()


def remember(config: ProviderConfig, model: str, adjustments: Adjustments) -> None:
    """For a day; a change that was only about one conversation's state is not remembered."""
    key = config.base_url, model
    _known[key] = _unshared[key] = _Known(replace(adjustments, stateless=False), timezone.now() + REMEMBERED)


def at(config: ProviderConfig) -> list[str]:
    """What is remembered of all models at this address, in sentences."""
    now = timezone.now()
    return [
        f"{model}: {'; '.join(_told(found.adjustments))}."
        for (base_url, model), found in sorted(_known.items())
        if base_url == config.base_url and found.until > now and found.adjustments != Adjustments()
    ]


def _told(change: Adjustments) -> Iterator[str]:
    if change.protocol:
        yield f"asked by {change.protocol}"
    if change.without:
        yield f"not sent: {', '.join(sorted(change.without))}"
    if change.limit:
        yield f"the length of its answers is bounded by {change.limit}"
    if change.efforts:
        yield f"it takes the efforts {', '.join(change.efforts)}"
    if change.json != "schema":
        yield "JSON is asked for without a schema" if change.json == "object" else "JSON is not asked for"


def share() -> None:
    """Write what this process heard, read what all have heard. Not in an event loop.

    A database that cannot be asked changes nothing: it is tried again at the next look.
    """
    global _known  # noqa: PLW0603 - one memory of the process, replaced as a whole
    try:
        for key, heard in list(_unshared.items()):
            _write(key, heard)
            if _unshared.get(key) is heard:
                del _unshared[key]
        now = timezone.now()
        rows = list(HeardWords.objects.filter(until__gt=now))
    except DatabaseError as error:
        logger.warning("What providers said of our requests could not be shared: %s", type(error).__name__)
        return
    _known = {(row.base_url, row.model): _Known(found, row.until) for row in rows if (found := _read(row))} | _unshared


def forget() -> None:
    """As after a restart without a table."""
    _known.clear()
    _unshared.clear()


def _write(key: _Key, heard: _Known) -> None:
    HeardWords.objects.filter(until__lte=timezone.now()).delete()
    base_url, model = key
    told = {"changes": msgspec.to_builtins(heard.adjustments), "until": heard.until}
    HeardWords.objects.update_or_create(base_url=base_url, model=model, defaults=told)


def _read(row: HeardWords) -> Adjustments | None:
    try:
        return msgspec.convert(row.changes, Adjustments)
    except msgspec.ValidationError:
        return None  # written by another version
