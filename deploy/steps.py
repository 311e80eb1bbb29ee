"""Steps with a duration, and failures in sentences."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy import env_file

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "var" / "setup.log"
STAMPS = ROOT / ".venv" / "stamps"

_CAUSES = {
    "The disk is full. Make room and run the same command again.": ("No space left on device", "ENOSPC"),
    "A download failed. Check the connection to the internet (or the proxy) and run the same command again.": (
        "Failed to establish a new connection",
        "Could not find a version",
        "Temporary failure in name resolution",
        "error sending request",
        "Failed to fetch",
        "Connection refused",
        "ECONNREFUSED",
        "ECONNRESET",
        "ENOTFOUND",
        "ETIMEDOUT",
        "EAI_AGAIN",
        "ReadTimeoutError",
        "Read timed out",
        "CERTIFICATE_VERIFY_FAILED",
    ),
    "A downloaded package is not the one that was pinned. Nothing of it was installed.": (
        "DO NOT MATCH THE HASHES",
        "Hash mismatch",
        "EINTEGRITY",
    ),
}


class Failure(Exception):
    """What went wrong and what to do about it, as a sentence."""


@contextmanager
def step(label: str) -> Iterator[None]:
    """Print the label, then how long the body took."""
    sys.stdout.write(f"  {label:<46}")
    sys.stdout.flush()
    begun = time.monotonic()
    try:
        yield
    except OSError as error:
        print("failed", flush=True)
        if error.errno == errno.ENOSPC:
            raise Failure(next(iter(_CAUSES))) from None
        raise Failure(f"{label} failed: {error}.") from None
    except BaseException:
        print("failed", flush=True)
        raise
    sys.stdout.write(f"{time.monotonic() - begun:6.1f} s\n")
    sys.stdout.flush()


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run quietly; the output goes to ``var/setup.log``. Raises Failure with the cause and the last lines."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    with LOG.open("a+", encoding="utf-8", errors="replace") as log:
        log.write(f"\n$ {' '.join(words)}\n")
        log.flush()
        begun = log.tell()
        try:
            status = subprocess.run(words, cwd=cwd, env=env, stdout=log, stderr=log, check=False).returncode
        except FileNotFoundError:
            raise Failure(f"{words[0]} is missing.") from None
        if status:
            log.seek(begun)
            raise Failure(explain(words, log.read()))


def explain(command: Sequence[str], output: str) -> str:
    """A sentence for a failed command: the known cause, or its last lines."""
    for sentence, signs in _CAUSES.items():
        if any(sign in output for sign in signs):
            return f"{sentence}\n(What was said is in {LOG.relative_to(ROOT)}.)"
    tail = "\n".join(output.strip().splitlines()[-15:])
    return f"This command failed: {' '.join(command)}\n\n{tail}\n\n(All of it is in {LOG.relative_to(ROOT)}.)"


def fingerprint(files: Iterable[Path], *words: str) -> str:
    """A hash over the names and contents of files, and whatever else the result depends on."""
    digest = hashlib.sha256("\n".join(words).encode())
    for file in sorted(files):
        digest.update(f"\0{file.relative_to(ROOT)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_fresh(stamp: str, value: str) -> bool:
    """Whether :func:`mark` recorded this very value."""
    path = _stamp(stamp)
    return path.exists() and path.read_text(encoding="utf-8") == value


def mark(stamp: str, value: str) -> None:
    """Remember that the work behind this fingerprint is done."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    _stamp(stamp).write_text(value, encoding="utf-8")


def _stamp(name: str) -> Path:
    """A file for each tree: several may share one environment, and what was built in one is in no other."""
    return STAMPS / f"{name}-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"


def setting(name: str, default: str = "") -> str:
    """A variable of the environment, or of ``.env`` as the server reads it."""
    return env_file.setting(_env_path(), name, default)


def warn_of_repeated_settings() -> None:
    """Say which names the file gives twice: a change of the first would do nothing."""
    if warning := env_file.read(_env_path()).warning:
        print(warning, file=sys.stderr)


def _env_path() -> Path:
    return Path(os.environ.get("ENV_FILE") or ROOT / ".env")
