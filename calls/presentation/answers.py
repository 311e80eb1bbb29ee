"""What joining a call is answered with."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from calls.models import Call
from calls.models import CallLeg
from calls.presentation import calls
from calls.shapes import IceShape
from calls.shapes import InitiatedShape
from calls.shapes import JoinedShape
from calls.shapes import OneCallShape


def joined(call: Call, leg: CallLeg, ice: IceShape) -> JoinedShape:
    """The call, one's own place in it, and how the others are found."""
    return JoinedShape(call=calls.shape(call), leg=calls.own_leg(leg), ice=ice)


def initiated(call: Call, leg: CallLeg, ice: IceShape, *, is_joined: bool, reachable: Sequence[UUID]) -> InitiatedShape:
    """The same, of a call that begins."""
    shown = calls.shape(call)
    return InitiatedShape(call=shown, leg=calls.own_leg(leg), ice=ice, joined=is_joined, reachable=list(reachable))


def one(call: Call) -> OneCallShape:
    """The call as it is now."""
    return OneCallShape(call=calls.shape(call))
