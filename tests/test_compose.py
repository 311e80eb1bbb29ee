"""docker-compose.yml and what it refers to, read as data: no Docker is needed here."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from kintsugi.config import BASE_DIR
from kintsugi.config import Config

pytestmark = pytest.mark.any_stack

COMPOSE: dict[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {name for name, service in SERVICES.items() if service["restart"] == "no"}
OWN = {name for name, service in SERVICES.items() if service.get("image") == "kintsugi"}
# Read from .env by compose for other people's images.
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "GRAFANA_PASSWORD", "PUBLIC_IP", "TURN_REALM", "TURN_PORTS", "SFU_PORTS"}
MEDIA = {"turn", "sfu"}
"""They exchange media with the world; what they are told lies in deploy/media.py."""


def test_the_services_are_the_ones_that_were_asked_for() -> None:
    wanted = {"postgres", "redis", "minio", "api", "worker", "beat", "prometheus", "grafana", "mail"}
    assert wanted <= set(SERVICES)
    assert {"migrate", "bucket"} == ONE_SHOT


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_restarts_and_shows_its_health(name: str) -> None:
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert service["healthcheck"] == {"disable": True}
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert len(service["healthcheck"]["test"]) > 1


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_and_files_exist(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        assert (BASE_DIR / service["build"]["dockerfile"]).exists()
    else:
        assert re.search(r":.*\d", service["image"]), f"{service['image']} names no version"
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (BASE_DIR / source).exists(), source


@pytest.mark.parametrize("name", SERVICES)
def test_dependencies_are_waited_for(name: str) -> None:
    for other, condition in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert condition == {"condition": expected}


def test_variables_are_known_to_the_project() -> None:
    known = {field.upper() for field in Config.model_fields}
    for name in OWN:
        assert set(SERVICES[name]["environment"]) <= known
    substituted = set(re.findall(r"\$\{(\w+)", (BASE_DIR / "docker-compose.yml").read_text()))
    assert substituted <= known | COMPOSE_ONLY


def test_ports_are_open_to_this_machine_only() -> None:
    for name, service in SERVICES.items():
        if name in MEDIA:
            continue
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name}: {port}"


def test_of_the_media_services_the_world_sees_media_only() -> None:
    assert {name for name, service in SERVICES.items() if service.get("profiles") == ["calls"]} == MEDIA
    published = [port for name in MEDIA for port in SERVICES[name]["ports"]]
    assert not [port for port in published if "8188" in port or "7088" in port]
    assert [port for port in published if not port.endswith("/udp")] == ["3478:3478/tcp"]


def test_the_trial_values_are_refused_in_production() -> None:
    environment = SERVICES["api"]["environment"]
    values = {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for name, value in environment.items()}
    production = {"ENVIRONMENT": "production"}
    with pytest.raises(ValueError, match="SECRET_KEY must be") as refused:
        Config.model_validate({name.lower(): value for name, value in (values | production).items()})
    for name in ("JWT_SECRET", "ENCRYPTION_KEYS", "DATABASE_URL"):
        assert name in str(refused.value)


def test_the_image_runs_as_nobody_special_and_copies_what_exists() -> None:
    lines = (BASE_DIR / "deploy" / "Dockerfile").read_text().splitlines()
    assert "USER kintsugi" in lines
    assert lines.index("USER kintsugi") < next(i for i, line in enumerate(lines) if line.startswith("CMD"))
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (BASE_DIR / source).exists() or source.startswith("frontend/"), source


def test_the_dashboard_asks_prometheus_and_every_panel_has_a_query() -> None:
    dashboard = json.loads((BASE_DIR / "deploy/grafana/dashboards/kintsugi.json").read_text())
    assert len(dashboard["panels"]) >= 6
    for panel in dashboard["panels"]:
        assert panel["datasource"]["uid"] == "prometheus"
        assert all(target["expr"] for target in panel["targets"])


def test_prometheus_scrapes_a_service_that_exists() -> None:
    scraped = yaml.safe_load((BASE_DIR / "deploy" / "prometheus.yml").read_text())["scrape_configs"]
    assert [config["static_configs"][0]["targets"] for config in scraped] == [["api:8080"]]
