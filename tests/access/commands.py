"""The table of the socket: a row a command, what it sends, and the answer to the owner, a member and a stranger.

``ok`` or the code of the error; staff get what a stranger gets; who is anonymous or suspended gets no socket at all.
A new command without a row fails; ``@name`` stands for an id of the owner's estate, as in table.py.
"""

from __future__ import annotations

from typing import Any

_ROOM = {"conversation_id": "@conversation_id"}
_SAID = {"message_id": "@said_id"}
_CALL = {"call_id": "@call_id"}
_CALLING = {"device_key": "tab", "call_type": "audio"}
_SIGNAL = {"from_leg_id": "@leg_id", "to_leg_id": "@member_leg_id", "generation": 1, "n": 1}
_ASKING = {"leg_id": "@leg_id", "generation": 1, "reason": "no_media"}
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
    # Calls: signalling goes from one's own device to another one, and no answer is due where it went well.
    "call.initiate": ("ok call_exists not_found", _ROOM | _CALLING),
    "call.answer": ("ok answered_elsewhere not_found", _CALL | {"device_key": "tab"}),
    "call.reject": (MEMBERS, _CALL),
    "call.end": (MEMBERS, _CALL),
    "call.beat": ("ok not_found not_found", _CALL | {"leg_id": "@leg_id"}),
    "call.fallback": ("sfu_not_configured not_found not_found", _CALL | _ASKING),
    "call.offer": ("ok not_found not_found", _CALL | _SIGNAL | {"sdp": "v=0"}),
    "call.ice": ("ok not_found not_found", _CALL | _SIGNAL | {"candidates": []}),
    # The protocol's own. A stream one may not read is as one that does not exist: nothing of it comes.
    "sync": ("synced synced synced", {"streams": {}}),
    "ack": ("ok ok ok", {}),
    "pong": ("silent silent silent", {}),
}
