"""Shapes of requests and answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.initdata import LONGEST
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import User
from core import modules


class TelegramSerializer(serializers.ModelSerializer[TelegramAccount]):
    """The Telegram account that signs in as the user."""

    class Meta:
        model = TelegramAccount
        fields = ["username", "linked_at"]
        read_only_fields = fields


class UserSerializer(serializers.ModelSerializer[User]):
    """A user as seen by that user; the last four fields come from billing and are null without it."""

    has_password = serializers.BooleanField(
        source="has_usable_password", read_only=True, help_text="False for who signs in by link only."
    )
    telegram = TelegramSerializer(
        source="telegram_account", read_only=True, allow_null=True, help_text="null: none is linked."
    )
    subscription_tier = serializers.CharField(read_only=True, allow_null=True)
    tokens_used = serializers.IntegerField(read_only=True, allow_null=True)
    tokens_limit = serializers.IntegerField(read_only=True, allow_null=True, help_text="-1 is unlimited.")
    reset_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "avatar_url",
            "bio",
            "kind",
            "language",
            "is_verified",
            "has_password",
            "is_staff",
            "created_at",
            "telegram",
            "subscription_tier",
            "tokens_used",
            "tokens_limit",
            "reset_at",
        ]
        read_only_fields = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        return super().to_representation(instance) | modules.profile_fields(instance.pk)


class MeSerializer(serializers.Serializer[Any]):
    user = UserSerializer(read_only=True)


class GrantSerializer(MeSerializer):
    """What sign-in and refresh answer; ``expires_in`` is in seconds."""

    access_token = serializers.CharField(read_only=True)
    refresh_token = serializers.CharField(read_only=True)
    expires_in = serializers.IntegerField(read_only=True)


def password_field() -> serializers.CharField:
    """A password as typed: blanks belong to it."""
    return serializers.CharField(trim_whitespace=False, write_only=True)


@extend_schema_field(OpenApiTypes.EMAIL)
class _Email(serializers.CharField):
    """Checked by the service together with the rest, so that one answer names every broken rule."""


class RegisterSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(help_text="3 to 50 of A-Z a-z 0-9 _ -")
    email = _Email()
    password = password_field()


class LoginSerializer(serializers.Serializer[Any]):
    email = serializers.CharField(help_text="The e-mail address or the user name.")
    password = password_field()


class InitDataSerializer(serializers.Serializer[Any]):
    init_data = serializers.CharField(
        max_length=LONGEST,
        trim_whitespace=False,
        write_only=True,
        help_text="`Telegram.WebApp.initData`, as it is.",
    )


class RefreshSerializer(serializers.Serializer[Any]):
    refresh_token = serializers.CharField(required=False, help_text="Left out by browsers, whose cookie holds it.")


class ProfileSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(required=False)
    bio = serializers.CharField(required=False, allow_blank=True)
    language = serializers.ChoiceField(required=False, choices=User.Language.choices)
    avatar_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="An own file of purpose avatar; null takes the picture away."
    )


class PasswordSerializer(serializers.Serializer[Any]):
    current_password = serializers.CharField(
        trim_whitespace=False, write_only=True, required=False, help_text="Left out by who has none yet."
    )
    new_password = password_field()


class MailboxSerializer(serializers.Serializer[Any]):
    email = _Email()


class LinkSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=200, write_only=True, help_text="What stands in the mailed link.")


class ResetSerializer(LinkSerializer):
    password = password_field()


class MailboxChangeSerializer(MailboxSerializer):
    password = serializers.CharField(
        trim_whitespace=False, write_only=True, required=False, help_text="The own one; left out by who has none."
    )


class SessionSerializer(serializers.ModelSerializer[Session]):
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ["id", "user_agent", "ip", "created_at", "last_used_at", "is_current"]
        read_only_fields = fields

    def get_is_current(self, session: Session) -> bool:
        return bool(session.pk == self.context["request"].auth.session_id)


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField(read_only=True)
    expires_in = serializers.IntegerField(read_only=True)
