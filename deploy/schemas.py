"""The schemas of the API and of the socket, and what is generated from them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy import client
from deploy import python
from deploy.steps import ROOT

OPENAPI = client.FRONTEND / "openapi.json"
TYPES = client.FRONTEND / "src" / "lib" / "api" / "schema.gen.ts"
SOCKET_SCHEMA = client.FRONTEND / "socket.json"
SOCKET_TYPES = client.FRONTEND / "src" / "lib" / "realtime" / "events.gen.ts"
SOCKET_DOCUMENT = ROOT / "docs" / "websocket.md"
GENERATED = (OPENAPI, TYPES, SOCKET_SCHEMA, SOCKET_TYPES, SOCKET_DOCUMENT)


def write(openapi: Path, socket_schema: Path, document: Path) -> int:
    """As the code has them: this site's database, keys and ``.env`` have no part in it. Fails on any warning."""
    openapi.parent.mkdir(parents=True, exist_ok=True)
    strict = ["--validate", "--fail-on-warn", "--format", "openapi-json"]
    commands = [
        ["spectacular", *strict, "--file", str(openapi)],
        ["socket_schema", "--file", str(socket_schema), "--document", str(document)],
    ]
    environment = python.bare_environment()
    for command in commands:
        done = subprocess.run([python.PYTHON, "manage.py", *command], cwd=ROOT, env=environment, check=False)
        if done.returncode:
            return done.returncode
    return 0
