"""What the endpoints of conversations take."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from messenger import limits
from messenger.models import Conversation
from messenger.models import Participant

_YEAR = 365 * 24 * 3600


class NewConversationSerializer(serializers.Serializer[Any]):
    """``POST /api/messenger/conversations``"""

    type = serializers.ChoiceField(choices=Conversation.Type.values)
    name = serializers.CharField(required=False, max_length=limits.NAME_CHARS, help_text="Of a group; required there.")
    participant_ids = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=limits.MEMBERS,
        help_text="Of a direct conversation exactly one: the other person.",
    )
    avatar_id = serializers.UUIDField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A group has a name, a direct conversation one other member."""
        if attrs["type"] == Conversation.Type.GROUP and not attrs.get("name"):
            raise serializers.ValidationError({"name": ["Give the group a name."]})
        if attrs["type"] == Conversation.Type.DIRECT and len(attrs["participant_ids"]) != 1:
            raise serializers.ValidationError({"participant_ids": ["Name exactly one person."]})
        return attrs


class ConversationChangeSerializer(serializers.Serializer[Any]):
    """``PATCH /api/messenger/conversations/:id``"""

    name = serializers.CharField(required=False, max_length=limits.NAME_CHARS)
    avatar_id = serializers.UUIDField(required=False, allow_null=True, help_text="null: no picture.")


class NewParticipantsSerializer(serializers.Serializer[Any]):
    """``POST …/participants``"""

    user_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=limits.MEMBERS)


class RoleSerializer(serializers.Serializer[Any]):
    """``PATCH …/participants/:user_id``"""

    role = serializers.ChoiceField(choices=Participant.Role.values)


class SettingsSerializer(serializers.Serializer[Any]):
    """``PUT …/settings``; what is left out stays."""

    is_pinned = serializers.BooleanField(required=False)
    is_muted = serializers.BooleanField(required=False)
    is_archived = serializers.BooleanField(required=False)


class DraftSerializer(serializers.Serializer[Any]):
    """``PUT …/draft``; an empty content takes the draft away."""

    content = serializers.CharField(allow_blank=True, max_length=limits.TEXT_CHARS, trim_whitespace=False)
    reply_to_id = serializers.UUIDField(required=False, allow_null=True)


class NewInviteSerializer(serializers.Serializer[Any]):
    """``POST …/invites``"""

    expires_in = serializers.IntegerField(
        required=False, allow_null=True, min_value=60, max_value=_YEAR, help_text="Seconds; absent: for good."
    )
    max_uses = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100_000)


class NewBlockSerializer(serializers.Serializer[Any]):
    """``POST /api/messenger/blocks``"""

    user_id = serializers.UUIDField()
