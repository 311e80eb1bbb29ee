"""``/api/auth/telegram…``: sign-in from a Mini App, linking and unlinking."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import bodies
from accounts.api import shapes
from accounts.api.sign_in import granted
from accounts.api.sign_in import reading_language
from accounts.api.sign_in import session_id_of
from accounts.api.views import NO_CONTENT
from accounts.clients import client_of
from accounts.models import User
from accounts.services import telegram
from core.api import throttles
from core.api.request import actor
from core.api.request import validated


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

    @extend_schema(operation_id="auth_telegram", request=bodies.TelegramSignInRequest, responses=shapes.Grant)
    def post(self, request: Request) -> Response:
        """Sign in from a Telegram Mini App; the first time makes an account without name and address.

        401 ``telegram_refused``, 403 ``account_disabled``, ``deletion_scheduled`` as login, 503 ``telegram_off``.
        """
        form = validated(request, bodies.TelegramSignInRequest)
        throttles.hit("telegram_proof", sha256(form.init_data.encode("utf-8", "replace")).hexdigest())
        grant = telegram.sign_in(
            form.init_data, restore=form.restore, client=client_of(request), language=reading_language()
        )
        return granted(request, grant)

    @extend_schema(operation_id="auth_telegram_unlink", responses={204: NO_CONTENT})
    def delete(self, request: Request) -> Response:
        """Unlink the Telegram account; other sessions it opened end. 409 ``only_way_in``."""
        telegram.unlink(actor(request), keep_session=session_id_of(request), client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TelegramLinkView(APIView):
    throttle_scope = "telegram"

    @extend_schema(operation_id="auth_telegram_link", request=bodies.InitDataRequest, responses=shapes.Me)
    def post(self, request: Request) -> Response:
        """Let a Telegram account sign in as this user. 409 ``telegram_taken``, ``telegram_linked``."""
        user, raw = actor(request), validated(request, bodies.InitDataRequest).init_data
        telegram.link(user, raw, client=client_of(request))
        return Response(shapes.Me.of(User.objects.get(pk=user.pk)))
