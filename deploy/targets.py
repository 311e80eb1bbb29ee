"""What ``make`` can be asked for."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from deploy import agent_peers
from deploy import client
from deploy import debian
from deploy import model_facts
from deploy import model_peers
from deploy import proving
from deploy import python
from deploy import schemas
from deploy import steps
from deploy.steps import ROOT
from deploy.steps import Failure

RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
_START_SECONDS = 60


def run(arguments: list[str]) -> int:
    """Run the target named first; the rest of the arguments is its own."""
    targets: dict[str, Callable[[list[str]], int]] = {
        "run": serve_demo,
        "setup": lambda _: _development_environment(),
        "test": test,
        "lint": lint,
        "media-servers": media_servers,
        "e2e": e2e,
        **{name: partial(prove, name) for name in proving.PROOFS},
        "bench": bench,
        "bench-bundle": bench_bundle,
        "types": lambda _: write_types(),
        "record": lambda _: record_frames(),
        "peers": lambda _: ask_the_peers(),
        "peers-agents": lambda _: ask_the_peers_of_agents(),
        "catalogue": lambda _: model_facts.main(),
        "manage": lambda rest: _call(["manage.py", *rest]),
    }
    name, *rest = arguments or ["run"]
    return targets[_known("target", name, targets)](rest)


# make run ----------------------------------------------------------------------------------------------------------


def serve_demo(_arguments: list[str]) -> int:
    """Everything from nothing to a page in the browser."""
    steps.warn_of_repeated_settings()
    port = _port()
    _refuse_taken(port)
    print("Kintsugi")
    python.ensure(RUNTIME)
    client.ensure_built()
    _prepare_static()
    return _serve(port, _prepare_database())


def _port() -> int:
    text = steps.setting("PORT", "8080")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Failure(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _refuse_taken(port: int) -> None:
    """Try the very address the server will listen at, and say what is wrong with it in the words of that fault."""
    bind = steps.setting("BIND", "127.0.0.1")
    try:
        with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((bind, port))
    except OSError as error:
        raise Failure(_cannot_listen(bind, port, error)) from None


def _cannot_listen(bind: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"BIND must be an address of this machine, such as 127.0.0.1 or 0.0.0.0, not {bind}."
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is taken by another program. Take another one: make run PORT=8081"
        case errno.EACCES | errno.EPERM:
            return f"Port {port} is for administrators only. Take another one: make run PORT=8081"
        case errno.EADDRNOTAVAIL:
            return f"This machine has no address {bind}. Set BIND to one it has, or to 127.0.0.1."
        case errno.EAFNOSUPPORT:
            return f"This machine has no IPv6, so it cannot listen at {bind}. Set BIND to 127.0.0.1 or 0.0.0.0."
    return f"Cannot listen at {bind}, port {port}: {error.strerror or error}."


def _own_address(port: int) -> str:
    """Where the server that listens at BIND answers this machine: everywhere is also here."""
    bind = steps.setting("BIND", "127.0.0.1")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _prepare_static() -> None:
    wanted = steps.fingerprint([ROOT / RUNTIME, *_static_sources()])
    if (Path(steps.setting("VAR_DIR", str(ROOT / "var"))) / "static").exists() and steps.is_fresh("static", wanted):
        return
    with steps.step("Collecting static files"):
        options = ["--no-input", "--clear", "--verbosity", "0"]
        steps.run([python.PYTHON, "manage.py", "collectstatic", *options], env=_environment())
    steps.mark("static", wanted)


def _static_sources() -> list[Path]:
    # Not var/static, which is what comes of it: a start would never find it fresh.
    folders = [client.DIST, *(folder for folder in ROOT.glob("*/static") if folder.parent.name != "var")]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def _prepare_database() -> str:
    """Migrate, and seed the demo users except in production; returns the lines that name them."""
    production = steps.setting("ENVIRONMENT", "development") == "production"
    # One process for both, as starting one is most of what a second run does.
    command = ["migrate", "--no-input", "--verbosity", "0"] if production else ["seed_demo", "--migrate"]
    with steps.step("Preparing the database"):
        # Not through the log: a new password is shown once and kept nowhere.
        prepared = subprocess.run(
            [python.PYTHON, "manage.py", *command],
            cwd=ROOT,
            env=_environment(),
            check=False,
            capture_output=True,
            text=True,
        )
        if prepared.returncode:
            raise Failure(steps.explain(["manage.py", *command], prepared.stderr))
    return prepared.stdout.strip()


def _serve(port: int, welcome: str) -> int:
    server = subprocess.Popen([python.PYTHON, "manage.py", "serve"], cwd=ROOT, env=_environment(PORT=str(port)))
    # Both may come from outside; an interrupt at the keyboard reaches the server by itself.
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("  Starting the server\n", flush=True)
    is_there = _answers(f"{_own_address(port)}/health", server)
    if is_there:
        print(f"\n  Kintsugi is at  {_shown_address(port)}\n")
    # A new password is shown once and kept nowhere: it must not hang on whether the server was seen to answer.
    for line in welcome.splitlines():
        print(f"  {line}")
    if is_there:
        print("  Stop it with Ctrl+C.\n")
    sys.stdout.flush()
    status = server.wait()
    return 0 if status in {0, -signal.SIGTERM, -signal.SIGINT} else 1


def _shown_address(port: int) -> str:
    own = _own_address(port)
    return f"http://localhost:{port}" if own.startswith(("http://127.0.0.1:", "http://[::1]:")) else own


def _answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.05)
    return False


# make test, lint, e2e, bench ---------------------------------------------------------------------------------------


def test(arguments: list[str]) -> int:
    """The whole suite with its coverage, then the web client's tests; arguments are pytest's, which then runs alone."""
    _development_environment()
    client.ensure_built()
    print(f"Tests on {_stack()}", flush=True)
    # In the order of `testpaths`: what starts processes first, so that no worker is left alone with it at the end.
    pytest = ["-m", "pytest", "-q", *_workers("loadfile"), "--no-loadscope-reorder"]
    if arguments:
        return _call([*pytest, *arguments])
    return _measured(pytest) or _npm("test")


def _measured(pytest: list[str]) -> int:
    """A run with its coverage, which `pyproject.toml` says how much there must be of."""
    with tempfile.TemporaryDirectory() as folder:
        status = _call([*pytest, "-p", "tests.coverage"], extra={"COVERAGE_DIR": folder})
        parts = sorted(map(str, Path(folder).glob("*.json")))
        return status or _call(["-m", "slipcover", "--merge", *parts, "--out", str(Path(folder) / "all.json")])


def _workers(share: str) -> list[str]:
    """So many processes, and how they share the tests."""
    return ["-n", os.environ.get("TEST_WORKERS", "2"), "--dist", share, "--durations", "25"]


def _stack() -> str:
    database = "PostgreSQL" if steps.setting("DATABASE_URL") else "SQLite"
    return f"{database} and {'Redis' if steps.setting('REDIS_URL') else 'everything else in the process'}"


def lint(arguments: list[str]) -> int:
    """Every static check, or the named ones; all of them run, so that one finding does not hide another."""
    _development_environment()
    checks: dict[str, Callable[[], int]] = {
        "mypy": lambda: _call(["-m", "mypy", "."]),
        "eslint": lambda: _npm("run", "lint"),
        "bundle": _check_bundle,
        "schemas": _check_types,
        "tsc": lambda: _npm("run", "typecheck"),
        "imports": lambda: _tool("lint-imports"),
        "migrations": lambda: _call(["manage.py", "makemigrations", "--check", "--dry-run"]),
        "ruff": lambda: _call(["-m", "ruff", "check", "."]) or _call(["-m", "ruff", "format", "--check", "."]),
        "translations": lambda: _call(["locale/compile.py", "--check"]),
    }
    if arguments:
        return max(checks[_known("check", name, checks)]() for name in arguments)
    client.ensure_packages()  # once, and not by two at a time
    with ThreadPoolExecutor(max_workers=2) as pool:
        failed = [name for name, status in zip(checks, pool.map(_linted, checks), strict=True) if status]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nEvery check passed.")
    return 1 if failed else 0


def _linted(name: str) -> int:
    """One check in a process of its own, so that what it says comes in one piece."""
    begun = time.monotonic()
    command = [str(python.PYTHON), "-B", "-m", "deploy", "lint", name]
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    verdict = "FAILED" if done.returncode else "ok"
    print(f"\n== {name}\n{done.stdout.strip()}\n== {name}: {verdict}, {time.monotonic() - begun:.1f} s", flush=True)
    return done.returncode


def _known(kind: str, name: str, there_are: Iterable[str]) -> str:
    if name not in there_are:
        raise Failure(f"There is no {kind} {name!r}. There are: {', '.join(there_are)}.")
    return name


def write_types() -> int:
    """Regenerate the schemas of the API and of the socket, and the types and the document made from them."""
    _development_environment()
    return schemas.write(schemas.OPENAPI, schemas.SOCKET_SCHEMA, schemas.SOCKET_DOCUMENT) or _npm("run", "types")


def record_frames() -> int:
    """Record anew what the socket sends, for the client's tests; the test that records compares otherwise."""
    _development_environment()
    return _call(["-m", "pytest", "-q", "messenger/tests/test_recorded_frames.py"], extra={"RECORD_FRAMES": "1"})


