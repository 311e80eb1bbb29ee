"""What Prometheus is told of translation. Labels are words of ours, never names or ids."""

from __future__ import annotations

from prometheus_client import Counter

PREVIEWS = Counter("kintsugi_translation_previews_total", "Free samples that were made.", ["service"])
DOUBTS = Counter("kintsugi_translation_doubtful_total", "Requests that may have been done for nothing.", ["service"])
