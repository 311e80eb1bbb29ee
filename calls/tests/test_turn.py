"""A real coturn with the settings we deploy: who is let in, and where it does not relay to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aioice import turn as aioice_turn
from pytest_django.fixtures import Settings

from calls import doctor
from calls.providers import turn
from calls.providers.signing import turn_credential
from calls.tests.factories import call_settings
from calls.tests.media_peers import TURN_SECRET
from calls.tests.media_peers import coturn
from calls.tests.media_peers import needs_coturn
from calls.tests.media_peers import own_address
from tests.kit.processes import free_port

pytestmark = [needs_coturn, pytest.mark.any_stack]


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with coturn(tmp_path_factory.mktemp("coturn")) as running:
        yield running


def _url(relay: tuple[str, int], transport: str = "udp") -> str:
    return f"turn:{relay[0]}:{relay[1]}?transport={transport}"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_fresh_credential_allocates_and_reaches_nothing_private(relay: tuple[str, int], transport: str) -> None:
    report = turn.probe(_url(relay, transport), TURN_SECRET)
    assert report.relayed.startswith(f"{relay[0]}:")
    assert report.reached == ()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_two_who_both_come_through_the_relay_meet_there(relay: tuple[str, int], transport: str) -> None:
    username, password = turn_credential(TURN_SECRET, "leg", seconds=60)
    report = turn.examine(_url(relay, transport), username, password, peers=(relay[0], "8.8.8.8", "172.16.9.9"))
    assert report.reached == (relay[0], "8.8.8.8")


@pytest.mark.parametrize(
    ("secret", "seconds"), [(TURN_SECRET, -5), ("another-secret-0123456789", 60)], ids=["expired", "forged"]
)
def test_an_expired_or_forged_credential_allocates_nothing(relay: tuple[str, int], secret: str, seconds: int) -> None:
    username, password = turn_credential(secret, "leg", seconds=seconds)
    with pytest.raises(turn.TurnRefused) as refused:
        turn.examine(_url(relay), username, password)
    assert refused.value.code == 401


async def test_another_client_agrees(relay: tuple[str, int]) -> None:
    """aioice wrote its own TURN: what it is told is what ours was."""
    username, password = turn_credential(TURN_SECRET, "leg", seconds=60)
    transport, _ = await aioice_turn.create_turn_endpoint(
        asyncio.DatagramProtocol, server_addr=relay, username=username, password=password
    )
    inner: Any = getattr(transport, "_TurnTransport__inner_protocol")  # noqa: B009 - there is no other way to bind
    try:
        await inner.channel_bind(0x4000, (relay[0], 9999))
        for number, peer in enumerate((*turn.PRIVATE_PEERS, "100.64.0.1", "172.31.0.1", "198.18.0.1")):
            with pytest.raises(Exception, match="403"):
                await inner.channel_bind(0x4001 + number, (peer, 9999))
    finally:
        transport.close()


def test_without_the_list_the_relay_is_a_way_into_the_network(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The control: what the list keeps out gets in without it."""
    with coturn(tmp_path_factory.mktemp("open"), denied=()) as (address, port):
        report = turn.probe(_url((address, port)), TURN_SECRET)
    assert set(report.reached) == {"10.0.0.5", "169.254.169.254", "192.168.1.1"}


class TestDoctor:
    def _findings(self, settings: Settings, *urls: str, secret: str = TURN_SECRET) -> list[tuple[str, str]]:
        settings.CALLS = call_settings(turn_urls=urls, turn_secret=secret)
        return [(finding.state, finding.sentence) for finding in doctor.relays()]

    def test_a_sound_relay(self, relay: tuple[str, int], settings: Settings) -> None:
        found = self._findings(settings, _url(relay), _url(relay, "tcp"))
        assert [state for state, _ in found] == ["ok", "ok"]

    def test_a_shut_port_and_a_wrong_secret_are_said_in_words(self, relay: tuple[str, int], settings: Settings) -> None:
        shut = f"turn:127.0.0.1:{free_port()}?transport=tcp"
        [(state, sentence)] = self._findings(settings, shut)
        assert state == "fail"
        assert "cannot be reached" in sentence
        assert shut in sentence
        [(state, sentence)] = self._findings(settings, _url(relay), secret="another-secret-0123456789")
        assert (state, "TURN_SECRET" in sentence) == ("fail", True)
        assert "another-secret" not in sentence

    def test_an_open_relay_fails(self, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
        with coturn(tmp_path_factory.mktemp("open"), denied=()) as (address, port):
            [(state, sentence)] = self._findings(settings, _url((address, port)))
        assert state == "fail"
        assert "169.254.169.254" in sentence


def test_the_address_of_this_machine_is_not_the_loopback() -> None:
    assert not own_address().startswith("127.")