def ask_the_peers_of_agents() -> int:
    """Call what others have built, as agents do; what cannot be had is a failure."""
    _development_environment()
    with agent_peers.environment() as extra:
        return _call(["-m", "pytest", "-q", "-rs", *agent_peers.TESTS], extra=extra)


def ask_the_peers() -> int:
    """Ask every model server there is, and write down who showed what; then a tool server of others."""
    _development_environment()
    with model_peers.environment() as extra:
        status = _call(["-m", "pytest", "-q", model_peers.TEST], extra=extra)
        return status or _call(["-m", "pytest", "-q", model_peers.TOOLS_TEST], extra=extra)


def _check_types() -> int:
    """Generate schemas, types and document aside and compare them with what is checked in."""
    aside = {path: ROOT / "var" / "types" / path.name for path in schemas.GENERATED}
    status = schemas.write(aside[schemas.OPENAPI], aside[schemas.SOCKET_SCHEMA], aside[schemas.SOCKET_DOCUMENT])
    status = status or _npm(
        "exec", "--", "openapi-typescript", str(aside[schemas.OPENAPI]), "-o", str(aside[schemas.TYPES])
    )
    script = ["scripts/socket-types.mjs", str(aside[schemas.SOCKET_SCHEMA]), str(aside[schemas.SOCKET_TYPES])]
    status = status or _npm("exec", "--", "node", *script)
    stale = [path for path, fresh in aside.items() if not status and not _same(path, fresh)]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what the code generates: run `make types` and commit it.")
    return status or int(bool(stale))


