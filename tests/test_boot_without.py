"""The project starts without each app that can be left out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from kintsugi.config import OPTIONAL_APPS
from tests.kit.databases import database
from tests.kit.databases import migrate
from tests.kit.processes import environment
from tests.kit.processes import free_port
from tests.kit.processes import manage
from tests.kit.servers import Server
from tests.kit.servers import serving


@pytest.mark.parametrize("app", OPTIONAL_APPS)
def test_boots_without(app: str, tmp_path: Path) -> None:
    """Where it was there: switched off, its tables stay."""
    with serving(tmp_path, DISABLED_APPS=app) as server:
        _is_whole_without({app}, server)
        # The checks, and no migration of another app that waits for one of this.
        checked = manage("migrate", "--check", env=server.env)
        assert checked.returncode == 0, checked.stderr


def test_a_new_house_without_any_of_them(tmp_path: Path) -> None:
    """Where none was ever there."""
    with database() as settings:
        port = free_port()
        env = environment(tmp_path, PORT=str(port), DISABLED_APPS=",".join(OPTIONAL_APPS), **settings)
        migrate(env)
        with Server((sys.executable, "manage.py", "serve"), port, env, tmp_path / "server.log").running() as server:
            _is_whole_without(set(OPTIONAL_APPS), server)


def _is_whole_without(apps: set[str], server: Server) -> None:
    assert server.get("/health")[0] == 200
    status, _, body = server.get("/api/config")
    assert status == 200
    assert apps.isdisjoint(json.loads(body)["modules"])
    status, _, body = server.get("/api/schema?format=json")
    assert status == 200
    shown = body.decode().replace(" ", "")
    assert not [app for app in apps if f'"tags":["{app}"]' in shown]
    assert "Traceback" not in server.log


def test_a_full_house_names_all_of_them(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        modules = json.loads(server.get("/api/config")[2])["modules"]
    assert set(OPTIONAL_APPS) <= set(modules)
