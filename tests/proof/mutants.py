"""The product with one safeguard taken out. The proof must find each of them, or it proves nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def hurry() -> None:
    """Look for lost tails every second instead of every ten, and let people talk faster, so that a play is short."""
    from core.realtime import limits
    from core.realtime.hub import flow

    flow.TAIL_SECONDS = 1.0
    limits.RATE = limits.BURST = 1000.0


def hesitate() -> None:
    """What was read for a socket is a while on its way back, as on a busy machine: much can happen meanwhile."""
    from core.realtime import catchup

    read = catchup.read

    def read_slowly(plan: catchup.Plan) -> catchup.Batch:
        batch = read(plan)
        time.sleep(0.03)
        return batch

    _replace(catchup, "read", read_slowly)


def without_contiguity() -> None:
    """Whatever comes is delivered, in the order in which it comes."""
    from core.realtime.hub.flow import Flow

    _replace(Flow, "_is_next", lambda _self, _stream, _seq: True)


def without_tail_check() -> None:
    """What the bus lost stays lost until somebody says something else."""
    from core.realtime.hub.flow import Flow

    async def check_nothing(_self: Flow) -> None:
        pass

    _replace(Flow, "_check_tails", check_nothing)


def without_buffering() -> None:
    """What happens between reading what is missing and going live falls through."""
    from core.realtime.hub.joining import Joining

    _replace(Joining, "_begin_buffering", lambda _self, _joins: None)


def without_unique_key() -> None:
    """A message that is sent again is another message. The stage takes the index away as well."""
    from messenger.services import sending

    never = sending._ADMIT.replace("m.client_id = d.client_id)", "m.client_id = d.client_id AND FALSE)")
    assert never != sending._ADMIT
    _replace(sending, "_ADMIT", never)


MUTANTS: dict[str, Callable[[], None]] = {
    "contiguity": without_contiguity,
    "tail-check": without_tail_check,
    "buffering": without_buffering,
    "unique-key": without_unique_key,
}


def _replace(place: Any, name: str, value: Any) -> None:
    """Put something else there; raises AttributeError when the product no longer has what is to be taken out."""
    getattr(place, name)
    setattr(place, name, value)
