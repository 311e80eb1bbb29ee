"""The virtual environment and the pinned packages in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from deploy import steps
from deploy.steps import ROOT
from deploy.steps import Failure

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
BUILD = ROOT / "requirements-build.txt"
_OF_THE_MACHINE = ("PATH", "HOME", "VIRTUAL_ENV", "PYTHONUNBUFFERED")


def ensure(*names: str) -> None:
    """Create ``.venv`` when missing or broken and install the named requirement files with their hashes."""
    files = [ROOT / name for name in names]
    wanted = steps.fingerprint(files, sys.version)
    stamp = "+".join(names)
    if _works() and steps.is_fresh(stamp, wanted):
        return
    if not _works():
        with steps.step("Creating .venv"):
            _create()
    with steps.step("Installing Python packages"):
        install(files)
    steps.mark(stamp, wanted)


def _works() -> bool:
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", "import sys; print(sys.version)"]
    said = subprocess.run(probe, check=False, capture_output=True, text=True).stdout
    return said.strip() == sys.version


def _create() -> None:
    try:
        steps.run([sys.executable, "-m", "venv", "--clear", VENV])
    except Failure as failure:
        if "ensurepip" in str(failure):
            raise Failure(
                "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"
            ) from None
        raise


def install(files: list[Path]) -> None:
    """uv when it can be had, as it is many times faster; else pip."""
    requirements = [word for file in files for word in ("-r", str(file))]
    if _has_uv():
        try:
            # The system's certificates, as pip uses them too: a company's proxy has its own.
            steps.run([UV, "pip", "install", "--system-certs", "--python", PYTHON, "--require-hashes", *requirements])
        except Failure:
            # uv reads no pip.conf: an index or a mirror that only pip knows is tried next.
            pass
        else:
            return
    _pip("install", "--require-hashes", *requirements)


def _has_uv() -> bool:
    if UV.exists():
        return True
    try:
        install_build_tool("uv")
    except Failure:
        return False
    return UV.exists()


def install_build_tool(name: str) -> None:
    """Install one package of ``requirements-build.txt``, pinned and with its hashes."""
    single = VENV / f"{name}.txt"
    single.write_text(pinned(name), encoding="utf-8")
    _pip("install", "--require-hashes", "--no-deps", "-r", str(single))


def pinned(name: str) -> str:
    """The lines of ``requirements-build.txt`` that pin one package."""
    lines = BUILD.read_text(encoding="utf-8").splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"{name}=="))
    block = [lines[start]]
    for line in lines[start + 1 :]:
        if not line.startswith("    --hash"):
            break
        block.append(line)
    return "\n".join(block).removesuffix("\\") + "\n"


def _pip(*arguments: str) -> None:
    steps.run([PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments])


def environment(**extra: str) -> dict[str, str]:
    """The environment of the project's own commands: its tools come first."""
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    # Where byte code may not be kept, every start compiles the whole house again: seconds instead of one.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {"PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONUNBUFFERED": "1"} | extra


def bare_environment() -> dict[str, str]:
    """The same without what configures a site, ``.env`` included: for what must come out the same everywhere."""
    configured = environment()
    kept = {name: configured[name] for name in _OF_THE_MACHINE if name in configured}
    return kept | {"ENV_FILE": os.devnull}
