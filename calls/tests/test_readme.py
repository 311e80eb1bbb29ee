"""The README names the tests that keep what it promises: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.any_stack

_README = BASE_DIR / "calls" / "README.md"
_PLACES = ("calls/tests", "tests/e2e", "tests/proof/calls", "frontend/src/features/calls")


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`([\w.]+\.(?:py|ts))::([^`]+)`", _README.read_text(encoding="utf-8"))
    assert len(named) > 30
    missing = [f"{file}::{name}" for file, name in named if not any(_has(path, name) for path in _found(file))]
    assert missing == []


def _found(file: str) -> list[Path]:
    """Wherever a file of this name is: calls have tests on three floors."""
    return [path for place in _PLACES for path in (BASE_DIR / place).rglob(file)]


def _has(path: Path, name: str) -> bool:
    text = path.read_text(encoding="utf-8")
    return f'"{name}"' in text if path.suffix == ".ts" else f"def {name}(" in text
