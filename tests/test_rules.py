"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from pathlib import PurePosixPath

import pytest

from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.any_stack

APPS = sorted(path.parent.name for path in BASE_DIR.glob("*/apps.py"))
LONGEST_FUNCTION = 80
LONGEST_MODULE = 400
REQUIREMENTS = ("requirements", "requirements-dev", "requirements-build")
# Built from parts, so that this file does not contain what it looks for.
FORBIDDEN = [re.escape("/" + "work/"), "Co-" + "authored", "TO" + "DO", "FIX" + "ME"]


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for name in listed.stdout.splitlines() if (path := BASE_DIR / name).is_file()]


def _functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Every function of the product with its length in lines, docstring and decorators left out."""
    for path in _tracked("*.py"):
        parts = path.relative_to(BASE_DIR).parts
        if "migrations" in parts or "tests" in parts or parts[0] not in {*APPS, "deploy"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
                yield path, node, (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_functions_are_small() -> None:
    found = list(_functions())
    lengths = sorted(length for _, _, length in found)
    too_long = [
        f"{path.relative_to(BASE_DIR)}:{node.name} ({length})"
        for path, node, length in found
        if length > LONGEST_FUNCTION
    ]
    assert too_long == []
    assert statistics.median(lengths) <= 10
    assert lengths[int(len(lengths) * 0.9)] <= 35


def test_modules_become_packages_before_they_are_too_long() -> None:
    """Tests are modules as well; migrations are written by Django."""
    modules = [path for path in _tracked("*.py") if "migrations" not in path.parts]
    sizes = {path.relative_to(BASE_DIR): len(path.read_text().splitlines()) for path in modules}
    assert [f"{path} ({size})" for path, size in sizes.items() if size > LONGEST_MODULE] == []


@pytest.mark.parametrize("app", [app for app in APPS if app != "kintsugi"])
def test_every_app_has_a_readme(app: str) -> None:
    text = BASE_DIR / app / "README.md"
    assert text.exists(), f"{app}/README.md is missing"
    assert len(text.read_text().splitlines()) > 5


def test_the_text_of_the_project_speaks_of_the_project() -> None:
    pattern = re.compile("|".join(FORBIDDEN))
    binary = {".png", ".jpg", ".ico", ".woff2", ".pdf", ".gguf"}
    found = [
        f"{path.relative_to(BASE_DIR)}: {match[0]}"
        for path in _tracked()
        if path.suffix not in binary and (match := pattern.search(path.read_text(errors="ignore")))
    ]
    assert found == []


def test_no_model_searches_the_sources_while_it_is_made() -> None:
    """Pydantic's way to docstrings of fields cost 4 s of every start; ``core.shapes`` reads them when asked."""
    setting = "use_attribute_docstrings" + "=True"
    assert [str(path) for path in _tracked("*.py") if setting in path.read_text()] == []


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pinned_with_hashes(name: str) -> None:
    text = (BASE_DIR / f"{name}.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[A-Za-z0-9._\[\],-]+==\S+", line), line[:80]
        assert "--hash=sha256:" in line, line[:80]


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_what_is_asked_for_is_pinned(name: str) -> None:
    pinned = (BASE_DIR / f"{name}.txt").read_text().lower()
    for package in _asked_for(name):
        assert re.search(rf"^{re.escape(package.lower())}(\[[^]]*\])?==", pinned, re.MULTILINE), package


def _asked_for(name: str) -> list[str]:
    lines = (BASE_DIR / f"{name}.in").read_text().splitlines()
    return [re.split(r"[\[<>=~ ]", line)[0] for line in lines if line and not line.startswith(("-", "#"))]


def test_the_same_versions_everywhere() -> None:
    versions: dict[str, set[str]] = {}
    for name in REQUIREMENTS:
        for package, version in re.findall(
            r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", (BASE_DIR / f"{name}.txt").read_text(), re.MULTILINE
        ):
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_every_dependency_says_what_it_earns() -> None:
    explained = set(re.findall(r"^\| `([^`]+)` \|", (BASE_DIR / "docs" / "dependencies.md").read_text(), re.MULTILINE))
    asked = {package for name in REQUIREMENTS for package in _asked_for(name)}
    assert explained == asked


@pytest.mark.parametrize("page", ["paths.md", "glossary.md"])
def test_the_files_and_folders_a_page_names_exist(page: str) -> None:
    """In backticks, from the root of the project; a star stands for one name. Words without a slash are not looked at,
    unless they end as a file does."""
    files = [PurePosixPath("/") / path.relative_to(BASE_DIR) for path in _tracked()]
    known = {*files, *(folder for path in files for folder in path.parents)}
    words = re.findall(r"`([^`\s]+)`", (BASE_DIR / "docs" / page).read_text())
    named = {
        word for word in words if "/" in word or PurePosixPath(word).suffix in {".md", ".py", ".toml", ".ts", ".tsx"}
    }
    assert named
    assert [word for word in sorted(named) if not any(path.match(f"/{word}") for path in known)] == []
