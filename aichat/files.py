"""The files that the chat takes beside attachments."""

from __future__ import annotations

from core.files.purposes import Purpose

IMPORT = "chat_import"

PURPOSES = [
    # Read by a job and gone afterwards.
    Purpose(name=IMPORT, kinds=frozenset(), is_uploaded=False, is_counted=False),
]
