from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.processes import PRODUCTION
from tests.kit.processes import environment
from tests.kit.processes import manage

pytestmark = pytest.mark.any_stack


def _check(tmp_path: Path, change: dict[str, str], *, built: bool = True) -> tuple[int, str]:
    """``check --deploy`` with production settings, in a process of its own."""
    if built:
        (tmp_path / "manifest.json").write_text("{}")
    env = environment(tmp_path, **PRODUCTION | change, DJANGO_SETTINGS_MODULE="tests.probe.built")
    result = manage("check", "--deploy", "--fail-level", "WARNING", env=env)
    return result.returncode, result.stdout + result.stderr


def test_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    assert _check(tmp_path, {}) == (0, "System check identified no issues (1 silenced).\n")


@pytest.mark.parametrize(
    ("change", "identifier", "hint"),
    [
        ({"S3_ACCESS_KEY": "", "S3_SECRET_KEY": ""}, "kintsugi.W001", "Set S3_BUCKET"),
        ({"OPENAI_API_KEY": ""}, "kintsugi.W002", "set OPENAI_API_KEY"),
        ({"TRUSTED_PROXIES": "0"}, "kintsugi.W003", "set TRUSTED_PROXIES=1"),
    ],
)
def test_what_is_missing_is_said_with_a_hint(
    tmp_path: Path, change: dict[str, str], identifier: str, hint: str
) -> None:
    status, output = _check(tmp_path, change)
    assert status == 1
    assert identifier in output
    assert hint in output


def test_a_client_that_was_not_built_is_an_error(tmp_path: Path) -> None:
    status, output = _check(tmp_path, {}, built=False)
    assert status == 1
    assert "kintsugi.E001" in output


def test_the_demo_model_counts_as_somebody_who_answers(tmp_path: Path) -> None:
    assert _check(tmp_path, {"OPENAI_API_KEY": "", "DEMO_PROVIDERS": "true"})[0] == 0
