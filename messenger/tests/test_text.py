from __future__ import annotations

import json
from pathlib import Path

import pytest

from messenger import text

pytestmark = pytest.mark.any_stack

GRAMMAR = json.loads(Path(__file__).with_name("grammar.json").read_text())
"""The client's reader is tested by the same cases."""


@pytest.mark.parametrize(("content", "found"), GRAMMAR["addresses"])
def test_addresses_are_those_the_client_shows(content: str, found: list[str]) -> None:
    assert list(text.addresses(content)) == found
    assert text.first_link(content) == (found[0] if found else None)


@pytest.mark.parametrize(("content", "found"), GRAMMAR["mentions"])
def test_names_are_those_the_client_paints(content: str, found: list[str]) -> None:
    assert text.names(content) & {"alice", "bob", "bob-k"} == set(found)
