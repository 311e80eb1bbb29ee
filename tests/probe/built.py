"""The project's settings with a web client that counts as built when ``VAR_DIR/manifest.json`` exists."""

from __future__ import annotations

from kintsugi.settings import *  # noqa: F403
from kintsugi.settings import CONFIG

DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": CONFIG.var_dir / "manifest.json"}}
