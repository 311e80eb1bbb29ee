"""The client says every refusal of the server in both languages: its tables have each code there is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import get_resolver

from core.errors import DomainError
from kintsugi.config import BASE_DIR

TABLES = [BASE_DIR / "frontend/src/lib" / name for name in ("errorText.ts", "errorWords.ts")]


def _refusals(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for refusal in base.__subclasses__():
        yield refusal
        yield from _refusals(refusal)


def test_every_code_of_the_server_has_words_in_the_client() -> None:
    # Reading the addresses loads all views, and with them every error they may raise.
    assert get_resolver().url_patterns
    # Tests make refusals of their own.
    ours = {one.code for one in _refusals(DomainError) if ".tests" not in one.__module__}
    said = {code for table in TABLES for code in re.findall(r"^\s+(\w+): \"", table.read_text(), re.MULTILINE)}
    assert len(ours) > 80
    assert sorted(ours - said) == []
