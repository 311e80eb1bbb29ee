from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from agents import egress
from agents import signing
from agents.egress import Auth
from agents.egress import Place
from agents.egress.opaque import opaque_id
from agents.egress.problems import ArgumentsRefused
from agents.tests import kit
from agents.tests.kit import built
from agents.tests.kit import function
from agents.tests.kit import header
from agents.tests.kit import refusal
from agents.tests.kit import schema
from agents.tests.kit import webhook
from core.ids import uuid7

pytestmark = pytest.mark.any_stack

TEXT = {"type": "string"}


def test_arguments_go_where_their_places_say() -> None:
    made = function(
        "https://api.example.com/users/{id}/notes?v=2",
        http_method="POST",
        parameters=schema(id={"type": "integer"}, tags={"type": "array"}, lang=TEXT, note={"type": "object"}),
        places={
            "tags": Place("query", "tag"),
            "lang": Place("header", "Accept-Language"),
            "note": Place("body", "application/json"),
        },
    )
    request = built(made, {"id": 7, "tags": ["a b", "ж"], "lang": "uk", "note": {"text": "золото"}})
    assert request.url == "https://api.example.com/users/7/notes?v=2&tag=a+b&tag=%D0%B6"
    assert (request.method, header(request, "Accept-Language")) == ("POST", "uk")
    assert json.loads(request.body) == {"text": "золото"}
    assert header(request, "Content-Type") == "application/json"


def test_without_places_the_address_the_query_and_the_body_take_them() -> None:
    parameters = schema(id=TEXT, q=TEXT)
    read = built(function("https://a.example.com/x/{id}", parameters=parameters), {"id": "7", "q": "gold"})
    assert (read.url, read.body) == ("https://a.example.com/x/7?q=gold", b"")
    write = built(
        function("https://a.example.com/x/{id}", http_method="PUT", parameters=parameters), {"id": "7", "q": "gold"}
    )
    assert (write.url, write.body) == ("https://a.example.com/x/7", b'{"q":"gold"}')


def test_a_form_and_a_joined_list() -> None:
    made = function(
        http_method="POST",
        parameters=schema(body={"type": "object"}, ids={"type": "array"}),
        places={"body": Place("body", "application/x-www-form-urlencoded"), "ids": Place("query", "ids", ",")},
    )
    request = built(made, {"body": {"name": "Оля", "ok": True}, "ids": [1, 2]})
    assert request.body == b"name=%D0%9E%D0%BB%D1%8F&ok=true"
    assert request.url.endswith("?ids=1%2C2")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({}, "'city' is a required property"),
        ({"city": 5}, "5 is not of type 'string'"),
        ({"city": "Kyiv", "days": 99}, "99 is greater than the maximum of 7"),
        ("Kyiv", "must be a JSON object"),
        ({"city": float("nan")}, "not JSON"),
        ({"city": "\ud800"}, "not JSON"),
    ],
)
def test_arguments_that_break_the_schema_are_told_in_words(arguments: Any, part: str) -> None:
    parameters = schema(("city",), city=TEXT, days={"type": "integer", "maximum": 7})
    with pytest.raises(ArgumentsRefused) as caught:
        egress.build(function(parameters=parameters), arguments, kit.context())
    assert part in caught.value.problem.sentence


def test_unknown_arguments_are_dropped() -> None:
    request = built(webhook(), {"text": "hi", "__proto__": 1, "host": "evil.example"})
    assert json.loads(request.body)["arguments"] == {"text": "hi"}


def test_more_than_64_kib_of_arguments_are_refused() -> None:
    assert refusal(webhook(), {"text": "ж" * 40_000}).code == "arguments_too_large"


@pytest.mark.parametrize(
    "value", ["", ".", "..", "...", "a/b", "a?b", "a#b", "%2e%2e", "a\\b", "a\r\nb", "a\tb", "\u202e"]
)
def test_values_that_would_leave_their_place_in_a_path_are_refused(value: str) -> None:
    made = function("https://api.example.com/users/{id}", parameters=schema(id=TEXT))
    assert refusal(made, {"id": value}).code == "bad_arguments"


