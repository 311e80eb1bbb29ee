from __future__ import annotations

import json

import pytest
from django.conf import settings

from core.observability.redaction import is_secret
from core.observability.redaction import redact
from core.observability.redaction import scrub

pytestmark = pytest.mark.any_stack

SECRET = "CANARY7f3a9"


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"Sec-WebSocket-Protocol: kintsugi.v1, bearer.{SECRET}",
        f"authorization: Basic {SECRET}0000",
        f"Cookie: kintsugi_refresh={SECRET}; sessionid={SECRET}",
        f"{{'password': '{SECRET} with words', 'a': 1}}",
        f'{{"new_password": "{SECRET}"}}',
        json.dumps({"inner": json.dumps({"api_key": SECRET})}),
        f"{{'Cookie': 'a={SECRET}; b={SECRET}'}}",
        f"[(b'authorization', b'Bearer {SECRET}'), (b'cookie', b'a={SECRET}')]",
        f"GET /api/x?token={SECRET}&page=2",
        f"/api/files/1/content?expires=1&signature={SECRET}",
        f"sk-{SECRET}",
        f"sk_live_{SECRET}",
        f"the key whsec_{SECRET} was used",
        f"eyJhbGciOiJIUzI1NiJ9.eyJ{SECRET}.{SECRET}",
        f"postgres://kintsugi:{SECRET}@db:5432/kintsugi",
        f"redis://:{SECRET}@redis/0",
        f"OPENAI_API_KEY={SECRET}",
        f"refreshToken: {SECRET}",
        f"X-Api-Key: {SECRET}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_no_secret_survives(text: str) -> None:
    assert SECRET not in redact(text)
    assert "[redacted]" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "total_tokens=312 prompt_tokens: 12, 'tokens_limit': 100000",
        "The token has expired.",
        "Basic subscription for alice",
        "GET api/files 200 in 12 ms",
        "risk-assessment and task-management",
        "see https://example.com/a:b and mail alice@example.com",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_the_installations_own_secrets_are_known_by_value() -> None:
    assert settings.SECRET_KEY not in redact(f"odd wording {settings.SECRET_KEY} here")
    assert settings.JWT_SECRET not in redact(f"odd wording {settings.JWT_SECRET} here")


def test_nested_values_are_hidden_by_key_and_by_shape() -> None:
    seen = scrub({"user": {"password": SECRET, "notes": [f"sk-{SECRET}", 3]}, "accessToken": SECRET, "tokens_used": 5})
    assert SECRET not in json.dumps(seen)
    assert seen["tokens_used"] == 5


@pytest.mark.parametrize(
    ("name", "secret"),
    [("PASSWORD", True), ("x-api-key", True), ("refresh_token", True), ("token_limit", False), ("monkey", False)],
)
def test_names(name: str, secret: bool) -> None:
    assert is_secret(name) is secret


@pytest.mark.parametrize(
    "piece",
    ["token", "password=", "password='", 'key="\\', "a:", "://a", '"', "A_", "a", "eyJ", "a.b-", "Basic  "],
)
def test_redaction_takes_time_in_proportion_to_the_text(piece: str) -> None:
    import time

    started = time.perf_counter()
    redact(piece * (100_000 // len(piece)))
    assert time.perf_counter() - started < 2
