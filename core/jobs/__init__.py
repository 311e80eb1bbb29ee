"""The base of every long job: a row that says what is to be done, and workers that may die at any moment.

The row is the record; the queue only pokes. See ``core/README.md``.
"""

from core.jobs.claims import LeaseLost
from core.jobs.registry import handler
from core.jobs.registry import periodic
from core.jobs.run import Cancelled
from core.jobs.run import GiveUp
from core.jobs.run import Later
from core.jobs.run import Paused
from core.jobs.run import Run
from core.jobs.services import cancel
from core.jobs.services import enqueue
from core.jobs.services import pause
from core.jobs.services import resume
from core.jobs.services import retry

__all__ = [
    "Cancelled",
    "GiveUp",
    "Later",
    "LeaseLost",
    "Paused",
    "Run",
    "cancel",
    "enqueue",
    "handler",
    "pause",
    "periodic",
    "resume",
    "retry",
]
