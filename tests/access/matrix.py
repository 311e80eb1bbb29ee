"""What is done with a cell of the table; the tests and the negative controls do the same."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.http import HttpResponseBase

from accounts.models import User
from tests.access import table
from tests.access.estate import World
from tests.access.estate import naming
from tests.access.estate import snapshot
from tests.access.estate import undone
from tests.access.estate import written
from tests.access.rows import Case
from tests.access.rows import Row
from tests.access.surface import Route
from tests.access.surface import routes

_CHANGING = {"request_id"}


def call(world: World, role: str, verb: str, path: str, **arguments: Any) -> Any:
    """A request through the whole stack; the suspended role is the owner, whose session somebody forgot to end."""
    if role == "suspended":
        User.objects.filter(pk=world.people[role].pk).update(is_active=False)
    client = world.clients[role]
    client.cookies.clear()
    return getattr(client, verb)(path, **arguments)


def body_of(answer: HttpResponseBase) -> bytes:
    """Also of what is streamed."""
    if getattr(answer, "streaming", False):
        return b"".join(answer)
    return bytes(answer.content)  # type: ignore[attr-defined]


def check(world: World, case: Case) -> None:
    """The role gets what the table says, and a refusal says nothing and changes nothing."""
    route = routes()[case.row.name]
    with undone():
        path = route.url(case.row.ids(world.hers, route.params)) + case.row.query
        answer = call(world, case.role, case.verb, path, **case.row.request(case.verb, world.hers))
        body = body_of(answer)
        assert answer.status_code == case.status, f"{case}: {answer.status_code} {body[:300]!r}"
        if case.role in {"stranger", "staff", "anonymous"} and not case.row.reveals:
            assert world.hers.canary.encode() not in body, f"{case}: it tells the owner's words"
        if case.is_refused:
            assert b'"code"' in body or not case.row.is_json, f"{case}: no house error"
            allowed = case.row.writes | ({"accounts_user"} if case.role == "suspended" else set())  # by call()
            changed = set(written(world.base, snapshot())) - allowed
            assert not changed, f"{case}: a refusal wrote {sorted(changed)}"
        elif case.role in {"stranger", "staff"} and not case.row.by_proof:
            now = naming(world.hers.owner)
            touched = [name for name, held in world.held.items() if held - now[name]]
            assert not touched, f"{case}: it changed the owner's {touched}"


def check_missing(world: World, case: Case) -> None:
    """What belongs to somebody else is answered exactly as what does not exist."""
    route = routes()[case.row.name]
    foreign = case.row.ids(world.hers, route.params)
    answers = []
    for ids in (foreign, absent(foreign)):
        with undone():
            cache.clear()
            request = case.row.request(case.verb, world.hers)
            answers.append(told(call(world, case.role, case.verb, route.url(ids) + case.row.query, **request)))
    assert answers[0] == answers[1], f"{case}: {answers}"


def absent(ids: dict[str, Any]) -> dict[str, Any]:
    """A path of the same shape that leads to nothing."""
    fresh = {name: uuid4() if name.endswith("_id") else value for name, value in ids.items()}
    return fresh | ({"token": "no-such-token"} if "token" in ids else {})


def told(answer: Any) -> tuple[int, Any, dict[str, str]]:
    """Everything a client learns, but for what is new with every request."""
    body = body_of(answer)
    shown = json.loads(body) if body.startswith(b"{") else body
    if isinstance(shown, dict):
        shown = {key: value for key, value in shown.items() if key not in _CHANGING}
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return answer.status_code, shown, {name: headers[name] for name in sorted(headers) if name != "x-request-id"}


def check_nested(world: World, row: Row, route: Route, verb: str) -> None:
    """One's own parent does not open somebody else's child, nor the other way round, for neither of the two."""
    hers, his = row.ids(world.hers, route.params), row.ids(world.his, route.params)
    *parents, child = [param for param in route.params if param.endswith("_id")]
    for role, own, foreign in (("stranger", his, hers), ("owner", hers, his)):
        for ids in (own | {child: foreign[child]}, foreign | {child: own[child]}):
            assert parents
            with undone():
                cache.clear()
                path = route.url(ids) + row.query
                answer = call(world, role, verb, path, **row.request(verb, world.hers))
                assert answer.status_code == 404, f"{row.name} {verb} {role} {path}: {answer.status_code}"
                changed = written(world.base, snapshot())
                assert not changed, f"{row.name} {verb} {role} {path}: a refusal wrote {changed}"


def gaps() -> list[str]:
    """Where the table and the URL configuration do not agree."""
    known, rows = routes(), {row.name: row for row in table.ROUTES}
    found = [f"{name} has two rows" for name in rows if sum(row.name == name for row in table.ROUTES) > 1]
    found += [f"{name} ({known[name].path}) has no row" for name in known.keys() - rows.keys()]
    found += [f"{name} has a row, but there is no such route" for name in rows.keys() - known.keys()]
    for name in known.keys() & rows.keys():
        verbs, cells = set(known[name].verbs), set(rows[name].cells)
        found += [f"{name} {verb} has no cell" for verb in verbs - cells]
        found += [f"{name} {verb} has a cell, but the view has no such verb" for verb in cells - verbs]
    return sorted(found)


def red(world: World, cases: Iterable[Case], *, crashes: bool = False) -> list[str]:
    """The cases that fail; what breaks down counts only with ``crashes``: that is no proof that a check looked."""
    found = []
    for case in cases:
        cache.clear()
        try:
            check(world, case)
        except AssertionError as error:
            found.append(f"{case}: {error}")
        except Exception as error:
            if not crashes:
                raise
            found.append(f"{case}: {error!r}")
    return found
