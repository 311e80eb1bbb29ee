"""The shapes of what belongs to no product."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers


class ProviderSerializer(serializers.Serializer[Any]):
    """Somebody who does the work; ``real`` is false for a demonstration."""

    name = serializers.CharField()
    label = serializers.CharField()
    real = serializers.BooleanField()


class LimitsSerializer(serializers.Serializer[Any]):
    """Apps add limits of their own, which are missing where the app is."""

    max_upload_bytes = serializers.IntegerField()
    max_message_chars = serializers.IntegerField(required=False)


class ConfigSerializer(serializers.Serializer[Any]):
    """What the web client must know before anyone signs in."""

    environment = serializers.CharField()
    modules = serializers.ListField(child=serializers.CharField())
    providers = serializers.DictField(child=ProviderSerializer(many=True), help_text="By kind of work, such as `llm`.")
    languages = serializers.ListField(child=serializers.ChoiceField(choices=settings.LANGUAGES))
    limits = LimitsSerializer()
