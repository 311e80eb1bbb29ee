"""The README names the tests that keep what it promises: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.any_stack

_README = BASE_DIR / "agents" / "README.md"
_PLACES = ("agents/tests", "messenger/tests", "tests/e2e", "tests", "frontend/src")


def test_every_complaint_has_a_test_and_every_test_that_is_named_is_there() -> None:
    text = _README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", text, re.MULTILINE)
    assert [int(number) for number, _tests in rows] == list(range(1, 21))
    unproven = [number for number, tests in rows if "::" not in tests]
    assert unproven == []
    named = re.findall(r"`([\w.]+\.(?:py|tsx?))::([^`]+)`", text)
    missing = [f"{file}::{name}" for file, name in named if not any(_has(path, name) for path in _found(file))]
    assert missing == []


def _found(file: str) -> list[Path]:
    """Wherever a file of this name is: what agents do is tested in the messenger and in browsers as well."""
    return [path for place in _PLACES for path in (BASE_DIR / place).rglob(file) if "node_modules" not in path.parts]


def _has(path: Path, name: str) -> bool:
    text = path.read_text(encoding="utf-8")
    return f"def {name}(" in text if path.suffix == ".py" else f'"{name}"' in text
