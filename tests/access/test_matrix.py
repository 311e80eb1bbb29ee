"""Who gets in where: every route × every verb × every role; the rows are in table.py, which says how to add one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access import matrix
from tests.access import rows
from tests.access import table
from tests.access.estate import World
from tests.access.estate import snapshot
from tests.access.estate import undone
from tests.access.estate import written
from tests.access.surface import VERBS
from tests.access.surface import routes

CASES = [case for row in table.ROUTES for case in row.cases()]
ROWS = {row.name: row for row in table.ROUTES}


def test_every_route_and_every_verb_has_its_cell() -> None:
    assert matrix.gaps() == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_role_gets_what_the_table_says(world: World, case: rows.Case) -> None:
    matrix.check(world, case)


@pytest.mark.parametrize("case", [case for case in CASES if case.status == 404 and case.role == "stranger"], ids=str)
def test_the_foreign_and_the_missing_are_answered_alike(world: World, case: rows.Case) -> None:
    matrix.check_missing(world, case)


def _nested() -> list[Any]:
    return [
        pytest.param(ROWS[name], route, verb, id=f"{name}-{verb}")
        for name, route in routes().items()
        if name in ROWS and sum(param.endswith("_id") for param in route.params) > 1
        for verb in ROWS[name].cells
    ]


@pytest.mark.parametrize(("row", "route", "verb"), _nested())
def test_no_child_is_found_through_a_parent_that_is_not_its_own(world: World, row: Any, route: Any, verb: str) -> None:
    matrix.check_nested(world, row, route, verb)


@pytest.mark.parametrize("name", sorted(routes()))
def test_other_verbs_are_refused(world: World, name: str) -> None:
    route = routes()[name]
    path = route.url(ROWS[name].ids(world.hers, route.params))
    for verb in (*(verb for verb in VERBS if verb not in route.verbs), "trace"):
        for role in ("owner", "stranger"):
            with undone():
                answer = matrix.call(world, role, verb, path)
                # Who may not even come near is not told which verbs there are.
                expected = 403 if ROWS[name].is_for_staff else 405
                assert answer.status_code == expected, (verb, role, answer.status_code)
                assert expected == 403 or b"method_not_allowed" in matrix.body_of(answer) or not ROWS[name].is_json
                assert written(world.base, snapshot()) == []


@pytest.mark.parametrize("name", sorted(routes()))
@pytest.mark.parametrize("role", ["owner", "stranger", "anonymous"])
def test_head_tells_no_more_than_get(world: World, name: str, role: str) -> None:
    route, row = routes()[name], ROWS[name]
    path = route.url(row.ids(world.hers, route.params)) + row.query
    with undone():
        answer = matrix.call(world, role, "head", path)
        expected = {row.expected("get")[role]} if "get" in route.verbs else {401, 405}
        assert answer.status_code in expected
        assert matrix.body_of(answer) == b""


@pytest.mark.parametrize("name", sorted(name for name, route in routes().items() if route.params))
def test_options_tells_nothing_of_an_object(world: World, name: str) -> None:
    route, row = routes()[name], ROWS[name]
    answers = []
    for ids in (row.ids(world.hers, route.params), matrix.absent(row.ids(world.hers, route.params))):
        with undone():
            answers.append(matrix.told(matrix.call(world, "stranger", "options", route.url(ids))))
            assert written(world.base, snapshot()) == []
    assert answers[0] == answers[1]
    assert world.hers.canary not in str(answers[0])
