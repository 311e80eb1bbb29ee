"""What must hold in the API's own chain of middleware, which Django's test client does not go through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings

from kintsugi.asgi import application


@pytest.mark.parametrize("charset", ["punycode", "utf-16"])
@pytest.mark.django_db(transaction=True)
async def test_no_request_chooses_the_codec_it_is_read_with(charset: str) -> None:
    sent = b'{"email": "nobody-here", "password": "x"}'
    headers = {
        "host": "testserver",
        "content-length": str(len(sent)),
        "content-type": f"application/json; charset={charset}",
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/api/auth/login",
        "raw_path": b"/api/auth/login",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "scheme": "http",
    }
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent}

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    await application(scope, receive, send)
    start, body = answers[:2]
    assert (start["status"], json.loads(body["body"])["code"]) == (401, "invalid_credentials")


def test_what_guards_every_request_stands_in_both_chains() -> None:
    """Sessions, forms and static files are the only things that the API goes without."""
    left_out = {
        "kintsugi.static.StaticFilesMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    }
    replaced = {"core.api.csp.SiteCSPMiddleware": "core.api.csp.ApiCSPMiddleware"}
    kept = [replaced.get(name, name) for name in settings.MIDDLEWARE if name not in left_out]
    assert kept == settings.API_MIDDLEWARE
