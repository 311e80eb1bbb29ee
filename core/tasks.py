"""Background work of the ground floor."""

from __future__ import annotations

from celery import shared_task

from core.files import services as files


@shared_task(name="core.sweep_files", time_limit=300, soft_time_limit=270)
def sweep_files() -> int:
    """Delete expired files and bytes nobody owns."""
    return files.sweep()
