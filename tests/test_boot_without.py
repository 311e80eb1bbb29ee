"""The project starts without each app that can be left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kintsugi.config import OPTIONAL_APPS
from tests.kit.processes import environment
from tests.kit.processes import manage
from tests.kit.servers import serving


@pytest.mark.parametrize("app", OPTIONAL_APPS)
def test_boots_without(app: str, tmp_path: Path) -> None:
    checked = manage("check", env=environment(tmp_path, DISABLED_APPS=app))
    assert checked.returncode == 0, checked.stderr
    with serving(tmp_path, DISABLED_APPS=app) as server:
        assert server.get("/health")[0] == 200
        status, _, body = server.get("/api/config")
        assert status == 200
        assert app not in json.loads(body)["modules"]
        status, _, body = server.get("/api/schema?format=json")
        assert status == 200
        assert f'"tags":["{app}"]' not in body.decode().replace(" ", "")
    assert "Traceback" not in server.log


def test_a_full_house_names_all_of_them(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        modules = json.loads(server.get("/api/config")[2])["modules"]
    assert set(OPTIONAL_APPS) <= set(modules)
