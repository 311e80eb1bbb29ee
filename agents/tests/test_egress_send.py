from __future__ import annotations

import base64
import gzip
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from pytest_django.fixtures import Settings

from agents import echo
from agents import egress
from agents.egress import Auth
from agents.egress.redacting import Redactor
from agents.tests import kit
from agents.tests.kit import built
from agents.tests.kit import function
from agents.tests.kit import schema
from agents.tests.kit import webhook
from core.ids import uuid7
from core.tests.http_peer import Server
from core.tests.test_http_guard import test_addresses_inside_are_not_public as _addresses

pytestmark = pytest.mark.any_stack

CANARY = "canary/7+Zk=q&9 secret"
INSIDE = next(mark.args[1] for mark in _addresses.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]


def to(server: Server, path: str = "/ok", **fields: Any) -> egress.Request:
    return built(replace(function(server.url + path, **fields), id=uuid7()))


async def test_an_answer_keeps_what_is_useful_of_its_headers(peer: Server) -> None:
    peer.say(
        "/ok", body='{"t": "21 °C"}'.encode(), Content_Type="application/json", Set_Cookie="a=b", X_Request_Id="r-1"
    )
    answer = await egress.send(to(peer))
    assert (answer.status, answer.text, answer.failure, answer.problem) == (200, '{"t": "21 °C"}', None, None)
    assert {*answer.headers} == {"content-type", "content-length", "date", "x-request-id"}
    assert (answer.sent, answer.is_cut, answer.bytes) == (True, False, 15)


async def test_the_bytes_that_were_signed_are_the_bytes_that_are_sent(peer: Server) -> None:
    peer.say("/ok")
    request = built(webhook(f"{peer.url}/ok"), {"text": "Золото — 🏺"})
    await egress.send(request)
    assert peer.bodies == [request.body]


async def test_a_redirect_is_a_result_that_names_its_host(peer: Server) -> None:
    peer.say("/ok", status=302, Location="http://169.254.169.254/latest/meta-data?key=1")
    answer = await egress.send(to(peer))
    assert (answer.status, answer.failure) == (302, "answered")
    assert answer.problem is not None
    assert answer.problem.code == "redirected"
    assert "169.254.169.254" in answer.text
    assert "meta-data" not in answer.text
    assert len(peer.seen) == 1


async def test_a_large_answer_is_cut_and_not_lost(peer: Server) -> None:
    peer.say("/ok", body=gzip.compress(b"x" * 5_000_000), Content_Encoding="gzip", Content_Type="text/plain")
    answer = await egress.send(to(peer))
    assert (answer.status, answer.is_cut, answer.bytes, len(answer.text)) == (200, True, 1024 * 1024, 256 * 1024)


async def test_what_is_no_text_is_named(peer: Server) -> None:
    peer.say("/ok", body=b"\x89PNG\0\0", Content_Type="image/png")
    assert (await egress.send(to(peer))).text == "[6 bytes of image/png]"
    peer.say("/ok", body=b"a\0b\xff", Content_Type="text/plain; charset=zip")
    assert (await egress.send(to(peer))).text == "ab\ufffd"


STATUSES = [
    (
        401,
        "",
        "key_refused",
        "answered",
        "did not accept the key ending in …Xk2f. Replace it under Functions › get_weather.",
    ),
    (403, "", "key_refused", "answered", "…Xk2f"),
    (404, "/webhook-test/1", "n8n_test_url", "answered", "Use the production URL"),
    (404, "/webhook/1", "n8n_not_active", "answered", "Publish the workflow"),
    (404, "/ok", "not_found_there", "answered", "Look at the address"),
    (410, "", "gone", "answered", "switched off"),
    (429, "", "limited_there", "limited", "later"),
    (500, "", "failed_there", "answered", "(500)"),
    (502, "", "failed_there", "lost", "(502)"),
    (503, "", "failed_there", "unavailable", "(503)"),
    (504, "", "failed_there", "lost", "(504)"),
]


