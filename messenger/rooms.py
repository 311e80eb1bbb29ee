"""What the messenger keeps running. Each is a room of its own, so that one that fails is begun again alone."""

from __future__ import annotations

from core.modules import Room


class Speaking(Room):
    """Messages whose writer has died are ended."""

    async def serve(self) -> None:
        from messenger.services import speaking

        await speaking.watch()


class Notifying(Room):
    """Devices hear of what was said."""

    async def serve(self) -> None:
        from messenger.services import notifying

        await notifying.watch()
