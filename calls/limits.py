"""How long and how many. The web client reads what it must know of it from the configuration."""

from __future__ import annotations

from datetime import timedelta

RING = timedelta(seconds=45)
"""How long somebody is rung."""

RING_UNHEARD = timedelta(minutes=5)
"""How long a call waits in a group too large to be rung: it is shown there and can be joined."""

RUNG_AT_ONCE = 32
"""Members of a group; in a larger one nobody is rung."""

CONNECT = timedelta(seconds=10)
"""From the answer, or a move, until media must flow."""

CONNECT_AGAIN = timedelta(seconds=20)
"""What the second way is given."""

PERMISSION = timedelta(seconds=60)
"""After the answer at most, while somebody is asked for their microphone."""

ALONE = timedelta(seconds=60)
"""How long the last one of a group is waited with."""

LEASE = timedelta(seconds=30)
"""A device that gives no sign of life for so long has left."""

LOST = timedelta(seconds=15)
"""After so long it is shown as lost: it has missed a beat."""

LEAVING = timedelta(seconds=10)
"""What is left of the lease when a page says that it closes: it may be a reload."""

GAP = timedelta(seconds=5)
"""When nobody looked at the deadlines for longer, silence says nothing of the devices."""

GRACE = timedelta(seconds=45)
"""What every lease is given after such a gap."""

BEAT = timedelta(seconds=10)
"""How often a device gives a sign of life."""

TICKET = timedelta(seconds=60)
"""How long a pass to the media server may be used for the first time."""

TOKEN = TICKET + timedelta(seconds=75)
"""After so long no token lets anybody into a vendor's room: a ticket's time, a minute for wrong clocks, and the way."""

RECONCILE = timedelta(minutes=2)
"""After the end of a call a vendor's figures of it are complete."""

ROOM_LINGERS = timedelta(seconds=25)
"""So long a room is kept for a call that goes back to connections between devices: what sounds is not cut off."""

MESH_VIDEO = 4
"""People who see each other without a media server."""

MESH = 6
"""People who talk without one."""

ROOM = 50
"""People in a room of the media server."""

SDP_CHARS = 48 * 1024
CANDIDATES = 20
"""In one frame."""
CANDIDATE_CHARS = 512
DEVICE_KEY_CHARS = 64
CLIENT_ID_CHARS = 64


def for_clients() -> dict[str, int]:
    """What the web client keeps to before the server has to."""
    return {
        "call_ring_seconds": int(RING.total_seconds()),
        "call_beat_seconds": int(BEAT.total_seconds()),
        "max_mesh_video": MESH_VIDEO,
        "max_mesh_people": MESH,
        "max_ice_candidates": CANDIDATES,
    }