@pytest.mark.parametrize("row", STATUSES, ids=lambda row: f"{row[0]}-{row[2]}")
async def test_what_a_status_means_and_what_to_do(peer: Server, row: tuple[int, str, str, str, str]) -> None:
    status, path, code, failure, part = row
    path = path or "/ok"
    peer.say(path, status=status, body=b'{"message": "The requested webhook is not registered."}')
    answer = await egress.send(to(peer, path), name="get_weather", last4="Xk2f")
    assert answer.problem is not None
    assert (answer.problem.code, answer.failure) == (code, failure)
    assert part in answer.problem.sentence
    assert answer.is_gone is (status == 410)


async def test_when_to_come_back_is_read(peer: Server) -> None:
    peer.say("/ok", status=429, Retry_After="3")
    answer = await egress.send(to(peer))
    assert answer.retry_after == 3
    peer.say("/ok", status=429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT")
    assert (await egress.send(to(peer))).retry_after is None


# Failures, and whether anything left


async def test_nobody_listens(settings: Settings) -> None:
    settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = ["127.0.0.1:9"]
    answer = await egress.send(built(function("http://127.0.0.1:9/")))
    assert (answer.status, answer.sent, answer.failure) == (None, False, "unsent")
    assert answer.problem is not None
    assert answer.problem.code == "unreachable"


async def test_silence_is_a_time_out_and_may_have_been_done(peer: Server) -> None:
    release = threading.Event()

    def silence(_handler: BaseHTTPRequestHandler) -> None:
        release.wait(20)

    peer.answers["/ok"] = silence
    answer = await egress.send(to(peer, timeout=0.3))
    release.set()
    assert (answer.sent, answer.failure) == (True, "lost")
    assert answer.problem is not None
    assert answer.problem.sentence.startswith("No answer from 127.0.0.1 for 0.3 s.")


async def test_an_answer_that_breaks_off_may_have_been_done(peer: Server) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    peer.answers["/ok"] = half
    answer = await egress.send(to(peer))
    assert (answer.sent, answer.failure, answer.text) == (True, "lost", "")


async def test_one_broken_function_leaves_the_others_of_its_host_alone(peer: Server) -> None:
    peer.say("/bad", status=500)
    peer.say("/ok")
    bad = to(peer, "/bad")
    for _ in range(5):
        await egress.send(bad)
    paused = await egress.send(bad)
    assert (paused.failure, paused.sent) == ("paused", False)
    assert (await egress.send(to(peer))).status == 200


# Where it may go


@pytest.mark.parametrize("address", [address for address in INSIDE if address])
async def test_no_address_inside_is_called(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    try:
        request = built(function(f"https://{host}/"))
    except egress.CannotBuild as error:
        assert error.problem.code == "address_refused"
        return
    answer = await egress.send(request)
    assert (answer.sent, answer.failure, answer.status) == (False, "refused", None), address
    assert answer.problem is not None
    assert "AGENT_PRIVATE_HOSTS" in answer.problem.sentence


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1", "0177.0.0.1", "localhost", "0", "0x7f.1"])
async def test_no_spelling_of_loopback_is_called(host: str, peer: Server) -> None:
    answer = await egress.send(built(function(f"https://{host}/")))
    assert (answer.sent, answer.failure) == (False, "refused")


async def test_the_exception_is_for_one_port_only(peer: Server, settings: Settings) -> None:
    settings.AGENT_PRIVATE_HOSTS = ["127.0.0.1:1"]
    peer.say("/ok")
    request = egress.Request(uuid7(), "GET", f"{peer.url}/ok", (), b"", 1.0, ())
    answer = await egress.send(request)
    assert (answer.sent, answer.failure, peer.seen) == (False, "refused", [])


# Secrets in what comes back


@pytest.mark.parametrize(
    "spelled",
    [
        CANARY,
        quote(CANARY, safe=""),
        quote(CANARY).replace("%2B", "%2b"),
        base64.b64encode(CANARY.encode()).decode(),
        base64.b64encode(b"x" + CANARY.encode() + b"yz").decode(),
        base64.urlsafe_b64encode(b"ab" + CANARY.encode()).decode(),
        CANARY.encode().hex(),
        json.dumps({"a": CANARY}),
    ],
)
async def test_the_canary_is_not_seen_again(peer: Server, spelled: str) -> None:
    peer.say("/ok", body=f"You said {spelled}, thanks.".encode(), Content_Type="text/plain", X_Request_Id=CANARY)
    auth = Auth("header", "X-Key", CANARY)
    answer = await egress.send(to(peer, auth=auth))
    seen = answer.text + str(answer.headers)
    assert "[redacted]" in seen
    for part in (
        CANARY[:8],
        CANARY[-8:],
        "canary%2",
        base64.b64encode(CANARY.encode()).decode()[4:16],
        CANARY.encode().hex()[:16],
    ):
        assert part not in seen


async def test_secrets_of_the_run_are_found_in_the_answers_of_others(peer: Server) -> None:
    peer.say("/ok", body=b"It is the-other-key!", Content_Type="text/plain")
    answer = await egress.send(to(peer), secrets=["the-other-key"])
    assert answer.text == "It is [redacted]!"


async def test_a_secret_that_is_cut_in_two_is_not_shown_either(peer: Server) -> None:
    auth = Auth("bearer", secret="canary-of-gold")
    for length in (256 * 1024, 1024 * 1024):
        peer.say("/ok", body=b"." * (length - 9) + b"canary-of-gold", Content_Type="text/plain")
        answer = await egress.send(to(peer, auth=auth))
        assert answer.is_cut
        assert "canary" not in answer.text
    assert Redactor([auth.secret]).text("..canary-of", is_cut=True) == "..[redacted]"


def test_what_was_read_from_json_loses_ours_and_what_looks_like_anybodys() -> None:
    redactor = Redactor(["canary-of-gold"])
    told = redactor.anything(
        {"canary-of-gold": ["x canary-of-gold", {"ticket": "T-1", "key": "ghp_012345678901234567890123"}], "n": 1}
    )
    assert told == {"[redacted]": ["x [redacted]", {"ticket": "T-1", "key": "[redacted]"}], "n": 1}


# The echo service


async def _echoed(made: egress.Function, arguments: Any) -> dict[str, Any]:
    with time_machine.travel(kit.AT, tick=False):
        answer = await egress.send(built(made, arguments))
    assert answer.status == 200
    told: dict[str, Any] = json.loads(answer.text)
    return told


async def test_the_echo_service_checks_the_signature_and_gives_no_secret_back() -> None:
    told = await _echoed(webhook(echo.URL), {"text": "золото"})
    assert told["signature"] == "verified"
    assert told["body"]["arguments"] == {"text": "золото"}
    assert told["headers"]["webhook-id"] == str(kit.STEP_ID)
    assert kit.KEY not in json.dumps(told)


async def test_it_says_when_a_signature_is_wrong_or_old() -> None:
    request = built(webhook(echo.URL), {"text": "x"})
    changed = replace(request, body=request.body + b" ")
    with time_machine.travel(kit.AT, tick=False):
        assert json.loads((await egress.send(changed)).text)["signature"] == "wrong"
    with time_machine.travel(kit.AT + 301, tick=False):
        assert json.loads((await egress.send(request)).text)["signature"] == "too old"


async def test_a_canary_sent_to_it_comes_back_masked() -> None:
    made = function(echo.URL, parameters=schema(q={"type": "string"}), auth=Auth("basic", "olya", "canary-of-gold"))
    told = await _echoed(made, {"q": "canary-of-gold"})
    assert told["signature"] == "none"
    assert "canary" not in json.dumps(told)
    assert base64.b64encode(b"olya:canary-of-gold").decode()[:20] not in json.dumps(told)


async def test_it_tells_the_time_and_knows_nothing_else() -> None:
    assert "time" in await _echoed(function(echo.TIME_URL), {})
    assert (await egress.send(built(function("https://echo.invalid/admin")))).status == 404
