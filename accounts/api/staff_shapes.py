"""What the staff's endpoints answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from datetime import datetime
from typing import Annotated
from typing import Literal
from typing import Self
from uuid import UUID

from pydantic import Field
from pydantic import WithJsonSchema

from accounts.api.shapes import Email
from accounts.api.shapes import Language
from accounts.api.shapes import UserKind
from accounts.models import User
from core.dashboard import Board
from core.jobs.models import Job
from core.observability import readiness
from core.shapes import Page
from core.shapes import Shape

JobState = Annotated[Job.State, WithJsonSchema({"type": "string", "enum": Job.State.values})]

# Figures ------------------------------------------------------------------------------------------------------------


class Card(Shape):
    key: str
    title: str
    value: float | None
    unit: Annotated[str, Field(description="seconds, a currency, or empty for a count")]


class Stats(Shape):
    stats: list[Card]

    @classmethod
    def of(cls, board: Board) -> Self:
        return cls.model_validate({"stats": board.cards}, from_attributes=True)


class Series(Shape):
    name: str
    values: list[float]


class Chart(Shape):
    key: str
    title: str
    unit: str
    days: list[date]
    series: list[Series]


class Charts(Shape):
    charts: list[Chart]

    @classmethod
    def of(cls, board: Board) -> Self:
        return cls.model_validate({"charts": board.charts}, from_attributes=True)


class Check(Shape):
    ok: bool
    ms: float


class Health(Shape):
    status: Literal["ready", "unavailable"]
    checks: dict[str, Check]
    operations: Annotated[list[Card], Field(description="Queue and outbox; needs the permission to see jobs")]

    @classmethod
    def of(cls, checks: Mapping[str, readiness.Check], operations: Board) -> Self:
        status = "ready" if all(check.ok for check in checks.values()) else "unavailable"
        found = {"status": status, "checks": checks, "operations": operations.cards}
        return cls.model_validate(found, from_attributes=True)


# Rows ---------------------------------------------------------------------------------------------------------------


class StaffUser(Shape):
    id: UUID
    username: str | None
    email: Email | None
    kind: UserKind
    language: Language
    is_active: bool
    is_verified: bool
    is_staff: bool
    created_at: datetime
    last_seen_at: datetime | None

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.model_validate(user, from_attributes=True)


class PaginatedStaffUserList(Page[StaffUser]):
    pass


class StaffJob(Shape):
    id: UUID
    kind: str
    state: JobState
    owner_id: UUID | None
    progress: Annotated[int, Field(description="0 to 100.")]
    attempts: Annotated[int, Field(description="Runs since the last checkpoint.")]
    error: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls.model_validate(job, from_attributes=True)


class PaginatedStaffJobList(Page[StaffJob]):
    pass
