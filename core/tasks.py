"""The tasks and jobs of the ground floor's rooms, where Celery and the jobs look for them."""

from __future__ import annotations

from core.files import tasks as files
from core.jobs import tasks as jobs
from core.mail import tasks as mail
from core.push import tasks as push
from core.realtime import tasks as realtime

__all__ = ["files", "jobs", "mail", "push", "realtime"]
