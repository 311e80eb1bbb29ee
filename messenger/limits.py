"""How much of what. The web client reads what it must know of it from the configuration, and says no number itself."""

from __future__ import annotations

from datetime import timedelta

MEMBERS = 1_000
"""Of a group."""

NAME_CHARS = 100
"""Of a group's name."""

TEXT_CHARS = 10_000
"""Of a message, and of a draft."""

SHOWN_MEMBERS = 50
"""In a conversation's own body; the rest by its list of participants."""

QUOTED_CHARS = 200
"""Of a message, above a reply to it."""

CAPTION_CHARS = 500
"""Of a story's words."""

FORWARDED = 20
"""Conversations that a message goes to at once."""

IDS_ASKED = 100
"""Files or people named in one request."""

SHORTEST_SEARCH = 2
"""Characters of a user name that is looked for."""

EDIT_WINDOW = timedelta(hours=48)
"""How long after it was said a message can be edited."""


def for_clients() -> dict[str, int]:
    """What the web client says before the server has to."""
    return {
        "max_group_members": MEMBERS,
        "max_group_name_chars": NAME_CHARS,
        "max_chat_text_chars": TEXT_CHARS,
        "shown_group_members": SHOWN_MEMBERS,
        "max_quoted_chars": QUOTED_CHARS,
        "max_story_caption_chars": CAPTION_CHARS,
        "max_forward_targets": FORWARDED,
        "max_ids_per_request": IDS_ASKED,
        "min_user_search_chars": SHORTEST_SEARCH,
        "edit_window_seconds": int(EDIT_WINDOW.total_seconds()),
    }
