from __future__ import annotations

import errno
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import cast
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.conf import settings as house_settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.test import AsyncClient
from django.test import Client
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from core.observability import readiness as readiness_room
from core.observability.logs import ConsoleFormatter
from core.observability.logs import JsonFormatter
from core.observability.logs import logging_config

CANARIES = {
    "body": "CANARYbody1234567",
    "header": "CANARYheader1234567",
    "query": "CANARYquery1234567",
    "cookie": "CANARYcookie1234567",
    "key": "sk-CANARYkey1234567",
}


class Lines(logging.Handler):
    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(params=[JsonFormatter, ConsoleFormatter])
def lines(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    handler = Lines(request.param())
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler.lines
    root.removeHandler(handler)


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


# Request ids


def test_every_answer_has_an_id_of_ours(client: Client) -> None:
    given = client.get("/health", headers={"X-Request-Id": "from-a-stranger"}).headers["X-Request-Id"]
    assert UUID(given).version == 7


@pytest.mark.parametrize(
    ("sent", "accepted"),
    [
        ("trace-0123456789", True),
        ("short", False),
        ("bad id with spaces", False),
        ("x" * 65, False),
        ('a"b\\c{}12345', False),
    ],
)
def test_a_trusted_proxy_may_give_the_id(client: Client, settings: LazySettings, sent: str, accepted: bool) -> None:
    settings.TRUSTED_PROXIES = 1
    given = client.get("/health", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert (given == sent) is accepted


@pytest.mark.urls("core.tests.urls")
def test_an_error_body_names_the_request(client: Client) -> None:
    response = client.get("/api/test/fault/domain")
    assert response.json()["request_id"] == response.headers["X-Request-Id"]


async def test_the_id_is_there_in_an_async_chain() -> None:
    response = cast("Any", await AsyncClient().get("/health"))
    assert UUID(response.headers["X-Request-Id"]).version == 7


# Logs


@pytest.mark.django_db
@pytest.mark.urls("core.tests.urls")
def test_no_canary_reaches_a_log_line(lines: list[str]) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["kintsugi_refresh"] = CANARIES["cookie"]
    response = client.post(
        f"/api/test/secret?token={CANARIES['query']}",
        json.dumps({"password": CANARIES["body"], "note": f"my key is {CANARIES['key']}"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {CANARIES['header']}"},
    )
    assert response.status_code == 500
    text = "\n".join(lines)
    assert "cannot handle" in text, "the exception was not logged at all"
    assert "got" in text
    for canary in CANARIES.values():
        assert canary not in text
        assert canary not in response.content.decode()


@pytest.mark.urls("core.tests.urls")
def test_the_access_log_names_the_route_and_the_user(
    alice: AbstractBaseUser, client_of: Callable[[AbstractBaseUser], APIClient]
) -> None:
    handler = Lines(JsonFormatter())
    logging.getLogger("kintsugi.access").addHandler(handler)
    try:
        response = client_of(alice).get("/api/test/list?token=abcdefgh&search=private")
    finally:
        logging.getLogger("kintsugi.access").removeHandler(handler)
    line = json.loads(handler.lines[-1])
    assert (line["method"], line["route"], line["status"]) == ("GET", "api/test/list", 200)
    assert line["user_id"] == str(alice.pk)
    assert line["request_id"] == response.headers["X-Request-Id"]
    assert line["duration_ms"] >= 0
    assert "private" not in handler.lines[-1]


def test_a_json_line_holds_extras_and_the_exception() -> None:
    handler = Lines(JsonFormatter())
    logger = logging.getLogger("core.tests.lines")
    logger.addHandler(handler)
    try:
        raise ValueError("password=hunter2222")
    except ValueError:
        logger.exception("Broken %s", "thing", extra={"api_key": "x" * 20, "count": 3, "owner": UUID(int=1)})
    finally:
        logger.removeHandler(handler)
    line = json.loads(handler.lines[0])
    assert line["message"] == "Broken thing"
    assert (line["count"], line["api_key"], line["owner"]) == (3, "[redacted]", str(UUID(int=1)))
    assert "ValueError" in line["exception"]
    assert "hunter2222" not in handler.lines[0]
    assert "\n" not in handler.lines[0]


@pytest.mark.parametrize("as_json", [True, False])
def test_in_a_real_process_every_logger_passes_the_redaction(as_json: bool) -> None:
    program = f"""
import logging, logging.config
from core.observability.logs import logging_config
logging.config.dictConfig(logging_config(level="INFO", as_json={as_json}))
logging.getLogger("uvicorn.error").info("GET /?token=CANARY12345 HTTP/1.1")
logging.getLogger("django.server").info("GET /?token=CANARY12345 HTTP/1.1")
logging.getLogger("uvicorn.access").info("not wanted")
logging.getLogger("anything").warning("password=%s", "CANARY12345")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert "CANARY" not in done.stderr + done.stdout
    assert "not wanted" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 3


def test_the_logging_configuration_of_the_house_is_this_one() -> None:
    assert logging_config(level="INFO", as_json=False) == house_settings.LOGGING


# Figures


@pytest.mark.urls("core.tests.urls")
@pytest.mark.django_db
def test_figures_are_kept_by_route_template(client: Client) -> None:
    name = "kintsugi_http_request_duration_seconds_count"
    labels = {"method": "GET", "route": "api/test/fault/<str:kind>", "status": "418"}
    before = sample(name, **labels)
    client.get("/api/test/fault/domain")
    assert sample(name, **labels) == before + 1
    unmatched = {"method": "OTHER", "route": "unmatched", "status": "404"}
    before = sample(name, **unmatched)
    client.generic("BREW", "/api/nowhere/with/secret/path")
    assert sample(name, **unmatched) == before + 1
    assert sample("kintsugi_http_requests_in_flight") == 0


@pytest.mark.urls("core.tests.urls")
@pytest.mark.django_db
def test_faults_queries_and_cache_reads_are_counted() -> None:
    from core.files.models import StoredFile

    faults = sample("kintsugi_unhandled_exceptions_total", exception="RuntimeError")
    Client(raise_request_exception=False).get("/api/test/fault/fault")
    assert sample("kintsugi_unhandled_exceptions_total", exception="RuntimeError") == faults + 1
    selects = sample("kintsugi_db_query_duration_seconds_count", operation="select")
    StoredFile.objects.exists()
    assert sample("kintsugi_db_query_duration_seconds_count", operation="select") == selects + 1
    hits, misses = (sample("kintsugi_cache_reads_total", result=result) for result in ("hit", "miss"))
    cache.set("known", None)
    assert cache.get("known", "default") is None
    assert cache.get("unknown", "default") == "default"
    assert sample("kintsugi_cache_reads_total", result="hit") == hits + 1
    assert sample("kintsugi_cache_reads_total", result="miss") == misses + 1


def test_metrics_are_open_in_development_and_hold_the_process(client: Client) -> None:
    text = client.get("/metrics").content.decode()
    assert "process_resident_memory_bytes" in text
    assert "kintsugi_http_requests_in_flight" in text


def test_metrics_need_the_token_where_one_is_set(client: Client, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer ключ"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer scrape-me"}).status_code == 200
    settings.METRICS_TOKEN = ""
    settings.ENVIRONMENT = "production"
    assert client.get("/metrics").status_code == 401


# Health


@pytest.fixture
def _looks_again() -> Iterator[None]:
    readiness_room.readiness.forget()
    yield
    readiness_room.readiness.forget()


def test_health_asks_nothing(client: Client) -> None:
    # No database mark: a query would fail the test.
    assert client.get("/health").json() == {"status": "ok"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_looks_again")
def test_ready_looks_at_everything(client: Client, settings: LazySettings) -> None:
    response = client.get("/ready")
    body = response.json()
    assert (response.status_code, body["status"], body["failed"]) == (200, "ready", [])
    expected = {"database", "migrations", "storage"} | (set() if settings.EMBEDDED else {"redis"})
    assert set(body["checks"]) == expected
    assert all(check["ok"] and check["ms"] >= 0 for check in body["checks"].values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_looks_again")
def test_a_disk_that_has_room_for_no_file_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_anything: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "_save", full)
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["failed"]) == (503, ["storage"])


def _fail() -> None:
    raise ConnectionError("secret inside")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_looks_again")
@pytest.mark.parametrize("broken", ["_database", "_migrations", "_storage"])
def test_ready_names_what_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    monkeypatch.setattr(readiness_room, broken, _fail)
    response = client.get("/ready")
    assert (response.status_code, response.json()["failed"]) == (503, [broken[1:]])
    assert response.headers["Retry-After"] == "5"
    assert "secret" not in response.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_looks_again")
def test_ready_notices_a_redis_that_is_gone(client: Client, settings: LazySettings) -> None:
    settings.EMBEDDED = False
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    readiness_room._redis_ping.cache_clear()
    try:
        assert client.get("/ready").json()["failed"] == ["redis"]
    finally:
        readiness_room._redis_ping.cache_clear()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_looks_again")
def test_ready_does_not_wait_for_a_check_that_hangs(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(readiness_room, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(readiness_room, "_storage", lambda: release.wait(30))
    try:
        assert "storage" in client.get("/ready").json()["failed"]
    finally:
        release.set()


@pytest.mark.usefixtures("_looks_again")
def test_ready_cannot_be_used_to_make_work(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(readiness_room, "_probes", lambda: {"thing": lambda: looked.append(1)})
    for _ in range(20):
        assert client.get("/ready").status_code == 200
    assert looked == [1]


# Error reports


@pytest.mark.urls("core.tests.urls")
@pytest.mark.django_db
def test_sentry_gets_faults_without_secrets() -> None:
    import sentry_sdk
    from sentry_sdk.envelope import Envelope
    from sentry_sdk.transport import Transport

    from core.observability import sentry

    sent: list[str] = []

    class Recorder(Transport):
        def capture_envelope(self, envelope: Envelope) -> None:
            sent.append(envelope.serialize().decode())

    sentry.start("https://key@sentry.invalid/1", environment="test", transport=Recorder)
    try:
        client = Client(raise_request_exception=False)
        client.cookies["kintsugi_refresh"] = CANARIES["cookie"]
        client.post(
            f"/api/test/secret?token={CANARIES['query']}",
            json.dumps({"password": CANARIES["body"], "note": f"my key is {CANARIES['key']}"}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {CANARIES['header']}"},
        )
        sentry_sdk.flush()
    finally:
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
    text = "\n".join(sent)
    assert "cannot handle" in text
    assert "request_id" in text
    for canary in CANARIES.values():
        assert canary not in text


def test_sentry_is_not_imported_without_a_dsn() -> None:
    program = "import kintsugi.asgi, sys; print('sentry_sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
