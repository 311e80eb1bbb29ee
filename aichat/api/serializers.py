"""What the chat's endpoints take, and the shapes they give, for the schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from aichat.models import ChatMessage
from aichat.services import chats
from aichat.services import messages
from core.files.serializers import FileSerializer

# Input ----------------------------------------------------------------------------------------------------------------


class _ChatFields(serializers.Serializer[Any]):
    title = serializers.CharField(required=False, allow_blank=True, max_length=chats.TITLE_LENGTH)
    model = serializers.CharField(required=False, max_length=100)
    system_prompt = serializers.CharField(
        required=False, allow_blank=True, max_length=chats.SYSTEM_PROMPT_LENGTH, trim_whitespace=False
    )
    temperature = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=2)


class NewChatSerializer(_ChatFields):
    """``POST /api/chats``"""

    temporary = serializers.BooleanField(required=False, help_text="Not listed, and removed after 24 hours.")


class ChatChangeSerializer(_ChatFields):
    """``PATCH /api/chats/:id``"""

    pinned = serializers.BooleanField(required=False)
    archived = serializers.BooleanField(required=False)
    active_message_id = serializers.UUIDField(
        required=False, help_text="Shows the branch through this message, down to the leaf written last."
    )


class _QuestionFields(serializers.Serializer[Any]):
    content = serializers.CharField(max_length=messages.MAX_CHARS, trim_whitespace=False, allow_blank=True)
    model = serializers.CharField(required=False, max_length=100)
    attachments = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=messages.MAX_ATTACHMENTS
    )
    parent_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="Absent: below the active leaf. Given (null: the root): a new branch.",
    )


class NewMessageSerializer(_QuestionFields):
    """``POST /api/chats/:id/messages``"""

    client_id = serializers.CharField(required=False, allow_null=True, max_length=64)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A file alone is a question too."""
        if not attrs["content"].strip() and not attrs.get("attachments"):
            raise serializers.ValidationError({"content": ["Write something, or attach a file."]})
        return attrs


class EstimateRequestSerializer(_QuestionFields):
    """``POST /api/chats/estimate``"""

    chat_id = serializers.UUIDField(required=False, allow_null=True)


class RegenerateSerializer(serializers.Serializer[Any]):
    """``POST …/regenerate``"""

    model = serializers.CharField(required=False, max_length=100)


# Output ---------------------------------------------------------------------------------------------------------------


class ChatSerializer(serializers.Serializer[Any]):
    """A chat."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    model = serializers.CharField()
    system_prompt = serializers.CharField()
    temperature = serializers.FloatField(allow_null=True)
    pinned = serializers.BooleanField()
    archived = serializers.BooleanField()
    temporary = serializers.BooleanField()
    active_message_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ErrorBodySerializer(serializers.Serializer[Any]):
    """The house error body; more fields may follow, by code."""

    error = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField(required=False)


class MessageSerializer(serializers.Serializer[Any]):
    """A message."""

    id = serializers.UUIDField()
    chat_id = serializers.UUIDField()
    parent_id = serializers.UUIDField(allow_null=True)
    role = serializers.ChoiceField(choices=ChatMessage.Role.choices)
    content = serializers.CharField()
    status = serializers.ChoiceField(choices=ChatMessage.Status.choices)
    model = serializers.CharField()
    finish_reason = serializers.CharField(allow_null=True)
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    estimated = serializers.BooleanField()
    error = ErrorBodySerializer(allow_null=True)
    attachments = FileSerializer(many=True)
    sibling_ids = serializers.ListField(child=serializers.UUIDField())
    client_id = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class ModelSerializer(serializers.Serializer[Any]):
    """A model of the catalogue, for this user."""

    id = serializers.CharField()
    name = serializers.CharField()
    provider = serializers.CharField()
    context_window = serializers.IntegerField()
    max_output_tokens = serializers.IntegerField()
    min_tier = serializers.CharField()
    available = serializers.BooleanField(help_text="False: the user's plan is below `min_tier`.")
    vision = serializers.BooleanField()
    tools = serializers.BooleanField()
    is_demo = serializers.BooleanField()
    parameters = serializers.ListField(child=serializers.CharField())
    input_price = serializers.CharField(allow_null=True, help_text="USD per million tokens.")
    output_price = serializers.CharField(allow_null=True, help_text="USD per million tokens.")


def page_of(item: type[serializers.Serializer[Any]], name: str) -> type[serializers.Serializer[Any]]:
    """The shape of a page of ``item``."""
    fields = {
        "results": item(many=True),
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
    }
    return type(name, (serializers.Serializer,), fields)


MessagePageSerializer = page_of(MessageSerializer, "MessagePageSerializer")
ModelPageSerializer = page_of(ModelSerializer, "ModelPageSerializer")


class EstimateSerializer(serializers.Serializer[Any]):
    """What a question costs at most."""

    model = serializers.CharField()
    prompt_tokens = serializers.IntegerField()
    max_tokens = serializers.IntegerField()
    estimated_tokens = serializers.IntegerField()
    tokens_left = serializers.IntegerField(allow_null=True, help_text="null: unlimited.")
    fits = serializers.BooleanField()
    left_out = serializers.IntegerField(help_text="Messages at the beginning that the model will not see.")


class NoticeSerializer(serializers.Serializer[Any]):
    """Something to know about an answer."""

    code = serializers.ChoiceField(choices=[("context_trimmed", "context_trimmed")])
    left_out = serializers.IntegerField()


class StartEventSerializer(serializers.Serializer[Any]):
    """`event: start`"""

    user_message = MessageSerializer(allow_null=True)
    message = MessageSerializer()
    notice = NoticeSerializer(allow_null=True)


class DeltaEventSerializer(serializers.Serializer[Any]):
    """A piece of text; the event's id is the length of the text so far, in code points."""

    delta = serializers.CharField()
    message_id = serializers.UUIDField()
    done = serializers.BooleanField()


class DoneEventSerializer(DeltaEventSerializer):
    """The last event; its id ends in `.done`."""

    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    finish_reason = serializers.CharField(allow_null=True)
    estimated = serializers.BooleanField()
    status = serializers.ChoiceField(choices=ChatMessage.Status.choices)


class ErrorEventSerializer(ErrorBodySerializer):
    """`event: error`, the last event of an answer that failed."""

    message_id = serializers.UUIDField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    estimated = serializers.BooleanField()
    status = serializers.ChoiceField(choices=ChatMessage.Status.choices)