def test_dots_that_come_together_in_one_segment_are_refused_too() -> None:
    made = function("https://api.example.com/{a}{b}/x", parameters=schema(a=TEXT, b=TEXT))
    assert refusal(made, {"a": ".", "b": "."}).code == "bad_arguments"
    assert (
        refusal(function("https://api.example.com/.{a}/x", parameters=schema(a=TEXT)), {"a": "."}).code
        == "bad_arguments"
    )
    assert built(made, {"a": "v", "b": "."}).url == "https://api.example.com/v./x"


def test_a_part_of_the_address_that_is_missing_is_asked_for() -> None:
    assert "id" in refusal(function("https://api.example.com/{id}", parameters=schema(id=TEXT))).sentence


@pytest.mark.parametrize(
    "name", ["Host", "authorization", "COOKIE", "Content-Length", "Transfer-Encoding", "X Y", "X:Y", "webhook-id"]
)
def test_headers_that_no_argument_may_set(name: str) -> None:
    made = function(parameters=schema(x=TEXT), places={"x": Place("header", name)})
    assert refusal(made, {"x": "1"}).code == "header_refused"
    assert refusal(function(headers={name: "1"})).code == "header_refused"


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "ж"])
def test_values_of_headers_hold_one_line(value: str) -> None:
    made = function(parameters=schema(x=TEXT), places={"x": Place("header", "X-One")})
    assert refusal(made, {"x": value}).code == "bad_arguments"
    assert refusal(function(headers={"X-One": value})).code == "header_refused"


def test_no_header_is_sent_twice_however_it_is_written() -> None:
    made = function(
        http_method="POST",
        headers={"content-TYPE": "text/plain", "x-key": "mine", "accept": "text/html"},
        parameters=schema(x=TEXT),
        auth=Auth("header", "X-Key", "the-key-itself"),
    )
    request = built(made, {"x": "1"})
    assert header(request, "content-type") == "application/json"
    assert header(request, "x-key") == "the-key-itself"
    assert header(request, "accept") == "text/html"


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (Auth("bearer", secret="token-1234"), ("Authorization", "Bearer token-1234")),
        (Auth("basic", "olya", "pass-1234"), ("Authorization", "Basic b2x5YTpwYXNzLTEyMzQ=")),
        (Auth("header", "X-Api-Key", "key-1234"), ("X-Api-Key", "key-1234")),
    ],
)
def test_credentials_are_put_in_and_masked_where_shown(auth: Auth, expected: tuple[str, str]) -> None:
    request = built(function(auth=auth))
    assert header(request, expected[0]) == expected[1]
    shown = json.dumps(request.shown())
    assert "1234" not in shown
    assert expected[1].split(" ")[-1][:-3] not in shown
    assert auth.secret not in repr(request) + repr(auth) + str(request)


@pytest.mark.parametrize("secret", ["", "abc", "two\r\nlines", "нелатинський"])
def test_a_secret_that_cannot_be_sent_is_refused_before_anything_is(secret: str) -> None:
    assert refusal(function(auth=Auth("bearer", secret=secret))).code == "secret_refused"


# Signatures


def _verify(request: egress.Request, secret: str) -> Any:
    with time_machine.travel(kit.AT, tick=False):
        return Webhook(secret).verify(request.body, dict(request.headers))


def test_another_implementation_accepts_the_signature() -> None:
    request = built(webhook(), {"text": "Золото"})
    body = _verify(request, kit.SECRET)
    assert (body["function"], body["arguments"]) == ("get_weather", {"text": "Золото"})
    assert body["step_id"] == header(request, "webhook-id") == header(request, "Idempotency-Key") == str(kit.STEP_ID)
    assert body["agent"]["name"] == "Клерк"


