"""What holds for every translation: one place for tables, bodies, jobs and the web client."""

from __future__ import annotations

from datetime import timedelta

UNIT_CHARS = 1800
"""Code points that are sold as one unit: the mission's prices are for so many."""
TEXT_CHARS = 50_000
"""Of a text that is translated at once."""
ASYNC_CHARS = 5_000
"""From here on a text may be asked for in the background."""
DOCUMENT_CHARS = 5_000_000
DOCUMENT_PAGES = 2_000
CHUNK_PAGES = 50
"""The most pages of a part."""
CHUNK_CHARS = 12_000
"""The most characters of a part of a file whose texts are put back in place: what a person may wait for again."""
PREVIEW_CHARS = 1_500
"""Of the free sample."""

LANGUAGE_LENGTH = 12
NAME_LENGTH = 100
TERM_LENGTH = 200
INSTRUCTIONS_LENGTH = 500
TARGET_LENGTH = 50_000
"""Of one segment, as a person writes it."""

GLOSSARY_ENTRIES = 5_000
GLOSSARY_BYTES = 1024 * 1024
GLOSSARIES = 100
"""Of one person."""
TERMS = 500
"""Of one document."""

HOLD_TIME = timedelta(hours=2)
"""A part lies at a service for minutes with no process at it."""
MEMORY_TIME = timedelta(days=180)
"""What was not used for so long is forgotten."""
QUOTE_TIME = timedelta(hours=24)
"""A price is good for so long."""
QUOTED_TIME = timedelta(days=7)
"""A document that nobody starts is gone after it, with its file."""
LIVE_DOCUMENTS = 5
"""Of one person, at once."""


def for_clients() -> dict[str, int]:
    """What the web client says beside its fields."""
    return {
        "translation_chars": TEXT_CHARS,
        "translation_instructions": INSTRUCTIONS_LENGTH,
        "translation_glossary_entries": GLOSSARY_ENTRIES,
    }
