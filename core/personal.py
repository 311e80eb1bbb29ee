"""What the house keeps of people, said by each app of its own tables: for the export, and for the end.

An app names a module in ``ModuleConfig.personal_data``. That module has ``HOLDINGS``, one :class:`Holding` for every
table that holds something of a person; ``NOT_PERSONAL``, the other tables, each with the reason; and
``erase(user_id, work)``, which takes away what is left of a person and may be called again at any point. A test goes
through all installed models and fails for one that stands in neither list.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from types import ModuleType
from typing import Any
from typing import Literal
from typing import Protocol
from uuid import UUID

from django.apps import apps
from django.db.models import Model
from django.db.models import QuerySet

from core import modules

Rows = Callable[[UUID], "QuerySet[Any]"]


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that belong to a row: where they stand in the archive, and in the storage."""

    path: str
    key: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one table holds of a person."""

    model: str
    """``app.Model``."""
    rows: Rows
    """The rows about a user, by the user's id; it must also work when the user's own row is gone."""
    exported: bool = True
    reason: str = ""
    """Why it is not exported, or why it is kept."""
    leave_out: Sequence[str] = ()
    """Columns that are not exported: secrets, and what only helps the machine."""
    shown: Callable[[Sequence[Any]], list[dict[str, Any]]] | None = None
    """Makes what is exported of a few rows, where that is not simply their columns."""
    content: Callable[[Any], Content] | None = None
    """The bytes behind a row, which go into the archive as well."""
    ends: Literal["deleted", "emptied", "kept"] = "deleted"
    """After the erasure: no row is left; rows are left that say nothing of the person; or they stay as they are."""

    def model_class(self) -> type[Model]:
        """The model, which the app may have taken along when it was removed."""
        return apps.get_model(self.model)

    def as_exported(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """The rows as they stand in the archive."""
        if self.shown is not None:
            return self.shown(rows)
        names = [field.attname for field in self.model_class()._meta.concrete_fields]
        wanted = [name for name in names if name not in self.leave_out]
        return [{name: getattr(row, name) for name in wanted} for row in rows]


class Work(Protocol):
    """The job an erasure is done by."""

    @property
    def at(self) -> int | None:
        """Where this app's part goes on, when a run before this one said so."""

    def moved(self, rows: int, *, at: int | None = None) -> None:
        """So many more rows are done; raises when this run should end. Call it after each small transaction.

        ``at`` is for work that cannot be seen to be done: the next run is told it.
        """


@dataclass(frozen=True, slots=True)
class Section:
    """One app's part."""

    label: str
    holdings: Sequence[Holding] = ()
    not_personal: Mapping[str, str] = field(default_factory=dict)
    erase: Callable[[UUID, Work], None] | None = None


def sections() -> Iterator[Section]:
    """The parts of all installed apps, in the order of ``INSTALLED_APPS``."""
    for config in modules.installed():
        if config.personal_data:
            yield _section(config.label, importlib.import_module(config.personal_data))


def holdings() -> list[Holding]:
    """All that is held of people, in the order in which it is exported."""
    return [holding for section in sections() for holding in section.holdings]


def _section(label: str, said: ModuleType) -> Section:
    return Section(
        label,
        holdings=said.HOLDINGS,
        not_personal=getattr(said, "NOT_PERSONAL", {}),
        erase=getattr(said, "erase", None),
    )


def in_batches(rows: QuerySet[Any], work: Work, *, size: int = 500) -> None:
    """Delete rows, a few in each transaction, through everything that listens to their deletion.

    What is encrypted is not read: a row goes although its key was lost.
    """
    model = rows.model
    unread = [field.name for field in model._meta.concrete_fields if getattr(field, "is_encrypted", False)]
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:size]):
        model._base_manager.filter(pk__in=ids).defer(*unread).delete()
        work.moved(len(ids))
