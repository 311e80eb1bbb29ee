from __future__ import annotations

import httpx2
import pytest

from core import http
from core.http.guard import Policy
from core.http.guard import Refused
from core.http.guard import is_public
from core.http.guard import resolve_system

pytestmark = pytest.mark.any_stack


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.254",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2001:10::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
        "",
        "0x7f000001",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"]
)
def test_addresses_of_the_open_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["0x7f000001", "2130706433", "127.1", "0177.0.0.1", "localhost", "127.0.0.1", "0", "0x7f.1"]
)
def test_every_spelling_of_loopback_is_refused(host: str) -> None:
    assert all(not is_public(address) for address in resolve_system(host, 80))
    with http.client(role="test", retries=0) as client, pytest.raises(http.AddressRefused):
        client.get(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://user:pass@example.com/",
        "https://user@example.com/",
        "ftp://example.com/",
        "http://8.8.8.8:22/",
        "https://8.8.8.8:8443/",
    ],
)
def test_urls_that_may_not_be_called(url: str) -> None:
    with http.client(role="test", retries=0) as client, pytest.raises(http.AddressRefused) as caught:
        client.get(url)
    assert caught.value.status == 400
    assert "8.8.8.8" not in str(caught.value)


async def test_the_same_in_an_event_loop() -> None:
    async with http.async_client(role="test", retries=0) as client:
        for url in ("http://127.0.0.1/", "http://8.8.8.8:22/", "https://user:pass@example.com/"):
            with pytest.raises(http.AddressRefused):
                await client.get(url)


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    policy = Policy.of(resolver=lambda _host, _port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Refused):
        policy.addresses("mixed.test", 443, seconds=3)


def test_a_trusted_service_may_live_anywhere() -> None:
    policy = Policy.of(trusted=True, resolver=lambda _host, _port: ["10.0.0.1"])
    assert policy.addresses("ollama.internal", 11434, seconds=3) == ["10.0.0.1"]


def test_a_name_that_changes_its_answer_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import httpcore2

    answers = [["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34"]]
    asked: list[str] = []
    connected: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    def connect(_self: object, host: str, *_args: object) -> None:
        connected.append(host)
        raise httpcore2.ConnectError("no network in tests")

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
    with http.client(role="test", retries=0, resolver=resolver) as client:
        with pytest.raises(http.Unreachable):
            client.get("http://rebind.test/")
        assert (asked, connected) == (["rebind.test"], ["93.184.216.34"])
        with pytest.raises(http.AddressRefused):
            client.get("http://rebind.test/")
        assert connected == ["93.184.216.34"]


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    import threading
    import time

    release = threading.Event()

    def resolver(_host: str, _port: int) -> list[str]:
        release.wait(20)
        return ["8.8.8.8"]

    started = time.monotonic()
    try:
        client = http.client(role="test", retries=0, timeout=0.3, resolver=resolver)
        with client, pytest.raises(http.TimedOut):
            client.get("http://slow.test/")
    finally:
        release.set()
    assert time.monotonic() - started < 2


def test_names_that_do_not_resolve_are_unreachable() -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    with http.client(role="test", retries=0, resolver=resolver) as client, pytest.raises(http.Unreachable):
        client.get("http://nowhere.test/")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with http.client(role="test") as client:
        assert not any(isinstance(mount, httpx2.HTTPTransport) for mount in client._mounts.values())
