"""Chats of other products, from the file in which one takes them along."""

from aichat.services.importing.work import KIND
from aichat.services.importing.work import end
from aichat.services.importing.work import shown
from aichat.services.importing.work import start
from aichat.services.importing.work import work

__all__ = ["KIND", "end", "shown", "start", "work"]
