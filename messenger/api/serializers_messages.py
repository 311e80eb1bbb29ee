"""What the endpoints of messages take."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messenger import media
from messenger import writing
from messenger.emoji import MAX_CHARS
from messenger.services.messages import MOST_FORWARDED


class _Content(serializers.Serializer[Any]):
    content = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=writing.MAX_CHARS, trim_whitespace=False
    )


class NewTextSerializer(_Content):
    """``POST …/messages``"""

    client_id = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=writing.MAX_CLIENT_ID,
        help_text="A repeat is safe, for ever.",
    )
    message_type = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=10,
        help_text="text, image, video, audio or file; follows from the file when left out.",
    )
    media_id = serializers.UUIDField(required=False, allow_null=True, help_text="A file of one's own.")
    reply_to_id = serializers.UUIDField(required=False, allow_null=True)


class TextChangeSerializer(_Content):
    """``PUT /api/messenger/messages/:id``"""


class ForwardSerializer(serializers.Serializer[Any]):
    """``POST …/forward``"""

    conversation_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_FORWARDED)
    client_id = serializers.CharField(required=False, allow_null=True, max_length=writing.MAX_CLIENT_ID)


class ReactionSerializer(serializers.Serializer[Any]):
    """``POST …/reactions``"""

    emoji = serializers.CharField(max_length=MAX_CHARS, trim_whitespace=False)


class ReadSerializer(serializers.Serializer[Any]):
    """``POST …/read``"""

    message_id = serializers.UUIDField()


class TypingSerializer(serializers.Serializer[Any]):
    """``POST …/typing``"""

    is_typing = serializers.BooleanField()


class MediaIdsSerializer(serializers.Serializer[Any]):
    """``POST /api/messenger/media/links``"""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=media.MOST)
