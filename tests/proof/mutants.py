"""The product with one safeguard taken out. The proof must find each of them, or it proves nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def hurry() -> None:
    """Look for lost tails every second instead of every ten, and let people talk faster, so that a play is short."""
    from core.realtime import limits
    from core.realtime.hub import flow

    flow.TAIL_SECONDS = 1.0
    limits.RATE = limits.BURST = 1000.0


def hesitate() -> None:
    """What was read for a socket is a while on its way back, as on a busy machine: much can happen meanwhile.

    While the file that PROOF_GATE names is there, a sync waits between its two readings, and says so by a second file.
    """
    from core.realtime import catchup

    read, gate = catchup.read, Path(os.environ.get("PROOF_GATE", os.devnull + "/none"))

    def read_slowly(plan: catchup.CatchupPlan) -> catchup.CatchupBatch:
        while gate.exists():
            gate.with_suffix(".reached").touch()
            time.sleep(0.005)
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
    from messenger.services.sending import admission

    never = admission._ADMIT.replace("m.client_id = d.client_id)", "m.client_id = d.client_id AND FALSE)")
    assert never != admission._ADMIT
    _replace(admission, "_ADMIT", never)


def without_fence() -> None:
    """Who was overtaken in writing a message writes on."""
    from core.jobs import claims

    def anybodys(row: claims.Claimable) -> Any:
        return type(row)._default_manager.filter(pk=row.pk)

    _replace(claims, "held", anybodys)


def without_overtaking() -> None:
    """``synced`` tells what was known when the positions were read, whatever was told since."""
    from core.realtime import catchup
    from core.realtime.names import StreamName

    def resets(
        made: catchup.CatchupPlan, positions: Mapping[StreamName, int], _opens: Mapping[StreamName, int]
    ) -> tuple[dict[StreamName, int], list[str]]:
        return {name: positions[name] for name in made.reset if name in positions}, made.foreign

    _replace(catchup, "resets", resets)


def without_forward_only() -> None:
    """A read mark is written by whoever comes last; who marks what is further up takes longer over it."""
    from messenger.models import Participant
    from messenger.services import reads

    move = reads._move

    def move_anywhere(actor: Any, message: Any) -> None:
        behind = Participant.objects.filter(conversation=message.conversation_id, user=actor.pk)
        newer = type(message)._default_manager.filter(conversation=message.conversation_id, seq__gt=message.seq)
        time.sleep(0.3 if newer.exists() else 0)
        behind.update(read_seq=0)
        move(actor, message)

    _replace(reads, "_move", move_anywhere)


def without_end() -> None:
    """Nobody looks for messages whose writer has died."""
    from messenger.services import speaking

    _replace(speaking, "end_lost", lambda: 0)


def without_durability() -> None:
    """A commit does not wait for the disk. It is the stage that leaves its database so."""


MUTANTS: dict[str, Callable[[], None]] = {
    "contiguity": without_contiguity,
    "tail-check": without_tail_check,
    "buffering": without_buffering,
    "unique-key": without_unique_key,
    "fence": without_fence,
    "lost-writers": without_end,
    "overtaken": without_overtaking,
    "forward-only": without_forward_only,
    "durable": without_durability,
}


def _replace(place: Any, name: str, value: Any) -> None:
    """Put something else there; raises AttributeError when the product no longer has what is to be taken out."""
    getattr(place, name)
    setattr(place, name, value)
