"""How much of what."""

from __future__ import annotations

MEMBERS = 1_000
"""Of a group."""

NAME_CHARS = 100
"""Of a group's name."""

TEXT_CHARS = 10_000
"""Of a message, and of a draft."""

SHOWN_MEMBERS = 50
"""In a conversation's own body; the rest by its list of participants."""


def for_clients() -> dict[str, int]:
    """What the web client says before the server has to."""
    return {
        "max_group_members": MEMBERS,
        "max_group_name_chars": NAME_CHARS,
        "max_chat_text_chars": TEXT_CHARS,
    }
