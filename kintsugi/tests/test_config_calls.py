"""The variables of calls: which media server they mean, and what stops the start."""

from __future__ import annotations

import pytest

from kintsugi import policies
from kintsugi.config import Config
from kintsugi.config import load_config
from kintsugi.config_sources import ConfigError

pytestmark = pytest.mark.any_stack

TURN = {"TURN_URLS": "turn:turn.example.org:3478?transport=udp", "TURN_SECRET": "relay-secret"}
HMS = {"HMS_APP_ACCESS_KEY": "key", "HMS_APP_SECRET": "hush-hush", "HMS_TEMPLATE_ID": "template"}
JANUS = {
    "JANUS_URL": "ws://sfu:8188",
    "JANUS_ADMIN_URL": "http://sfu:7088/admin",
    "JANUS_TOKEN_SECRET": "a",
    "JANUS_ADMIN_SECRET": "b",
    "JANUS_ROOM_KEY": "c",
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


def _load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Config:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_config()


def test_nothing_set_is_calls_from_device_to_device(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _load(monkeypatch).calls
    assert (calls.stun_urls, calls.turn_urls, calls.media_server, calls.relay_only) == ((), (), None, False)
    assert (calls.turn_ttl, calls.max_seconds, calls.minutes_limited) == (3600, 12 * 3600, True)


@pytest.mark.parametrize(
    ("variables", "server"),
    [
        (HMS, "hms"),
        (JANUS, "janus"),
        (HMS | JANUS, "hms"),
        (HMS | JANUS | {"CALL_MEDIA_SERVER": "janus"}, "janus"),
        (HMS | JANUS | {"CALL_MEDIA_SERVER": "none"}, None),
    ],
)
def test_which_media_server_there_is(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], server: str | None
) -> None:
    assert _load(monkeypatch, **variables).calls.media_server == server


@pytest.mark.parametrize(
    ("variables", "part"),
    [
        ({"TURN_URLS": TURN["TURN_URLS"]}, "TURN_URLS and TURN_SECRET belong together"),
        ({"TURN_SECRET": "relay-secret"}, "TURN_URLS and TURN_SECRET belong together"),
        (TURN | {"TURN_URLS": "turn.example.org"}, "TURN_URLS must hold addresses such as turn:"),
        (TURN | {"TURN_URLS": "stun:turn.example.org"}, "TURN_URLS must hold addresses such as turn:"),
        ({"STUN_URLS": "stun:a.example.org, https://b"}, "STUN_URLS must hold addresses such as stun:"),
        ({"CALL_RELAY_ONLY": "true"}, "CALL_RELAY_ONLY needs TURN_URLS"),
        (TURN | {"TURN_TTL": "5s"}, "TURN_TTL must be between 60s and 24h"),
        (TURN | {"TURN_TTL": "2d"}, "TURN_TTL must be between 60s and 24h"),
        ({"HMS_APP_ACCESS_KEY": "key"}, "100ms is half set up: HMS_APP_SECRET, HMS_TEMPLATE_ID must be set"),
        ({"JANUS_URL": "ws://sfu:8188"}, "Janus is half set up: JANUS_ADMIN_URL"),
        ({"CALL_MEDIA_SERVER": "janus"}, "CALL_MEDIA_SERVER=janus needs JANUS_URL"),
        ({"CALL_MEDIA_SERVER": "hms"}, "CALL_MEDIA_SERVER=hms needs HMS_APP_ACCESS_KEY"),
        ({"CALL_MEDIA_SERVER": "livekit"}, "CALL_MEDIA_SERVER"),
        (JANUS | {"JANUS_URL": "http://sfu:8188"}, "JANUS_URL must begin with ws:// or wss://"),
        ({"CALL_MAX_HOURS": "0"}, "CALL_MAX_HOURS"),
    ],
)
def test_what_makes_no_sense_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], part: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        _load(monkeypatch, **variables)
    assert part in str(refused.value)


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _load(monkeypatch, **TURN, **HMS)
    assert "relay-secret" not in f"{loaded!r} {loaded.calls!r}"
    assert "hush-hush" not in f"{loaded!r} {loaded.calls!r}"


def test_pages_reach_the_vendor_only_where_calls_may_go_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert policies.site(_load(monkeypatch))["DIRECTIVES"]["connect-src"] == ["'self'"]
    there = policies.site(_load(monkeypatch, **HMS))["DIRECTIVES"]["connect-src"]
    assert there == ["'self'", "https://*.100ms.live", "wss://*.100ms.live"]


def test_the_vendors_timers_run_where_calls_may_go_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "worker-src" not in policies.site(_load(monkeypatch))["DIRECTIVES"]
    there = policies.site(_load(monkeypatch, **HMS))["DIRECTIVES"]
    assert (there["worker-src"], there["script-src"][0]) == (["'self'", "blob:"], "'self'")
    assert "blob:" not in there["script-src"]
