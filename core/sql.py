"""Hand-written SQL: values as each database keeps them, and rows as Django would read them.

SQL is written by hand only where it was measured: building an ORM query takes several times what running it does.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any
from typing import TypeVar
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Model
from django.utils import timezone

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]


def moment(value: datetime) -> Any:
    """A point in time."""
    return connection.ops.adapt_datetimefield_value(value)


def identity(value: UUID) -> UUID | str:
    """A UUID: native on PostgreSQL, 32 hexadecimal digits on SQLite."""
    return value if connection.features.has_native_uuid_field else value.hex


def now() -> datetime:
    """What the clock of the database says, which all processes share; on SQLite it is that of this machine.

    Of PostgreSQL the moment of the statement, not of the transaction's beginning: after a lock it never goes back.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        said: datetime = cursor.fetchone()[0]
    return said


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
    return converted(model, names, found)


@contextmanager
def pipelined() -> Iterator[None]:
    """Statements inside do not wait for each other; what goes wrong shows when rows are read, or at the end.

    Of PostgreSQL; elsewhere there is no way to the server that could be saved.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def ask(statement: str, parameters: Sequence[Any]) -> Callable[[], list[Row]]:
    """Run a statement now; the rows, as they come, are read when what is returned is called."""
    cursor = connection.cursor()
    cursor.execute(statement, parameters)

    def read() -> list[Row]:
        with cursor:
            found: list[Row] = cursor.fetchall()
        return found

    return read


# Many rows at once, as one parameter: psycopg makes SQL of each value it is given, which costs more than the row does.


def records(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as the one parameter that :func:`recordset` reads; UUIDs become what the database keeps of them."""
    if not connection.features.has_native_uuid_field:
        rows = [{name: _plain(value) for name, value in row.items()} for row in rows]
    return msgspec.json.encode(rows).decode()


def _plain(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) else value


def recordset(alias: str, types: Mapping[str, str]) -> str:
    """What stands after FROM: the rows of a parameter, as columns of these names and types (PostgreSQL's)."""
    if connection.vendor == "postgresql":
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        return f"json_to_recordset(%s) AS {alias}({columns})"
    columns = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in types)
    return f"(SELECT {columns} FROM json_each(%s)) AS {alias}"  # noqa: S608 - names from code


def write_each(
    types: Mapping[str, str], rows: Sequence[Mapping[str, Any]], statements: Sequence[tuple[str, Sequence[Any]]]
) -> None:
    """Run statements that select from ``batch``, which are these rows; on PostgreSQL as one statement.

    There all of them see the tables as they were before.
    """
    batch, given = f"SELECT * FROM {recordset('given', types)}", records(rows)  # noqa: S608 - names from code
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            for statement, parameters in statements:
                cursor.execute(f"WITH batch AS ({batch}) {statement}", [given, *parameters])
            return
        *first, (last, _parameters) = statements
        steps = "".join(f", step{number} AS ({statement})" for number, (statement, _) in enumerate(first))
        # The limit is for the planner: it takes a parameter for a hundred rows, and would look through tables for one.
        batch += f" LIMIT {len(rows)}"
        values = [value for _, parameters in statements for value in parameters]
        cursor.execute(f"WITH batch AS ({batch}){steps} {last}", [given, *values])


def converted(model: type[Model], names: tuple[str, ...], found: list[Row]) -> list[Row]:
    """Rows of :func:`ask` as :func:`rows` gives them."""
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
