from __future__ import annotations

from typing import Any
from typing import cast

import pytest
from django.core import checks as system

from accounts import doctor as accounts_doctor
from core.findings import Finding
from kintsugi import doctor


def one(findings: Any) -> Finding:
    [finding] = findings
    assert isinstance(finding, Finding)
    return finding


def test_what_production_would_refuse_is_said_before() -> None:
    finding = one(doctor.environment())
    assert finding.state == "warn"
    assert "METRICS_TOKEN is required" in finding.sentence


@pytest.mark.parametrize(
    ("url", "hosts", "state"),
    [
        ("https://chat.example.org", ["chat.example.org"], "ok"),
        ("https://chat.example.org", [".example.org"], "ok"),
        ("https://chat.example.org", ["localhost"], "fail"),
        ("chat.example.org", ["chat.example.org"], "fail"),
    ],
)
def test_the_site_answers_to_its_own_name(settings: Any, url: str, hosts: list[str], state: str) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = url, hosts
    assert one(doctor.addresses()).state == state


def test_system_checks_are_told_with_their_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        system.Error("Bad.", hint="Do this.", id="x.E1"),
        system.Warning(cast("str", Exception("Odd.")), id="x.W1"),
    ]
    monkeypatch.setattr(system, "run_checks", lambda **_kwargs: found)
    told = [(finding.state, finding.sentence) for finding in doctor.system_checks()]
    assert told == [("fail", "x.E1: Bad. Do this."), ("warn", "x.W1: Odd.")]


@pytest.mark.parametrize(
    ("token", "state", "word"),
    [
        ("", "ok", "off"),
        ("7342037359:AAHI25ES9xCOMPokpYoz-p8XVrZUdygo2J4", "ok", "on"),
        ("canary-not-a-token", "fail", "BotFather"),
        ("7342037359:short", "fail", "BotFather"),
    ],
)
def test_the_shape_of_the_bots_token(settings: Any, token: str, state: str, word: str) -> None:
    settings.TELEGRAM_BOT_TOKEN = token
    finding = one(accounts_doctor.telegram())
    assert finding.state == state
    assert word in finding.sentence
    assert not token or token not in finding.sentence
