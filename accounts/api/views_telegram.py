"""``/api/auth/telegram…``: sign-in from a Mini App, linking and unlinking."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.exchange import actor_of
from accounts.api.exchange import granted
from accounts.api.exchange import session_id_of
from accounts.api.exchange import valid
from accounts.api.serializers import GrantSerializer
from accounts.api.serializers import InitDataSerializer
from accounts.api.serializers import MeSerializer
from accounts.api.views import NO_CONTENT
from accounts.clients import client_of
from accounts.models import User
from accounts.services import telegram
from core.api import throttles


class TelegramView(APIView):
    throttle_scope = "telegram"

    def get_permissions(self) -> list[Any]:
        """Signing in is open to everybody."""
        return [AllowAny()] if self._signs_in() else list(super().get_permissions())

    def get_authenticators(self) -> list[BaseAuthentication]:
        """A stale access token that a client still sends does not stand in the way of signing in."""
        return [] if self._signs_in() else super().get_authenticators()

    def _signs_in(self) -> bool:
        return getattr(self.request, "method", "") == "POST"

    @extend_schema(operation_id="auth_telegram", request=InitDataSerializer, responses=GrantSerializer)
    def post(self, request: Request) -> Response:
        """Sign in from a Telegram Mini App; the first time makes an account without name and address.

        401 ``telegram_refused``, 403 ``account_disabled``, 503 ``telegram_off``.
        """
        raw = valid(InitDataSerializer, request)["init_data"]
        throttles.hit("telegram_proof", sha256(raw.encode("utf-8", "replace")).hexdigest())
        language = get_language() or settings.LANGUAGE_CODE
        return granted(telegram.sign_in(raw, client=client_of(request), language=language))

    @extend_schema(operation_id="auth_telegram_unlink", responses={204: NO_CONTENT})
    def delete(self, request: Request) -> Response:
        """Unlink the Telegram account; other sessions it opened end. 409 ``only_way_in``."""
        telegram.unlink(actor_of(request), keep_session=session_id_of(request), client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TelegramLinkView(APIView):
    throttle_scope = "telegram"

    @extend_schema(operation_id="auth_telegram_link", request=InitDataSerializer, responses=MeSerializer)
    def post(self, request: Request) -> Response:
        """Let a Telegram account sign in as this user. 409 ``telegram_taken``, ``telegram_linked``."""
        raw = valid(InitDataSerializer, request)["init_data"]
        user = actor_of(request)
        telegram.link(user, raw, client=client_of(request))
        return Response(MeSerializer({"user": User.objects.get(pk=user.pk)}).data)
