"""A row of the table: a route, what each role gets there, and with which body it is asked."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.access.estate import Estate
from tests.access.surface import VERBS

ROLES = ("owner", "member", "stranger", "staff", "anonymous", "suspended")
REFUSED = frozenset({401, 403, 404, 405})

Body = Mapping[str, Any] | Callable[[Estate], dict[str, Any]]
Cell = str | tuple[str, Body]


@dataclass(frozen=True)
class Case:
    """One cell: what a role gets for a verb."""

    row: Row
    verb: str
    role: str
    status: int

    @property
    def is_refused(self) -> bool:
        return self.status in REFUSED

    def __str__(self) -> str:
        return f"{self.row.name}-{self.verb}-{self.role}"


class Row:
    """A route."""

    def __init__(
        self,
        name: str,
        *,
        query: str = "",
        ids: Mapping[str, str] | None = None,
        reveals: bool = False,
        is_json: bool = True,
        by_proof: bool = False,
        writes: frozenset[str] | set[str] = frozenset(),
        **cells: Cell,
    ) -> None:
        assert set(cells) <= set(VERBS), f"{name}: {sorted(set(cells) - set(VERBS))} are no verbs"
        self.name, self.query, self.named = name, query, ids or {}
        self.reveals, self.is_json, self.by_proof, self.writes = reveals, is_json, by_proof, writes
        self.cells = {verb: cell if isinstance(cell, tuple) else (cell, {}) for verb, cell in cells.items()}

    @property
    def is_for_staff(self) -> bool:
        """Everybody else is kept out before anything is looked at."""
        return all(self.expected(verb)["owner"] == 403 for verb in self.cells)

    def ids(self, estate: Estate, params: tuple[str, ...]) -> dict[str, Any]:
        """What stands in the path when it leads to this estate."""
        return {param: estate.ids[self.named.get(param, param)] for param in params}

    def request(self, verb: str, estate: Estate) -> dict[str, Any]:
        """The arguments of the client's call."""
        body = self.cells[verb][1] if verb in self.cells else {}
        return body(estate) if callable(body) else {"data": filled(body, estate)}

    def expected(self, verb: str) -> dict[str, int]:
        """The status for each role."""
        return roles(self.cells[verb][0])

    def cases(self) -> Iterator[Case]:
        for verb in self.cells:
            for role, status in self.expected(verb).items():
                yield Case(self, verb, role, status)


def roles(cell: str) -> dict[str, int]:
    """``"200 403 404"`` → a status for each role."""
    given = [int(status) for status in cell.split()]
    assert len(given) in {3, 6}, cell
    full = given if len(given) == 6 else [*given, given[2], 401, 401]
    return dict(zip(ROLES, full, strict=True))


def filled(value: Any, estate: Estate) -> Any:
    """A body with the estate's ids in the places of ``@name``."""
    match value:
        case Mapping():
            return {key: filled(part, estate) for key, part in value.items()}
        case list():
            return [filled(part, estate) for part in value]
        case str() if value.startswith("@"):
            return str(estate.ids[value[1:]])
    return value
