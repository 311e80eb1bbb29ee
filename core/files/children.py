"""Readers of hostile files run in child processes.

A thread cannot be stopped and a hostile file can make any parser run for hours or take all memory, so the parser gets a
process of its own with limits of time and memory, which is killed when the time is over. It gets no environment: no
secret is there to be stolen.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


class OutOfBounds(Exception):
    """The child was killed by a limit, or did not answer."""


class Busy(Exception):
    """All places are taken by other files."""


class Children:
    """At most ``at_once`` processes of one reader: whoever uploads waits in a thread of the API."""

    def __init__(self, name: str, *, at_once: int, wait: float) -> None:
        # By name, not imported: what the reader needs is large, and has no business in a serving process.
        self._path = (Path(__file__).parent / name).resolve()
        self._places = threading.BoundedSemaphore(at_once)
        self._wait = wait

    def ask(self, *arguments: str, timeout: float) -> dict[str, Any]:
        """The child's answer. Raises Busy, or OutOfBounds within ``timeout`` seconds whatever the file holds."""
        if not self._places.acquire(timeout=self._wait):
            raise Busy
        try:
            return self._run(arguments, timeout)
        finally:
            self._places.release()

    def _run(self, arguments: tuple[str, ...], timeout: float) -> dict[str, Any]:
        try:
            done = subprocess.run(  # noqa: S603 - our own file, by our own interpreter
                [sys.executable, "-I", str(self._path), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=timeout,
                env={},
                check=False,
            )
            answer: dict[str, Any] = json.loads(done.stdout)
        except (subprocess.TimeoutExpired, ValueError) as error:
            raise OutOfBounds from error
        return answer
