"""The shape of the public configuration."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ProviderSerializer(serializers.Serializer[Any]):
    """One provider of one kind; ``real`` is false for a demo."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the base class has an attribute of this name
    real = serializers.BooleanField()


class LimitsSerializer(serializers.Serializer[Any]):
    """What a client should not try; a limit is missing when its module is."""

    max_upload_bytes = serializers.IntegerField()
    max_message_file_bytes = serializers.IntegerField()
    upload_chunk_bytes = serializers.IntegerField()
    max_message_chars = serializers.IntegerField(required=False)


class ConfigSerializer(serializers.Serializer[Any]):
    """``GET /api/config``; describes what the modules contribute, for the schema."""

    environment = serializers.ChoiceField(choices=["development", "test", "production"])
    modules = serializers.ListField(child=serializers.CharField())
    providers = serializers.DictField(child=ProviderSerializer(many=True), help_text="Kind, such as llm, to providers.")
    sign_in = serializers.DictField(
        child=serializers.BooleanField(),
        help_text="Ways in beside a password, such as telegram, and whether they work here.",
    )
    languages = serializers.ListField(child=serializers.CharField())
    limits = LimitsSerializer()


class ErrorSerializer(serializers.Serializer[Any]):
    """Every refusal, whatever its status; some errors carry more, such as the right ``offset`` of an upload."""

    error = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="For programs.")
    request_id = serializers.CharField(help_text="Under which the request stands in the logs.")
    details = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="Field → sentences."
    )
    retry_after = serializers.IntegerField(required=False, help_text="Seconds.")
