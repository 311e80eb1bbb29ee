"""The public configuration and the refusals, as shapes."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from core.shapes import Shape
from core.shapes import absent


class Provider(Shape):
    """One provider of one kind; ``real`` is false for a demo."""

    name: str
    label: str
    real: bool


class Limits(Shape):
    """What a client should not try; a limit is missing when its module is."""

    max_upload_bytes: int
    max_message_file_bytes: int
    upload_chunk_bytes: int
    max_page_size: int
    """Of any list; what is asked for above it is cut."""
    min_username_chars: int = absent()
    max_username_chars: int = absent()
    max_display_name_letters: int = absent()
    min_password_chars: int = absent()
    """Code points."""
    max_message_chars: int = absent()
    """Of a message to a model."""
    max_chat_title_chars: int = absent()
    max_instructions_chars: int = absent()
    max_group_members: int = absent()
    max_group_name_chars: int = absent()
    max_chat_text_chars: int = absent()
    """Of a message between people."""
    shown_group_members: int = absent()
    """In the body of a conversation."""
    max_quoted_chars: int = absent()
    """Of a message above a reply to it."""
    call_ring_seconds: int = absent()
    call_beat_seconds: int = absent()
    max_mesh_video: int = absent()
    """People of a call who see each other without a media server."""
    max_mesh_people: int = absent()
    """People who talk without one."""
    max_ice_candidates: int = absent()
    """In one frame."""
    max_story_caption_chars: int = absent()
    max_forward_targets: int = absent()
    """Conversations at once."""
    max_ids_per_request: int = absent()
    """Files or people named at once."""
    min_user_search_chars: int = absent()
    edit_window_seconds: int = absent()
    """How long a message can be edited."""
    agent_prompt_length: int = absent()
    agent_name_length: int = absent()
    agent_functions_enabled: int = absent()
    """Of one agent, that are switched on."""
    agent_sources: int = absent()
    agent_owner_daily_tokens: int = absent()
    """What an owner pays for others in a day where nothing else is said."""
    agent_asker_daily_tokens: int = absent()
    """The same of one asker."""
    translation_chars: int = absent()
    """Of a text."""
    translation_instructions: int = absent()
    translation_glossary_entries: int = absent()
    document_title: int = absent()
    document_topic: int = absent()
    document_pages: int = absent()
    document_sections: int = absent()
    document_requirements: int = absent()


class Config(Shape):
    """``GET /api/config``; describes what the modules contribute, for the schema."""

    environment: Literal["development", "test", "production"]
    modules: list[str]
    providers: dict[str, list[Provider]]
    """Kind, such as llm, to providers."""
    payments: dict[str, str]
    """``provider``: stripe, demo or none; ``stripe_publishable_key``: for a payment form of one's own, or empty."""
    sign_in: dict[str, bool]
    """Ways in beside a password, such as telegram, and whether they work here."""
    languages: list[str]
    show_costs: Literal["everyone", "staff", "nobody"] = absent()
    """Who is shown what an answer cost."""
    limits: Limits


class Error(Shape):
    """Every refusal, whatever its status; some errors carry more, such as the right ``offset`` of an upload."""

    model_config = ConfigDict(extra="allow")

    error: str
    """A sentence for people."""
    code: str
    """For programs."""
    request_id: str
    """Under which the request stands in the logs."""
    details: dict[str, list[str]] = absent()
    """Field → sentences."""
    retry_after: int = absent()
    """Seconds."""
