from __future__ import annotations

import datetime
import gzip
import logging
import ssl
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from core import http
from core.tests.http_peer import LOOPBACK
from core.tests.http_peer import Server
from core.tests.http_peer import async_shop
from core.tests.http_peer import outcomes
from core.tests.http_peer import shop

pytestmark = pytest.mark.any_stack


def test_an_answer_comes_back_and_is_counted_under_its_role(server: Server) -> None:
    server.say("/ok", body=b'{"a": 1}')
    before = outcomes("shop", "2xx")
    with shop(server, headers={"X-Key": "k"}) as client:
        assert client.get("/ok").json() == {"a": 1}
    assert outcomes("shop", "2xx") == before + 1


async def test_the_same_in_an_event_loop(server: Server) -> None:
    server.say("/ok", body=gzip.compress(b"packed"), Content_Encoding="gzip")
    async with async_shop(server) as client:
        assert (await client.get("/ok")).text == "packed"


def test_without_permission_loopback_is_refused(server: Server) -> None:
    server.say("/ok")
    with http.client(role="shop") as client, pytest.raises(http.AddressRefused):
        client.get(f"{server.url}/ok")
    assert server.seen == []


def test_the_name_is_kept_for_the_host_header(server: Server) -> None:
    server.say("/ok")
    port = server.http.server_port
    resolver = {"service.test": ["127.0.0.1"]}
    with http.client(role="shop", resolver=lambda host, _port: resolver[host], **LOOPBACK) as client:
        client.get(f"http://service.test:{port}/ok")
    assert server.seen == [("GET", "/ok", f"service.test:{port}")]


def test_the_next_address_is_tried_when_one_does_not_answer(server: Server) -> None:
    server.say("/ok")
    with http.client(role="shop", resolver=lambda *_: ["127.0.0.9", "127.0.0.1"], **LOOPBACK) as client:
        assert client.get(f"http://service.test:{server.http.server_port}/ok").status_code == 200


