"""``make peers-agents``: what agents call, as others have built it: n8n, a tool server, a signer, a scripted model.

They come from npm and PyPI into folders of their own; n8n alone is 1.5 GB. Each that cannot be had is "not checked",
and that is a failure.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import client
from deploy import model_peers

N8N = "n8n@2.0.3"
"""Newer ones want Node 24 and a package that is not in the registry (2.41.3: @n8n/agents 0.26.2)."""
TESTS = (
    "agents/tests/test_peer_n8n.py",
    model_peers.TOOLS_TEST,
    "agents/tests/test_egress_build.py",
    "agents/tests/test_runs.py",
)
_OPTIONS = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional")


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """Where the peers are. ``PEERS_FOLDER`` keeps them for the next time."""
    with tempfile.TemporaryDirectory() as fresh:
        folder = Path(os.environ.get("PEERS_FOLDER") or fresh)
        extra = {"PEERS_AGENTS": "1"}
        extra |= {"N8N": _installed(folder / "n8n", N8N, "n8n/bin/n8n")}
        everything = _installed(
            folder / "mcp", model_peers.EVERYTHING, f"{_name(model_peers.EVERYTHING)}/dist/index.js"
        )
        yield {name: value for name, value in (extra | {"MCP_EVERYTHING": everything}).items() if value}


def _name(package: str) -> str:
    return package.rpartition("@")[0]


def _installed(folder: Path, package: str, script: str) -> str:
    """The script of a package, installed unless it is there already; empty where it cannot be had."""
    path = folder / "node_modules" / script
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # n8n takes xlsx from a host that is no registry; the registry's own does for a peer.
        about = {"name": "peer", "version": "1.0.0", "private": True, "overrides": {"xlsx": "0.18.5"}}
        (folder / "package.json").write_text(json.dumps(about), encoding="utf-8")
        command = ["npm", "install", *_OPTIONS, package]
        subprocess.run(command, cwd=folder, env=client.node_environment(), check=False)
    return str(path) if path.exists() else ""
