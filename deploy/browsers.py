"""The browsers of this machine, for the journeys."""

from __future__ import annotations

import os
import shutil

from deploy import steps
from deploy.steps import Failure

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_DEBIAN_BROWSERS = ("chromium", "chromium-headless-shell")


def found() -> dict[str, str]:
    """The paths, by the names that the journeys know: a whole Chromium, and one without windows where Debian has that.

    Most journeys need no more, and it takes a quarter less of the machine. Raises Failure where there is none at all.
    """
    installable = os.geteuid() == 0 and shutil.which("apt-get")
    if installable and "CHROMIUM" not in os.environ and not all(map(shutil.which, _DEBIAN_BROWSERS)):
        with steps.step("Installing Chromium"):
            steps.run(["apt-get", "update"])
            steps.run(["apt-get", "install", "-y", "--no-install-recommends", *_DEBIAN_BROWSERS])
    whole = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if not whole:
        raise Failure("Not checked: the browser tests need Chromium or Chrome, and there is none on this machine.")
    shell = os.environ.get("HEADLESS_SHELL") or shutil.which("chromium-headless-shell")
    return {"CHROMIUM": whole} | ({"HEADLESS_SHELL": shell} if shell else {})
