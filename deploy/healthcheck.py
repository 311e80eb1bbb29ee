"""For the container's health check: is the server of this container alive? Exit status 0 or 1."""

from __future__ import annotations

import os
import sys
import urllib.request

# Everywhere is also here; an address of its own is asked for itself.
_bind = os.environ.get("BIND") or "127.0.0.1"
_host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(_bind, _bind)
_host = f"[{_host}]" if ":" in _host else _host

try:
    urllib.request.urlopen(f"http://{_host}:{os.environ.get('PORT') or '8080'}/health", timeout=4).close()
except OSError as error:
    sys.exit(f"not healthy: {error}")
