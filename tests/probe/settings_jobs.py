"""The project's settings with the probe's jobs, on the database of the test that starts the process."""

from __future__ import annotations

import os

from kintsugi.settings import *  # noqa: F403
from kintsugi.settings import DATABASES
from kintsugi.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.probe"]
DATABASES["default"]["NAME"] = os.environ["PROBE_DATABASE"]
