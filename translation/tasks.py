"""The jobs of translation."""

from __future__ import annotations

from core import jobs
from translation.services.texts import later

jobs.handler(later.TEXT, max_attempts=3, lease=60, timeout=540, ended=later.ended)(later.work)
