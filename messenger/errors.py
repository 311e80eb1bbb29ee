"""Refusals of the messenger."""

from __future__ import annotations

from core.errors import Conflict
from core.errors import Forbidden
from core.errors import InvalidInput


class Blocked(Forbidden):
    """One of the two has blocked the other."""

    code = "blocked"
    message = "You cannot write to each other: one of you has blocked the other."


class AgentNotYours(Forbidden):
    """The agent may be seen, but who made it does not let everybody use it."""

    code = "agent_not_yours"
    message = "You may not add this agent. Ask whoever made it."


class GroupFull(Conflict):
    """No more members."""

    code = "group_full"
    message = "This group has as many members as a group can have."


class LastAdmin(Conflict):
    """Somebody has to look after a group."""

    code = "last_admin"
    message = "A group needs an admin. Make somebody else one first."


class NotInDirect(InvalidInput):
    """Two people have neither a name nor admins."""

    message = "This can be done in groups only."


class EditWindowOver(Forbidden):
    """What was said stands after two days."""

    code = "edit_window_over"
    message = "A message can be changed for 48 hours after it was sent."


class TooManyReactions(InvalidInput):
    """No more different emoji at one message."""

    code = "too_many_reactions"
    message = "This message has as many different reactions as a message can have."


class TooManyPins(InvalidInput):
    """No more pinned messages."""

    code = "too_many_pins"
    message = "As many messages are pinned here as can be. Unpin one first."


class StoriesFull(Conflict):
    """A day has only so many."""

    code = "stories_full"
    message = "You have told as many stories as fit into a day. Delete one, or wait until one is over."
