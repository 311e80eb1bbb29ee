"""The service that needs no account: ``⟪uk⟫ text``, markers kept, so layout, progress and retries can be tried.

It pretends nothing. What is said to it makes it fail, in the text or in the instructions:

* ``/demo fail slow``: it takes SLOW_SECONDS;
* ``/demo fail cut``: no answer says what became of the request;
* ``/demo fail busy``: not now, for BUSY_SECONDS from the first time on;
* ``/demo fail quota``: nothing is left of what was paid for;
* ``/demo fail chunk 3``: that part of a document fails, until it is begun anew.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from translation.errors import Doubtful
from translation.errors import OutOfCredit
from translation.errors import Paused
from translation.errors import Refused
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import Name
from translation.providers.base import TextsOnly
from translation.providers.base import Translated
from translation.segments import Outcome
from translation.segments import Segment

SLOW_SECONDS = 8.0
BUSY_SECONDS = 5.0

_ORDER = re.compile(r"/demo fail (slow|cut|busy|quota|chunk (\d{1,4}))\b")
_LOOK_SECONDS = 0.1

_busy_until: dict[str, float] = {}
"""By what was asked, on the monotonic clock."""


class DemoProvider(TextsOnly):
    """See the module."""

    name: Name = "demo"
    is_demo = True

    def capabilities(self) -> Capabilities:
        """Everything but whole files: these go through our own formats."""
        return Capabilities(
            has_glossary=True,
            has_instructions=True,
            keeps_data=_("A demo inside this server: nothing leaves it, and nothing is translated."),
        )

    def translate(self, batch: Sequence[Segment], ctx: Context) -> Translated:
        """Mark each text with its language."""
        _obey([*(segment.text for segment in batch), ctx.instructions], ctx)
        ctx.check()
        return Translated([Outcome(one.number, f"⟪{ctx.target}⟫ {one.text}", ()) for one in batch])


def _obey(words: Sequence[str], ctx: Context) -> None:
    """Fail in the way that somebody asked for."""
    for match in (_ORDER.search(text) for text in words):
        if match:
            _fail(match, "\n".join(words), ctx)


def _fail(order: re.Match[str], asked: str, ctx: Context) -> None:
    kind = order[1].partition(" ")[0]
    if kind == "slow":
        _wait(ctx)
    elif kind == "cut":
        raise Doubtful
    elif kind == "quota":
        raise OutOfCredit
    elif kind == "busy":
        _be_busy(asked)
    elif int(order[2]) == ctx.chunk and ctx.round == 1:
        raise Refused("The demo failed at this part, as it was told to. Try it again.")


def _wait(ctx: Context) -> None:
    end = time.monotonic() + SLOW_SECONDS
    while (left := end - time.monotonic()) > 0:
        ctx.check()
        time.sleep(min(left, _LOOK_SECONDS))


def _be_busy(asked: str) -> None:
    now = time.monotonic()
    until = _busy_until.setdefault(asked, now + BUSY_SECONDS)
    if now < until:
        raise Paused(retry_after=max(1, round(until - now)))
    del _busy_until[asked]
