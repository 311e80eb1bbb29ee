"""``make peers``: every model server there is, asked by every protocol; who showed what is ``docs/models-peers.md``.

One of them comes from npm. It is fetched into a folder of its own; where it cannot be, the table says "not checked".
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
AIMOCK = "@copilotkit/aimock@1.43.0"


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """What the test wants to know beside the usual."""
    extra = {"PEERS_TABLE": str(TABLE)}
    with tempfile.TemporaryDirectory() as folder:
        node = client.node_environment()
        options = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder)
        if subprocess.run(["npm", "install", *options, AIMOCK], env=node, check=False).returncode == 0:
            extra |= {"AIMOCK": str(Path(folder) / "node_modules" / ".bin" / "llmock"), "PATH": node["PATH"]}
        yield extra
