"""The twin of the socket's ``sync`` for clients that poll."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.request import actor
from core.errors import InvalidInput
from core.realtime import catchup
from core.realtime.names import StreamName
from core.shapes import Shape

MOST_STREAMS = 100
_SEQ = re.compile(r"[0-9]{1,18}")


class Sync(Shape):
    """What a client misses."""

    events: list[dict[str, Any]]
    """Frames as the socket sends them, in order for each stream."""
    reset: list[str]
    """Streams to read by REST."""
    heads: dict[str, int]
    """Of the streams in reset: the position to go on from."""
    more: bool
    """Not everything fitted: ask again with the new positions."""


class SyncView(APIView):
    @extend_schema(
        operation_id="sync",
        parameters=[
            OpenApiParameter(
                "streams",
                str,
                description="What I have: <kind>:<id>:<seq>, separated by commas, at most 100.",
            )
        ],
        responses=Sync,
    )
    def get(self, request: Request) -> Response:
        """The events after the positions given, of all streams one may listen to."""
        positions = _positions(request.query_params.get("streams", ""))
        found = catchup.poll(actor(request).pk, positions)
        answer = Sync.model_construct(
            events=[msgspec.json.decode(frame) for frame in found.frames],
            reset=found.reset,
            heads=found.heads,
            more=found.more,
        )
        return Response(answer, headers={"Cache-Control": "no-store"})


def _positions(text: str) -> dict[str, int]:
    """``{"c:0199…": 1040}``; raises InvalidInput."""
    parts = [part for part in text.split(",") if part]
    if len(parts) > MOST_STREAMS:
        raise InvalidInput(details={"streams": [f"At most {MOST_STREAMS} streams can be asked for at once."]})
    positions = {}
    for part in parts:
        name, _, seq = part.rpartition(":")
        if not (StreamName.parse(name) and _SEQ.fullmatch(seq)):
            raise InvalidInput(details={"streams": ["Write <kind>:<id>:<seq>."]})
        positions[name] = int(seq)
    return positions
