"""What holds for every document: one place for tables, bodies, jobs and the web client."""

from __future__ import annotations

from datetime import timedelta

TITLE_LENGTH = 500
TOPIC_LENGTH = 5_000
TOPIC_LEAST = 10
PAGES = 200
REQUIREMENTS_LENGTH = 5_000
"""Of what is asked for beside the file, in characters."""
REQUIREMENTS_BYTES = 10 * 1024 * 1024
REQUIREMENTS_CHARS = 400_000
"""Of the text of the file, as it is kept."""
REQUIREMENTS_TOKENS = 6_000
"""Of it, as a prompt has it."""
PREVIEW_CHARS = 500
SOURCE_BYTES = 20 * 1024 * 1024
"""Of a work that is brought as a PDF."""

SECTIONS = 60
SECTION_TITLE = 300
GOAL_LENGTH = 1_000
SECTION_WORDS = 20_000
LEVELS = 3
WORDS_A_PAGE = 300
"""Of a page in 14 pt with a spacing of 1.5, by which the words of an outline are planned; pages are measured later."""
PART_WORDS = 700
"""The most that is written in one step."""
SUMMARY_WORDS = 120

ORDERS_A_SWEEP = 100
GIVEN_UP_AFTER = timedelta(days=7)
"""What was paid for a run that failed waits so long for its owner to go on; then the rest goes back."""
LIVE_RUNS = 10
"""Of one person, at once."""
CALL_TIME = timedelta(minutes=15)
"""A model on a small machine writes for minutes."""
ARCHIVED_TIME = timedelta(days=30)
"""A document that was deleted is gone for good after it."""


def for_clients() -> dict[str, int]:
    """What the web client says beside its fields."""
    return {
        "document_title": TITLE_LENGTH,
        "document_topic": TOPIC_LENGTH,
        "document_pages": PAGES,
        "document_sections": SECTIONS,
        "document_requirements": REQUIREMENTS_LENGTH,
    }
