from __future__ import annotations

import pytest

from agents.egress.policy import host_and_port
from kintsugi.config import Config
from kintsugi.config import load_config
from kintsugi.config_sources import ConfigError

pytestmark = pytest.mark.any_stack


def _load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Config:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_config()


def test_hosts_stand_with_their_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _load(monkeypatch, AGENT_HTTP_HOSTS="n8n:5678, 10.0.0.7:80", AGENT_PRIVATE_HOSTS="[fd00::1]:443")
    assert loaded.agent_http_hosts == ["n8n:5678", "10.0.0.7:80"]
    assert [host_and_port(one) for one in loaded.agent_private_hosts] == [("fd00::1", 443)]


@pytest.mark.parametrize("given", ["n8n", "n8n:", "http://n8n:5678", "n8n:5678/x", "n8n:0", "n8n:99999", "a@n8n:5678"])
@pytest.mark.parametrize("name", ["AGENT_HTTP_HOSTS", "AGENT_PRIVATE_HOSTS"])
def test_what_names_no_server_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, given: str) -> None:
    with pytest.raises(ConfigError) as refused:
        _load(monkeypatch, **{name: given})
    assert f"{name} must hold host:port" in str(refused.value)
