"""Notices to devices that are elsewhere: written down in the caller's transaction, sent by a job, each at most once.

See ``core/README.md``.
"""

from core.push.done import notify_done
from core.push.notices import Notice
from core.push.notices import clear
from core.push.notices import notify
from core.push.subscriptions import REACHABLE
from core.push.subscriptions import forget_sessions
from core.push.subscriptions import reachable

__all__ = ["REACHABLE", "Notice", "clear", "forget_sessions", "notify", "notify_done", "reachable"]
