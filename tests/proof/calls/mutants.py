"""Calls with one safeguard taken out. The proof must find each of them, or it proves nothing.

All of them are in one process, and the file beside PROOF_GATE names the one that is out at the moment: so the control
needs one start of the servers, not one for each.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PREPARE = (
    # The second belts. With the locks alone they are never needed; without the locks they would hide that.
    "DROP INDEX call_one_live",
    "DROP INDEX leg_one_live",
)
_FILE = Path(os.environ.get("PROOF_GATE", os.devnull + "/none")).with_name("mutant")


def out(folder: Path, name: str) -> None:
    """From now on this one is out; with an empty name none is."""
    (folder / "mutant.new").write_text(name)
    (folder / "mutant.new").rename(folder / "mutant")


def prepare() -> None:
    """Make each safeguard such that it can be taken out."""
    from calls.models import Call
    from calls.models import CallLeg
    from calls.services import deadlines
    from calls.services import ending
    from calls.services import intervals
    from calls.services import joining
    from calls.services import legs
    from calls.services import record
    from core.realtime import streams
    from messenger import access

    def nothing(*_given: Any, **_named: Any) -> None:
        pass

    def hesitate(*_given: Any, **_named: Any) -> int:
        """Whoever comes reads at once, and stays between reading and writing for a moment."""
        return 0

    def change(call: Call, **values: Any) -> None:
        for name, value in values.items():
            setattr(call, name, value)
        call.due_at = record.next_deadline(call)
        Call.objects.filter(pk=call.pk).update(**values, due_at=call.due_at)

    def live_leg(*given: Any) -> Any:
        found = joining_live_leg(*given)
        time.sleep(0.05)
        return found

    def of_any_generation(leg: CallLeg, given: Any) -> list[CallLeg]:
        return list(CallLeg.objects.filter(call_id=leg.call_id, pk__in=given.media_from).exclude(state="left"))

    def to_all(stream: Any, event: Any, **_only: Any) -> None:
        streams.publish_ephemeral_each([stream], event)

    def alone_too(stays: Any, **_at_least: Any) -> int:
        return int(overlap(stays, at_least=1))

    joining_live_leg, overlap = joining.live_leg, intervals.overlap
    _may_be_out("locks", access, "lock_conversation", hesitate)
    _may_be_out("locks", record, "change", change)
    _may_be_out("locks", joining, "live_leg", live_leg)
    _may_be_out("ring-until", deadlines, "judge", nothing)
    _may_be_out("lease", deadlines, "_drop_silent", nothing)
    _may_be_out("gap", deadlines, "_forgive", nothing)
    _may_be_out("generation", legs, "_heard", of_any_generation)
    _may_be_out("only", streams, "publish_ephemeral", to_all)
    _may_be_out("union", intervals, "overlap", alone_too)
    _may_be_out("removal", ending, "end_membership", nothing)
    _may_be_out("removal", deadlines, "_strangers", CallLeg.objects.none)


def _may_be_out(mutant: str, place: Any, name: str, instead: Callable[..., Any]) -> None:
    """While the file says so, the other one does the work. Raises AttributeError when the product has none such."""
    product = getattr(place, name)

    def either(*given: Any, **named: Any) -> Any:
        is_out = _FILE.exists() and _FILE.read_text() == mutant
        return (instead if is_out else product)(*given, **named)

    setattr(place, name, either)
