"""The table of the socket: a row a command, what it sends, and the answer to the owner, a member and a stranger.

``ok`` or the code of the error; staff get what a stranger gets; who is anonymous or suspended gets no socket at all.
A new command without a row fails; ``@name`` stands for an id of the owner's estate, as in table.py.
"""

from __future__ import annotations

from typing import Any

_ROOM = {"conversation_id": "@conversation_id"}
_SAID = {"message_id": "@said_id"}
MEMBERS = "ok ok not_found"

COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "message.send": (MEMBERS, _ROOM | {"content": "Let me in"}),
    "message.edit": ("ok forbidden not_found", _SAID | {"content": "Mine now"}),
    "message.delete": ("ok forbidden not_found", {"message_id": "@said_id"}),
    "reaction.add": (MEMBERS, _SAID | {"emoji": "🌱"}),
    "reaction.remove": (MEMBERS, _SAID | {"emoji": "🔥"}),
    "typing.start": (MEMBERS, _ROOM),
    "typing.stop": (MEMBERS, _ROOM),
    "read.mark": (MEMBERS, _ROOM | _SAID),
    # The protocol's own. A stream one may not read is as one that does not exist: nothing of it comes.
    "sync": ("synced synced synced", {"streams": {}}),
    "ack": ("ok ok ok", {}),
    "pong": ("silent silent silent", {}),
}
