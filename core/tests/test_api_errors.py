"""Each kind of error through a real view."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

pytestmark = [pytest.mark.urls("core.tests.urls"), pytest.mark.django_db]


def get(path: str) -> Any:
    return Client(raise_request_exception=False).get(path)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("domain", 418, "teapot"),
        ("http404", 404, "not_found"),
        ("permission", 403, "forbidden"),
        ("model", 400, "invalid"),
        ("model-list", 400, "invalid"),
        ("parse", 400, "parse_error"),
        ("not-authenticated", 401, "unauthenticated"),
        ("authentication-failed", 401, "unauthenticated"),
        ("denied", 403, "forbidden"),
        ("not-found", 404, "not_found"),
        ("method", 405, "method_not_allowed"),
        ("media-type", 415, "unsupported_media_type"),
        ("throttled", 429, "rate_limited"),
        ("unavailable", 503, "unavailable"),
        ("suspicious", 400, "bad_request"),
        ("database", 503, "unavailable"),
        ("connection", 503, "unavailable"),
        ("redis", 503, "unavailable"),
        ("fault", 500, "server_error"),
    ],
)
def test_every_error_has_the_house_body(kind: str, status: int, code: str) -> None:
    response = get(f"/api/test/fault/{kind}")
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code)
    assert body["error"]
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert "inside knowledge" not in response.content.decode()


def test_a_domain_error_carries_details_context_and_headers() -> None:
    response = get("/api/test/fault/domain")
    body = response.json()
    assert body["details"] == {"cup": ["It is empty."]}
    assert (body["spout"], body["retry_after"]) == ("left", 7)
    assert response.headers["Retry-After"] == "7"


def test_throttling_says_when_to_come_back_and_401_how_to_sign_in() -> None:
    assert get("/api/test/fault/throttled").headers["Retry-After"] == "10"
    assert get("/api/test/fault/not-authenticated").headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("sent", "details"),
    [
        ({"items": []}, {"title": ["This field is required."]}),
        ({"title": "x", "items": [{"name": "ok"}, {"name": "long"}]}, {"items.1.name"}),
        ({"title": "odd", "items": []}, {"non_field_errors": ["The whole is odd."]}),
        ({"title": "x", "items": 5}, {"items.non_field_errors"}),
    ],
)
def test_nested_validation_names_each_place(sent: dict[str, Any], details: Any) -> None:
    response = Client().post("/api/test/order", sent, content_type="application/json")
    body = response.json()
    assert (response.status_code, body["code"]) == (400, "invalid")
    assert (body["details"] if isinstance(details, dict) else set(body["details"])) == details


@pytest.mark.parametrize("body", ["{broken", "[" * 100_000, '{"title":' * 100_000])
def test_broken_json_is_a_sentence(body: str) -> None:
    response = Client(raise_request_exception=False).post("/api/test/order", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-16", "unicode_escape", "zlib", "nonsense"])
def test_no_request_chooses_the_codec_it_is_read_with(charset: str) -> None:
    """Decoding a megabyte of punycode takes a minute."""
    sent = json.dumps({"title": "tea-né", "items": []}, ensure_ascii=False).encode()
    response = Client().generic("POST", "/api/test/order", sent, f"application/json; charset={charset}")
    assert (response.status_code, response.json()) == (200, {"title": "tea-né", "items": []})


@pytest.mark.parametrize("path", ["/admin/", "/api/config", "/"])
def test_a_cookie_with_a_nul_is_no_cookie(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL refuses such a session key by an error."""
    seen: list[str | None] = []
    monkeypatch.setattr(SessionStore, "__init__", lambda _store, key=None: seen.append(key))
    Client(raise_request_exception=False, HTTP_COOKIE='sessionid="\\000abcdefgh"; other=x').get(path)
    assert seen == [None]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/nowhere", 404, "not_found"),
        ("/api/v1/nowhere", 404, "not_found"),
        ("/api/test/plain/http404", 404, "not_found"),
        ("/api/test/plain/permission", 403, "forbidden"),
        ("/api/test/plain/suspicious", 400, "bad_request"),
        ("/api/test/plain/fault", 500, "server_error"),
    ],
)
def test_outside_a_view_of_the_api_the_body_is_the_same(path: str, status: int, code: str) -> None:
    response = get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["request_id"] == response.headers["X-Request-Id"]
    assert "inside knowledge" not in response.content.decode()
