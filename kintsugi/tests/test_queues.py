"""What is put into a queue is taken out of it, wherever workers are started."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from core.jobs import registry
from kintsugi.celery import app
from kintsugi.config import BASE_DIR


def _commands(path: Path) -> list[str]:
    """The commands that start a worker."""
    return re.findall(r"celery -A kintsugi worker[^\n`|#]*", path.read_text())


def _composed() -> str:
    command: str = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())["services"]["worker"]["command"]
    return command


PLACES = ["Makefile", "docker-compose.yml", "deploy/railway.md", "docs/deployment.md"]


@pytest.mark.parametrize("place", PLACES)
def test_a_worker_consumes_every_queue_wherever_it_is_started(place: str) -> None:
    commands = [_composed()] if place.endswith(".yml") else _commands(BASE_DIR / place)
    assert commands
    for command in commands:
        words = shlex.split(command)
        assert words[:4] == ["celery", "-A", "kintsugi", "worker"]
        named = [word for word in words if re.fullmatch(r"-Q.*|-X.*|--queues.*|--exclude-queues.*", word)]
        assert named == [], "told nothing it consumes them all"


def test_a_worker_that_is_told_nothing_consumes_the_queues_of_the_settings() -> None:
    queues = app.amqp.queues
    assert set(queues.consume_from) == set(settings.JOB_QUEUES)
    # With one routing key for two, a message for one would lie in both.
    assert {queue.routing_key for queue in queues.values()} == set(settings.JOB_QUEUES)
    assert app.conf.task_default_queue in settings.JOB_QUEUES


def test_every_handler_names_one_of_them() -> None:
    registry._discover()
    assert {handler.queue for handler in registry._handlers.values()} <= set(settings.JOB_QUEUES)