def test_it_refuses_what_was_changed_or_signed_by_another() -> None:
    request = built(webhook(), {"text": "hi"})
    with pytest.raises(WebhookVerificationError):
        _verify(request, kit.OTHER_SECRET)
    with pytest.raises(WebhookVerificationError), time_machine.travel(kit.AT, tick=False):
        Webhook(kit.SECRET).verify(request.body + b" ", dict(request.headers))
    with pytest.raises(WebhookVerificationError), time_machine.travel(kit.AT + 301, tick=False):
        Webhook(kit.SECRET).verify(request.body, dict(request.headers))


def test_while_a_secret_is_rotated_both_sign() -> None:
    auth = Auth("hmac", secret=kit.OTHER_SECRET, secret_before=kit.SECRET)
    request = built(webhook(auth=auth), {"text": "hi"})
    assert len((header(request, "webhook-signature") or "").split(" ")) == 2
    assert _verify(request, kit.SECRET) == _verify(request, kit.OTHER_SECRET)


def test_a_new_secret_is_24_bytes_and_never_the_same() -> None:
    first, second = signing.new_secret(), signing.new_secret()
    assert first != second
    assert len(signing.key_of(first)) == 24


def test_an_api_may_be_signed_with_an_empty_body() -> None:
    request = built(function(auth=Auth("hmac", secret=kit.SECRET)))
    signed = signing.is_signed(
        str(kit.STEP_ID), str(kit.AT), b"", header(request, "webhook-signature") or "", kit.SECRET
    )
    assert signed
    assert header(request, "Idempotency-Key") is None


def test_a_webhook_without_a_secret_is_not_sent() -> None:
    assert refusal(webhook(auth=Auth())).code == "secret_refused"
    assert refusal(webhook(auth=Auth("hmac", secret="whsec_ж"))).code == "secret_refused"
    assert refusal(webhook(auth=Auth("hmac", secret="not base64!"))).code == "secret_refused"


def test_people_have_another_name_with_each_agent() -> None:
    agent, other, person = uuid7(), uuid7(), uuid7()
    assert opaque_id(agent, person) == opaque_id(agent, person) != opaque_id(other, person)
    assert str(person) not in opaque_id(agent, person)


# Addresses


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("http://api.example.com/", "AGENT_HTTP_HOSTS"),
        ("https://api.example.com:8443/", "AGENT_PRIVATE_HOSTS"),
        ("https://user:pass@api.example.com/", "under Authentication"),
        ("https://user@api.example.com/", "under Authentication"),
        ("ftp://api.example.com/", "address of a server"),
        ("file:///etc/passwd", "address of a server"),
        ("https:///x", "address of a server"),
        ("https://{host}/x", "address of a server"),
        ("https://api.example.com:{port}/x", "address of a server"),
        ("https://api.example.com\\@evil.example/", "address of a server"),
        ("https://api.example.com\t.evil.example/", "address of a server"),
        ("https://бар.example/", "address of a server"),
        ("https://[::1/", "address of a server"),
        ("https://api.example.com:99999/", "address of a server"),
        ("//api.example.com/", "address of a server"),
        ("https://api.example.com/%2{host}", "address of a server"),
        ("", "address of a server"),
    ],
)
def test_addresses_that_break_a_rule_are_told_which(url: str, part: str) -> None:
    made = function(url, parameters=schema(host=TEXT, port=TEXT))
    problem = refusal(made, {"host": "evil.example", "port": "1"})
    assert part in problem.sentence
    assert problem.code == "address_refused"


def test_the_operator_makes_exceptions_by_host_and_port(settings: Settings) -> None:
    settings.AGENT_HTTP_HOSTS = ["n8n:5678", "old.example.com:80"]
    settings.AGENT_PRIVATE_HOSTS = ["n8n:5678"]
    assert built(function("http://n8n:5678/webhook/x")).url == "http://n8n:5678/webhook/x"
    assert built(function("http://old.example.com/x")).host == "old.example.com"
    assert "AGENT_HTTP_HOSTS" in refusal(function("http://n8n/")).sentence
    assert "n8n:5679" in refusal(function("https://n8n:5679/")).sentence
