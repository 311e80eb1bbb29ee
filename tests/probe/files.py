"""Purposes of files that no app of the product has: what an app to come declares, in one place."""

from __future__ import annotations

from core.files import documents
from core.files.purposes import Kind
from core.files.purposes import Purpose
from core.files.purposes import pieces_limit

_REQUIREMENTS = frozenset({Kind.PDF, Kind.TEXT, Kind.OTHER})

PURPOSES = [
    # Read by a job of its own, so not at the door; large, and long.
    Purpose(
        name="probe_book",
        kinds=frozenset({Kind.PDF, Kind.TEXT, Kind.OTHER}),
        max_bytes=pieces_limit,
        max_pages=2,
        text_of=frozenset(),
    ),
    # Read for a model, in whatever people write.
    Purpose(
        name="probe_requirements",
        kinds=_REQUIREMENTS,
        formats=frozenset({"application/pdf", "text/plain", documents.MIME_TYPES["docx"]}),
        max_bytes=lambda: 10_000,
        text_of=_REQUIREMENTS,
    ),
    # Comes in by an endpoint of the app, and goes with a receipt.
    Purpose(
        name="probe_photo",
        kinds=frozenset({Kind.IMAGE}),
        formats=frozenset({"image/png", "image/jpeg"}),
        is_uploaded=False,
        receipt="photo",
    ),
    # Made by the app.
    Purpose(name="probe_made", kinds=frozenset(), is_uploaded=False, is_counted=False),
]
