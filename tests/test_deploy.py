"""What `make run` says when something is in its way."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from deploy import client
from deploy import debian
from deploy import python
from deploy import schemas
from deploy import services
from deploy import steps
from deploy import targets
from deploy.__main__ import main
from deploy.steps import Failure
from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.any_stack


def _deploy(*arguments: str, cwd: Path = BASE_DIR, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-m", "deploy", *arguments],
        cwd=cwd,
        env=os.environ | extra,
        check=False,
        capture_output=True,
        text=True,
        timeout=110,
    )


def test_a_python_that_is_too_old_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"], (3, 9, 2)) == 1
    assert capsys.readouterr().err.startswith("Kintsugi needs Python 3.11 or newer; this is 3.9.2.")


def test_the_entry_point_can_be_read_by_an_old_python() -> None:
    import ast

    for name in ("__init__.py", "__main__.py"):
        ast.parse((BASE_DIR / "deploy" / name).read_text(), feature_version=(3, 7))


def test_a_taken_port_is_said_before_anything_is_installed() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = _deploy("run", PORT=str(port))
    assert result.returncode == 1
    assert result.stderr.strip() == f"Port {port} is taken by another program. Take another one: make run PORT=8081"
    assert result.stdout == ""


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_a_port_is_a_number(port: str) -> None:
    result = _deploy("run", PORT=port)
    assert (result.returncode, result.stderr.strip()) == (
        1,
        f"PORT must be a number from 1 to 65535, not {port!r}.",
    )


def test_an_unknown_target_lists_the_known_ones() -> None:
    result = _deploy("fly")
    assert result.returncode == 1
    assert "There is no target 'fly'. There are: run, setup, test" in result.stderr


def test_a_failed_download_is_a_sentence(tmp_path: Path) -> None:
    shutil.copytree(BASE_DIR / "deploy", tmp_path / "deploy")
    for name in ("requirements.txt", "requirements-build.txt"):
        shutil.copy(BASE_DIR / name, tmp_path)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    offline = nowhere | {"PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "PIP_TIMEOUT": "2"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    result = _deploy("run", cwd=tmp_path, PORT=str(port), **offline)
    assert result.returncode == 1
    assert "A download failed. Check the connection to the internet" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full."),
        ("npm error code ENOSPC", "The disk is full."),
        ("npm error network ENOTFOUND", "A download failed."),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "A downloaded package is not the one that was pinned."),
    ],
)
def test_known_causes_have_a_sentence(output: str, sentence: str) -> None:
    assert steps.explain(["tool"], output).startswith(sentence)


def test_an_unknown_cause_shows_the_last_lines() -> None:
    said = steps.explain(["tool", "build"], "\n".join(f"line {n}" for n in range(40)))
    assert said.startswith("This command failed: tool build")
    assert "line 39" in said
    assert "line 10\n" not in said


def test_a_full_disk_between_commands_is_a_sentence_too() -> None:
    with pytest.raises(Failure, match="The disk is full"), steps.step("Writing"):
        raise OSError(28, "No space left on device")


def test_a_step_shows_its_duration(capsys: pytest.CaptureFixture[str]) -> None:
    with steps.step("Counting"):
        pass
    assert capsys.readouterr().out.rstrip().endswith("0.0 s")


def test_one_package_is_installed_with_its_hashes_alone() -> None:
    lines = python.pinned("uv").splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all(line.lstrip().startswith("--hash=sha256:") for line in lines[1:])
    assert not lines[-1].endswith("\\")


def test_stamps_follow_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "STAMPS", tmp_path / "stamps")
    source = tmp_path / "main.ts"
    source.write_text("one")
    before = steps.fingerprint([source])
    assert not steps.is_fresh("client", before)
    steps.mark("client", before)
    assert steps.is_fresh("client", steps.fingerprint([source]))
    monkeypatch.setattr(steps, "ROOT", tmp_path / "elsewhere")
    assert not steps.is_fresh("client", before), "another tree with the same environment has built nothing"
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    source.write_text("two")
    assert not steps.is_fresh("client", steps.fingerprint([source]))


def test_settings_come_from_the_environment_then_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.delenv("ENV_FILE")
    (tmp_path / ".env").write_text("# PORT=1\nPORT=9001\nBIND='0.0.0.0'\nDEBUG=\n")
    monkeypatch.setenv("BIND", "")
    assert [steps.setting(name, "x") for name in ("PORT", "BIND", "DEBUG", "ABSENT")] == ["9001", "0.0.0.0", "x", "x"]
    monkeypatch.setenv("PORT", "9002")
    assert steps.setting("PORT") == "9002"


def test_the_schemas_do_not_depend_on_the_database(tmp_path: Path) -> None:
    """The suite runs on SQLite and on PostgreSQL; ``make lint`` compares what no configuration at all gives."""
    openapi, socket_schema, document = (tmp_path / name for name in ("openapi.json", "socket.json", "socket.md"))
    call_command("spectacular", "--format", "openapi-json", "--file", str(openapi))
    call_command("socket_schema", "--file", str(socket_schema), "--document", str(document))
    assert openapi.read_bytes() == schemas.OPENAPI.read_bytes()
    assert socket_schema.read_bytes() == schemas.SOCKET_SCHEMA.read_bytes()
    assert document.read_bytes() == schemas.SOCKET_DOCUMENT.read_bytes()


def test_what_is_generated_knows_nothing_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://localhost/site")
    monkeypatch.setenv("DISABLED_APPS", "aichat")
    environment = python.bare_environment()
    assert environment["ENV_FILE"] == os.devnull
    assert environment.keys().isdisjoint({"DATABASE_URL", "DISABLED_APPS"})


@pytest.mark.parametrize(
    ("version", "enough"), [("v20.18.3", False), ("v18.0.0", False), ("v20.19.0", True), ("v24.1.0", True), ("", False)]
)
def test_only_a_node_that_is_new_enough_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, enough: bool
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert client._is_new_enough() is enough


def test_lint_builds_the_client_and_weighs_its_first_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def npm(*words: str) -> int:
        done.append(" ".join(words))
        return 1

    monkeypatch.setattr(python, "ensure", lambda *_names: None)
    monkeypatch.setattr(client, "ensure_built", lambda: done.append("build"))
    monkeypatch.setattr(targets, "_npm", npm)
    assert targets.lint(["bundle"]) == 1
    assert done == ["build", "run size"]


def test_without_a_browser_nothing_counts_as_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(Failure, match="Not checked: the browser tests need Chromium"):
        debian.browsers()


def test_services_that_cannot_be_reached_are_named_without_their_passwords() -> None:
    found = services.problems("postgres://me:s3cret@127.0.0.1:9/db", "redis://:s3cret@127.0.0.1:9/0")
    assert [sentence.split(":")[0] for sentence in found] == [
        "PostgreSQL cannot be reached at 127.0.0.1",
        "Redis cannot be reached at 127.0.0.1",
    ]
    assert "s3cret" not in " ".join(found)
