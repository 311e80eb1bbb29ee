"""For the container's health check: is the server of this container alive? Exit status 0 or 1."""

from __future__ import annotations

import os
import sys
import urllib.request

try:
    urllib.request.urlopen(f"http://127.0.0.1:{os.environ.get('PORT', '8080')}/health", timeout=4).close()
except OSError as error:
    sys.exit(f"not healthy: {error}")
