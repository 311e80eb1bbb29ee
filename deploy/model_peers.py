"""``make peers``: every model server there is, asked by every protocol; who showed what is ``docs/models-peers.md``.
Then a tool server of others, asked as agents ask.

Two of them come from npm. They are fetched into a folder of their own; where one cannot be, the table says "not
checked", or its tests are skipped.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import client
from deploy.steps import ROOT

TABLE = ROOT / "docs" / "models-peers.md"
TEST = "core/llm/tests/test_peers.py"
TOOLS_TEST = "agents/tests/test_mcp_servers.py"
EVERYTHING = "@modelcontextprotocol/server-everything@2026.8.31"
AIMOCK = "@copilotkit/aimock@1.43.0"


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """What the test wants to know beside the usual."""
    extra = {"PEERS_TABLE": str(TABLE)}
    with tempfile.TemporaryDirectory() as folder:
        node = client.node_environment()
        options = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder)
        modules = Path(folder) / "node_modules"
        if subprocess.run(["npm", "install", *options, AIMOCK], env=node, check=False).returncode == 0:
            extra |= {"AIMOCK": str(modules / ".bin" / "llmock"), "PATH": node["PATH"]}
        if subprocess.run(["npm", "install", *options, EVERYTHING], env=node, check=False).returncode == 0:
            path = modules / "@modelcontextprotocol" / "server-everything" / "dist" / "index.js"
            extra |= {"MCP_EVERYTHING": str(path), "PATH": node["PATH"]}
        yield extra
