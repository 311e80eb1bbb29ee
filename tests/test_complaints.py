"""READMEs list what users complain about elsewhere, and the test that keeps it from happening here: each is there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.any_stack

_COMPLAINTS = {"agents": 20, "calls": 20, "translation": 14}
_PLACES = ("agents", "calls", "messenger", "translation", "tests", "frontend/src")
_ROW = re.compile(r"^\| (\d{1,2}) \|.*\| ([^|]+) \|$", re.MULTILINE)
_NAMED = re.compile(r"`([\w.]+\.(?:py|tsx?))::([^`]+)`")


@pytest.mark.parametrize("app", _COMPLAINTS)
def test_every_complaint_has_a_test_and_every_test_that_is_named_is_there(app: str) -> None:
    text = (BASE_DIR / app / "README.md").read_text(encoding="utf-8")
    rows = _ROW.findall(text)
    assert [int(number) for number, _tests in rows] == list(range(1, _COMPLAINTS[app] + 1))
    assert [number for number, tests in rows if "::" not in tests] == []
    missing = [f"{file}::{name}" for file, name in _NAMED.findall(text) if not any(_has(p, name) for p in _found(file))]
    assert missing == []


@cache
def _found(file: str) -> tuple[Path, ...]:
    """Wherever a file of this name is: what an app does is tested on several floors."""
    return tuple(path for place in _PLACES for path in (BASE_DIR / place).rglob(file))


def _has(path: Path, name: str) -> bool:
    text = path.read_text(encoding="utf-8")
    return f"def {name}(" in text if path.suffix == ".py" else f'"{name}"' in text