def test_the_name_is_kept_for_tls(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = _certificate("service.test", tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    names: list[str | None] = []
    serving.sni_callback = lambda _socket, name, _context: names.append(name)
    server.http.socket = serving.wrap_socket(server.http.socket, server_side=True)
    server.say("/ok")
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(http, "_tls", lambda: trusting)
    with http.client(role="shop", resolver=lambda *_: ["127.0.0.1"], retries=0, **LOOPBACK) as client:
        assert client.get(f"https://service.test:{server.http.server_port}/ok").status_code == 200
        with pytest.raises(http.Unreachable):  # the certificate is for another name
            client.get(f"https://other.test:{server.http.server_port}/ok")
    assert names == ["service.test", "other.test"]


def _certificate(name: str, folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "certificate.pem"
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path


# Redirects


def test_redirects_are_not_followed_unless_asked(server: Server) -> None:
    server.say("/from", 302, Location="/ok")
    server.say("/ok")
    with shop(server) as client:
        assert client.get("/from").status_code == 302
    with shop(server, redirects=2) as client:
        assert client.get("/from").text == "hello"


@pytest.mark.parametrize(
    "target",
    ["http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "file:///etc/passwd", "http://u:p@8.8.8.8/"],
)
def test_every_hop_is_judged(server: Server, target: str) -> None:
    server.say("/from", 302, Location=target)
    with shop(server, redirects=3) as client, pytest.raises(http.OutgoingError):
        client.get("/from")
    assert len(server.seen) == 1


# Size


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_over_the_limit_is_cut_off(server: Server, packed: bool) -> None:
    bomb = b"\x00" * (50 * 1024 * 1024)
    if packed:
        server.say("/bomb", body=gzip.compress(bomb), Content_Encoding="gzip")
    else:
        server.say("/bomb", body=bomb)
    with shop(server) as client, pytest.raises(http.AnswerRefused):
        client.get("/bomb")


async def test_an_endless_answer_is_cut_off_in_an_event_loop(server: Server) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    server.answers["/endless"] = endless
    async with async_shop(server) as client:
        with pytest.raises(http.AnswerRefused):
            await client.get("/endless")


def test_an_answer_of_exactly_the_limit_is_whole(server: Server) -> None:
    server.say("/full", body=gzip.compress(b"x" * 1000), Content_Encoding="gzip")
    with shop(server, max_bytes=1000) as client:
        assert len(client.get("/full").content) == 1000
    with shop(server, max_bytes=999) as client, pytest.raises(http.AnswerRefused):
        client.get("/full")


@pytest.mark.parametrize(("encoding", "body"), [("br", b"x"), ("gzip", b"not gzip"), ("gzip, gzip", b"x")])
def test_packing_that_was_not_asked_for_is_refused(server: Server, encoding: str, body: bytes) -> None:
    server.say("/odd", body=body, Content_Encoding=encoding)
    with shop(server) as client, pytest.raises(http.AnswerRefused):
        client.get("/odd")


# Time


def _drip(handler: BaseHTTPRequestHandler) -> None:
    """Sends a byte often enough to keep any single read alive."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def _silence(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(5)
    handler.close_connection = True


@pytest.mark.parametrize("behaviour", [_drip, _silence])
def test_the_whole_call_is_bounded(server: Server, behaviour: Callable[[BaseHTTPRequestHandler], None]) -> None:
    server.answers["/slow"] = behaviour
    started = time.monotonic()
    with shop(server, timeout=0.6) as client, pytest.raises(http.TimedOut) as caught:
        client.get("/slow")
    assert time.monotonic() - started < 2
    assert caught.value.status == 504


async def test_the_whole_call_is_bounded_in_an_event_loop(server: Server) -> None:
    server.answers["/slow"] = _drip
    started = time.monotonic()
    async with async_shop(server, timeout=0.6) as client:
        with pytest.raises(http.TimedOut):
            await client.get("/slow")
    assert time.monotonic() - started < 2


def test_errors_hold_no_secret(server: Server) -> None:
    server.answers["/slow"] = _silence
    with shop(server, timeout=0.3, headers={"X-Key": "CANARY"}) as client, pytest.raises(http.TimedOut) as caught:
        client.get("/slow?key=CANARY")
    import traceback

    # Without this file's own source line, which names the canary.
    text = "".join(traceback.format_exception(caught.value)).replace("/slow?key=CANARY", "", 1)
    assert "CANARY" not in text
    assert "127.0.0.1" not in str(caught.value.body())


def test_addresses_are_in_no_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.say("/ok")
    with caplog.at_level(logging.INFO), shop(server) as client:
        client.get("/ok?key=CANARY")
    assert "CANARY" not in caplog.text


# Trying again


def _failing_first(times: int, server: Server) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        server.say("/inner", 503 if len(server.seen) <= times else 200)
        server.answers["/inner"](handler)

    return answer


def test_safe_requests_are_tried_again(server: Server) -> None:
    server.answers["/flaky"] = _failing_first(2, server)
    with shop(server) as client:
        assert client.get("/flaky").status_code == 200
    assert len(server.seen) == 3


async def test_safe_requests_are_tried_again_in_an_event_loop(server: Server) -> None:
    server.answers["/flaky"] = _failing_first(1, server)
    async with async_shop(server) as client:
        assert (await client.get("/flaky")).status_code == 200
    assert len(server.seen) == 2


def test_what_changes_something_is_not(server: Server) -> None:
    server.answers["/flaky"] = _failing_first(2, server)
    with shop(server) as client:
        assert client.post("/flaky", json={}).status_code == 503
    assert len(server.seen) == 1


def test_an_answer_that_will_not_change_is_not_asked_for_again(server: Server) -> None:
    server.say("/gone", 404)
    server.say("/broken", 500)
    with shop(server) as client:
        assert client.get("/gone").status_code == 404
        assert client.get("/broken").status_code == 500
    assert len(server.seen) == 2
