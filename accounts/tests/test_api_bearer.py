"""The bearer token at the door: what gets in, and everything that must not."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from pytest_django import DjangoAssertNumQueries
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import Bearer
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from conftest import JsonClient
from conftest import bearer
from conftest import signed_in


class WhoView(APIView):
    """Any protected view: who asks, in which session."""

    def get(self, request: Request) -> Response:
        assert isinstance(request.auth, Bearer)
        return Response({"user": str(request.user.pk), "session": str(request.auth.session_id)})


urlpatterns = [path("api/who", WhoView.as_view())]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def claims_of(token: str) -> dict[str, Any]:
    payload: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return payload


def signed(payload: dict[str, Any], *, key: str | None = None, algorithm: str = "HS256") -> str:
    return jwt.encode(payload, key or settings.JWT_SECRET, algorithm=algorithm)


def unsigned(payload: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, payload)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def ask(token: str) -> HttpResponse:
    client = JsonClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    response: HttpResponse = client.get("/api/who")
    return response


@pytest.fixture
def grant(alice: User) -> sessions.SessionGrant:
    return sessions.open_session(alice)


def test_the_claims_are_the_agreed_ones(alice: User, grant: sessions.SessionGrant) -> None:
    claims = claims_of(grant.access_token)
    assert set(claims) == {"exp", "nbf", "iat", "iss", "aud", "sub", "sid", "jti", "token_type"}
    assert (claims["iss"], claims["aud"], claims["token_type"]) == ("kintsugi", "kintsugi", "access")
    assert (claims["sub"], claims["sid"]) == (str(alice.pk), str(grant.session.pk))
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert jwt.get_unverified_header(grant.access_token)["alg"] == "HS256"


def test_a_good_token_costs_one_query(
    alice: User, grant: sessions.SessionGrant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        response = ask(grant.access_token)
    assert json.loads(response.content) == {"user": str(alice.pk), "session": str(grant.session.pk)}


def changed(**changes: Any) -> Callable[[dict[str, Any]], str]:
    return lambda claims: signed(claims | changes)


def moved(name: str, seconds: int) -> Callable[[dict[str, Any]], str]:
    """A time claim, so many seconds from the moment it is used (not from when the tests were collected)."""
    return lambda claims: signed(claims | {name: int(time.time()) + seconds})


def without(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda claims: signed({key: value for key, value in claims.items() if key != name})


FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "alg none": unsigned,
    "other key": lambda claims: signed(claims, key="x" * 48),
    "other algorithm": lambda claims: signed(claims, algorithm="HS512"),
    "wrong audience": changed(aud="somebody-else"),
    "wrong issuer": changed(iss="somebody-else"),
    "refresh as access": changed(token_type="refresh"),
    "expired beyond the skew": moved("exp", -90),
    "not yet valid": moved("nbf", 120),
    "issued in the future": moved("iat", 120),
    "subject is no id": changed(sub="admin"),
    "session is a number": changed(sid=7),
    "other session": changed(sid="0190b6a0-0000-7000-8000-000000000000"),
    "other user": changed(sub="0190b6a0-0000-7000-8000-000000000000"),
    **{f"no {name}": without(name) for name in ("exp", "nbf", "iat", "iss", "aud", "sub", "sid", "jti", "token_type")},
    "garbage": lambda _claims: "not.a.token",
    "empty": lambda _claims: "",
    "not latin": lambda _claims: "ключ",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_token_that_is_not_right_is_refused(
    grant: sessions.SessionGrant, forge: Callable[[dict[str, Any]], str]
) -> None:
    response = ask(forge(claims_of(grant.access_token)))
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert json.loads(response.content)["code"] == "unauthenticated"


def test_the_real_refresh_token_is_no_access_token(grant: sessions.SessionGrant) -> None:
    assert ask(grant.refresh_token).status_code == 401


@pytest.mark.parametrize("changes", [{"exp": -30}, {"nbf": 30}, {"iat": 30}], ids=str)
def test_a_minute_of_clock_skew_is_allowed(grant: sessions.SessionGrant, changes: dict[str, int]) -> None:
    now = {name: int(time.time()) + seconds for name, seconds in changes.items()}
    assert ask(signed(claims_of(grant.access_token) | now)).status_code == 200


def test_without_a_token_it_is_401(anonymous: JsonClient) -> None:
    response = anonymous.get("/api/who")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_other_schemes_are_no_answer(alice: User, anonymous: JsonClient) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION="Basic YWxpY2U6Y29ycmVjdC1ob3JzZS03")
    assert anonymous.get("/api/who").status_code == 401


def test_an_ended_session_is_refused_at_once(grant: sessions.SessionGrant) -> None:
    assert ask(grant.access_token).status_code == 200
    sessions.log_out(grant.session.pk)
    assert ask(grant.access_token).status_code == 401


def test_an_inactive_user_is_refused(alice: User, grant: sessions.SessionGrant) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert ask(grant.access_token).status_code == 401


def test_a_session_that_was_cleaned_up_is_refused(grant: sessions.SessionGrant) -> None:
    Session.objects.all().delete()
    assert ask(grant.access_token).status_code == 401


def test_the_cast_has_real_sessions(alice_client: JsonClient, bob: User) -> None:
    alice_body, bob_body = alice_client.get("/api/who").json(), signed_in(bob).get("/api/who").json()
    assert alice_body["user"] != bob_body["user"]
    assert Session.objects.filter(pk=bob_body["session"], user=bob).exists()


@override_settings(ROOT_URLCONF=__name__)
async def test_headers_work_in_an_async_client(async_client: Any, transactional_db: None) -> None:
    from asgiref.sync import sync_to_async

    from conftest import make_user

    dora = await sync_to_async(make_user)("dora")
    response = await async_client.get("/api/who", headers=await sync_to_async(bearer)(dora))
    assert response.json()["user"] == str(dora.pk)
