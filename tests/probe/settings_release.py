"""The project's settings for a server that has the release of the client in ``CLIENT_RELEASE``."""

from __future__ import annotations

import os
from pathlib import Path

from tests.probe.settings import *  # noqa: F403

FRONTEND_DIST = Path(os.environ["CLIENT_RELEASE"])
STATICFILES_DIRS = [FRONTEND_DIST]
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json"}}
