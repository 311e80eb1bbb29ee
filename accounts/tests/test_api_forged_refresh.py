"""Forged tokens at the door of refreshing: what BearerAuthentication refuses is refused here as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import RefreshToken
from accounts.models import User
from accounts.services import sessions
from accounts.tests.test_api_bearer import changed
from accounts.tests.test_api_bearer import claims_of
from accounts.tests.test_api_bearer import moved
from accounts.tests.test_api_bearer import signed
from accounts.tests.test_api_bearer import unsigned
from accounts.tests.test_api_bearer import without
from conftest import JsonClient

pytestmark = pytest.mark.django_db

FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "alg none": unsigned,
    "other key": lambda claims: signed(claims, key="x" * 48),
    "other algorithm": lambda claims: signed(claims, algorithm="HS512"),
    "wrong audience": changed(aud="somebody-else"),
    "wrong issuer": changed(iss="somebody-else"),
    "access as refresh": changed(token_type="access"),
    "a longer life": moved("exp", 10**8),
    "other session": changed(sid="0190b6a0-0000-7000-8000-000000000000"),
    "other user": changed(sub="0190b6a0-0000-7000-8000-000000000000"),
    "other token": changed(jti="0190b6a0-0000-7000-8000-000000000000"),
    **{f"no {name}": without(name) for name in ("exp", "aud", "iss", "sub", "sid", "jti", "token_type")},
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_refresh_token_is_refused_and_harms_nobody(
    alice: User, anonymous: JsonClient, forge: Callable[[dict[str, Any]], str]
) -> None:
    grant = sessions.open_session(alice)
    answer = anonymous.post("/api/auth/refresh", {"refresh_token": forge(claims_of(grant.refresh_token))})
    assert answer.status_code == 401
    assert RefreshToken.objects.count() == 1
    assert anonymous.post("/api/auth/refresh", {"refresh_token": grant.refresh_token}).status_code == 200


def test_a_refresh_locks_one_row_once(alice: User) -> None:
    grant = sessions.open_session(alice)
    with CaptureQueriesContext(connection) as queries:
        sessions.refresh(grant.refresh_token)
    locking = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert len(locking) == (1 if connection.features.has_select_for_update else 0)
    assert all("user_sessions" in sql for sql in locking)
