from __future__ import annotations

from kintsugi.settings import *  # noqa: F403
from kintsugi.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.probe"]
