"""The project itself: pages and whatever belongs to no single app."""

from __future__ import annotations

import gc
from collections.abc import Iterable

from core import modules
from core.findings import Check


class ProjectConfig(modules.ModuleConfig):
    name = "kintsugi"
    is_product = False
    site_urls = "kintsugi.pages_urls"

    def checks(self) -> Iterable[Check]:
        from kintsugi import doctor

        return doctor.checks()

    def ready(self) -> None:
        from kintsugi import checks  # noqa: F401 - registers them

        # All apps are loaded: `manage.py` has had no garbage looked for until now.
        gc.freeze()
        gc.enable()
