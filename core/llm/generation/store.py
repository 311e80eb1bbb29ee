"""What an app that has answers written gives to the engine."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from core.llm.generation.attempt import AnswerOutcome
from core.llm.generation.attempt import AnswerProgress
from core.llm.generation.attempt import AttemptT
from core.llm.generation.attempt import Generated
from core.llm.generation.attempt import Heartbeat
from core.llm.generation.attempt import Snapshot


class AnswerStore(Protocol[AttemptT]):
    """Where one app keeps its answers, and what it does about their cost. The engine knows neither.

    All but :meth:`ended` run in database threads, and may run in several at once. An attempt counts as alive while its
    lease is renewed; one whose lease has run out may be ended by anybody, and only one of them does.
    """

    @property
    def stream_prefix(self) -> str:
        """What this store's streams in Redis are called; no two stores share it."""
        ...

    def checkpoint(
        self, grown: Sequence[AnswerProgress[AttemptT]], *, running: Sequence[AttemptT], renew_lease: bool
    ) -> Mapping[UUID, Heartbeat]:
        """Keep the text and the progress of every attempt that has grown, whose leases that renews.

        ``renew_lease`` asks for the same for those in ``running`` that have not. Returns what is known of each attempt
        in ``running``, by its answer's id. One that is missing is no longer this process's to write: it is interrupted.
        """
        ...

    def finish(self, attempt: AttemptT, generated: Generated) -> AnswerOutcome:
        """End an attempt and settle what it cost, in one transaction; safe to call again after a failure.

        Raises ``django.db.OperationalError``, ``InterfaceError`` or :class:`core.errors.Unavailable` for what passes:
        then it is called again.
        """
        ...

    def snapshots(self, answer_ids: Iterable[UUID]) -> Mapping[UUID, Snapshot]:
        """The answers as they are now, those without a lease ended first; what is gone is left out."""
        ...

    async def ended(self, attempt: AttemptT, outcome: AnswerOutcome) -> None:
        """Called in the event loop once an attempt is stored and its readers know; not while the process shuts down."""
        ...
