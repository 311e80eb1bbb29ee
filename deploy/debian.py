"""What the tests need beside Python and npm, and Debian has: browsers, and the media servers of calls."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

from deploy import steps
from deploy.steps import Failure

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_DEBIAN_BROWSERS = {"chromium": "chromium", "chromium-headless-shell": "chromium-headless-shell"}
_MEDIA_SERVERS = {"janus": "janus", "turnserver": "coturn"}
"""Package by program."""


def browsers() -> dict[str, str]:
    """The paths, by the names that the journeys know: a whole Chromium, and one without windows where Debian has that.

    Most journeys need no more, and it takes a quarter less of the machine. Raises Failure where there is none at all.
    """
    if "CHROMIUM" not in os.environ:
        _install("Chromium", _DEBIAN_BROWSERS)
    whole = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if not whole:
        raise Failure("Not checked: the browser tests need Chromium or Chrome, and there is none on this machine.")
    shell = os.environ.get("HEADLESS_SHELL") or shutil.which("chromium-headless-shell")
    return {"CHROMIUM": whole} | ({"HEADLESS_SHELL": shell} if shell else {})


def media_servers() -> None:
    """Janus and coturn. Raises Failure where one is missing and cannot be installed."""
    _install("Janus and coturn", _MEDIA_SERVERS)
    if missing := [package for program, package in _MEDIA_SERVERS.items() if not shutil.which(program)]:
        raise Failure(f"Not checked: calls need {' and '.join(missing)}, which is not on this machine.")


def _install(what: str, packages: Mapping[str, str]) -> None:
    """What is not there yet, on a Debian whose root we are."""
    missing = [package for program, package in packages.items() if not shutil.which(program)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        with steps.step(f"Installing {what}"):
            steps.run(["apt-get", "update"])
            steps.run(["apt-get", "install", "-y", "--no-install-recommends", *missing])
