"""Who may listen: each app answers for its own kind of stream."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol
from typing import cast
from uuid import UUID

from django.utils.module_loading import import_string

from core import modules
from core.realtime.models import Stream
from core.realtime.names import USER


class StreamResolver(Protocol):
    """Answers for the streams of one kind. Runs in database threads; the number of queries must not grow with rows."""

    kind: str

    def heads(self, user_id: UUID) -> dict[UUID, tuple[int, int]]:
        """All streams of this kind that the user may listen to: id → (``last_seq``, ``trimmed_seq``), by one query.

        That it is one query matters: membership and position must be of one moment.
        """

    def presence(self, user_id: UUID) -> Sequence[UUID]:
        """The streams whose listeners learn that the user comes and goes; bounded by the app."""


class UserStreams:
    """Everybody's own stream, and nobody else's."""

    kind = USER

    def heads(self, user_id: UUID) -> dict[UUID, tuple[int, int]]:
        position = Stream.objects.filter(pk=user_id).values_list("last_seq", "trimmed_seq").first()
        return {user_id: position or (0, 0)}

    def presence(self, user_id: UUID) -> Sequence[UUID]:  # noqa: ARG002 - as the protocol says
        return ()


def resolvers() -> tuple[StreamResolver, ...]:
    """The resolver of users' streams, always first, and those of the installed modules."""
    return (*_installed(), *_additional)


def register(resolver: StreamResolver) -> None:
    """Answer for a kind that no installed module has; for tests and scripts, modules name theirs in ``apps.py``."""
    _additional.append(resolver)


def unregister(resolver: StreamResolver) -> None:
    """Take back :func:`register`."""
    _additional.remove(resolver)


_additional: list[StreamResolver] = []


@cache
def _installed() -> tuple[StreamResolver, ...]:
    paths = [module.stream_resolver for module in modules.installed() if module.stream_resolver]
    return (UserStreams(), *(_loaded(path) for path in paths))


def _loaded(path: str) -> StreamResolver:
    found = import_string(path)
    return cast("StreamResolver", found() if isinstance(found, type) else found)
