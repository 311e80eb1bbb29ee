"""Programs that nobody here wrote, as ``make peers-agents`` has installed them."""

from __future__ import annotations

import os

import pytest


def peer(variable: str, what: str) -> str:
    """Where it is. Under ``make peers-agents`` one that is missing is a failure, else the test is skipped."""
    path = os.environ.get(variable, "")
    if path:
        return path
    if os.environ.get("PEERS_AGENTS"):
        pytest.fail(f"not checked: {what} could not be had")
    pytest.skip(f"{what} is fetched by `make peers-agents`")
