"""Hand-written SQL: values as each database keeps them, and rows as Django would read them.

SQL is written by hand only where it was measured: building an ORM query takes several times what running it does.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]


def moment(value: datetime) -> Any:
    """A point in time."""
    return connection.ops.adapt_datetimefield_value(value)


def identity(value: UUID) -> UUID | str:
    """A UUID: native on PostgreSQL, 32 hexadecimal digits on SQLite."""
    return value if connection.features.has_native_uuid_field else value.hex


@cache
def columns(model: type[Model], alias: str, names: tuple[str, ...] = ()) -> str:
    """``"m.id, m.chat_id, …"``: the columns of the named fields, or of all, in the order :func:`fetch` expects."""
    return ", ".join(f'{alias}."{field.column}"' for field in _fields(model, names))


def fetch(model: type[M], statement: str, parameters: Sequence[Any]) -> list[M]:
    """Instances, from a statement that selects ``columns(model, …)`` and nothing else."""
    names = [field.attname for field in _fields(model, ())]
    alias = connection.alias
    return [model.from_db(alias, names, row) for row in rows(model, (), statement, parameters)]


def rows(model: type[Model], names: tuple[str, ...], statement: str, parameters: Sequence[Any]) -> list[Row]:
    """Plain tuples; the first columns are ``columns(model, …, names)``, and what follows stays as it comes."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Row] = cursor.fetchall()
    converters = _converters(model, names, connection.vendor)
    return [_converted(row, converters) for row in found] if converters else found


def _converted(row: Row, converters: Sequence[tuple[int, _Convert]]) -> Row:
    values = list(row)
    for index, convert in converters:
        values[index] = convert(values[index])
    return tuple(values)


@cache
def _fields(model: type[Model], names: tuple[str, ...]) -> tuple[Any, ...]:
    if not names:
        return tuple(model._meta.concrete_fields)
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    return tuple(by_name[name] for name in names)


@cache
def _converters(model: type[Model], names: tuple[str, ...], _vendor: str) -> tuple[tuple[int, _Convert], ...]:
    """Position and converter of the columns that do not come as their fields show them."""
    found: list[tuple[int, _Convert]] = []
    for index, field in enumerate(_fields(model, names)):
        column = field.get_col(model._meta.db_table)  # a foreign key reads as the key it points to
        steps = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        found += [(index, _step(step, column)) for step in steps]
    return tuple(found)


def _step(step: Callable[..., Any], column: Any) -> _Convert:
    return lambda value: step(value, column, connection)
