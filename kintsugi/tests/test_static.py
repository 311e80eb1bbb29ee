from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def _a_built_client(tmp_path: Path, settings: Any) -> None:
    root = tmp_path / "static"
    for name in ("assets/main-B2AdH0Y_.js", "assets/main-B2AdH0Y_.js.map", "icon.svg", "assets/plain.js"):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    settings.STATIC_ROOT = root
    settings.SERVESTATIC_USE_FINDERS = False


@pytest.mark.usefixtures("_a_built_client")
@pytest.mark.parametrize(
    ("name", "for_ever"),
    [
        ("assets/main-B2AdH0Y_.js", True),
        ("assets/main-B2AdH0Y_.js.map", True),
        ("assets/plain.js", False),
        ("icon.svg", False),
    ],
)
async def test_only_names_with_a_hash_are_kept_for_ever(name: str, *, for_ever: bool) -> None:
    answer = await AsyncClient().get(f"/static/{name}")
    assert answer.status_code == 200
    assert ("immutable" in answer["Cache-Control"]) is for_ever
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.usefixtures("_a_built_client")
@pytest.mark.parametrize("path", ["../kintsugi.sqlite3", "..%2fkintsugi.sqlite3", "assets/../../secrets/jwt_secret"])
async def test_nothing_beside_the_static_files_can_be_read(path: str) -> None:
    assert (await AsyncClient().get(f"/static/{path}")).status_code == 404
