"""The project's settings for a server that may write to a push service on this machine."""

from __future__ import annotations

from tests.probe.settings import *  # noqa: F403

PUSH_NETWORKS, PUSH_SCHEMES = ["127.0.0.0/8"], ("http", "https")