def _same(committed: Path, fresh: Path) -> bool:
    return committed.exists() and committed.read_bytes() == fresh.read_bytes()


def e2e(arguments: list[str]) -> int:
    """Journeys in a real browser, against a real server."""
    extra = debian.browsers()
    _development_environment()
    client.ensure_built()
    return _call(["-m", "pytest", "-q", *_workers("worksteal"), "-m", "e2e", "tests/e2e", *arguments], extra=extra)


def media_servers(_arguments: list[str]) -> int:
    """The media servers that the tests of calls speak to; without them these say "not checked"."""
    debian.media_servers()
    return 0


def prove(name: str, arguments: list[str]) -> int:
    """What :data:`.proving.PROOFS` says of it."""
    command = proving.command(name)
    _development_environment()
    return _call([*command, *arguments], extra=proving.variables())


def bench(arguments: list[str]) -> int:
    """All benchmarks, or the named ones (``make bench ONLY=metering``)."""
    _development_environment()
    names = arguments or os.environ.get("ONLY", "").split()
    # A module with a bare main() is a benchmark; the others are what benchmarks are made of.
    modules = (ROOT / "bench").glob("*.py")
    found = sorted(path.stem for path in modules if "\ndef main() -> None:" in path.read_text(encoding="utf-8"))
    for name in names or found:
        print(f"\n== {_known('benchmark', name, found)}", flush=True)
        begun = time.monotonic()
        status = _call(["-m", f"bench.{name}"])
        print(f"== {name}: {'FAILED' if status else 'ok'}, {time.monotonic() - begun:.1f} s", flush=True)
        if status:
            return status
    return 0


def bench_bundle(_arguments: list[str]) -> int:
    """How much JavaScript the first screen after login loads."""
    python.ensure(RUNTIME)
    return _check_bundle()


def _check_bundle() -> int:
    """Print what the first screen loads; fails over the budget, which `frontend/scripts/size.mjs` has."""
    client.ensure_built()
    return _npm("run", "size")


# Shared ------------------------------------------------------------------------------------------------------------


def _development_environment() -> int:
    python.ensure(RUNTIME, DEVELOPMENT)
    return 0


def _environment(**extra: str) -> dict[str, str]:
    return python.environment(**extra)


def _call(arguments: Sequence[str], *, extra: Mapping[str, str] | None = None) -> int:
    return subprocess.run(
        [python.PYTHON, *arguments], cwd=ROOT, env=_environment(**(extra or {})), check=False
    ).returncode


def _tool(name: str) -> int:
    return subprocess.run([python.VENV / "bin" / name], cwd=ROOT, env=_environment(), check=False).returncode


def _npm(*arguments: str) -> int:
    environment = client.ensure_packages()
    return subprocess.run(["npm", *arguments], cwd=client.FRONTEND, env=environment, check=False).returncode
