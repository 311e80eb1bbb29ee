"""Puts the apps together; nobody imports it."""

from __future__ import annotations

from kintsugi.celery import app as celery_app

__all__ = ["celery_app"]
