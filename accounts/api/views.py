"""``/api/auth/…``: HTTP only, the rules are in the services."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.utils import extend_schema_view
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.api import cookies
from accounts.api.authentication import BearerAuthentication
from accounts.api.exchange import actor_of as _actor
from accounts.api.exchange import granted as _granted
from accounts.api.exchange import session_id_of as _session_id
from accounts.api.exchange import valid as _valid
from accounts.api.serializers import DataExportSerializer
from accounts.api.serializers import DeletionSerializer
from accounts.api.serializers import GrantSerializer
from accounts.api.serializers import LeaveSerializer
from accounts.api.serializers import LinkSerializer
from accounts.api.serializers import LoginSerializer
from accounts.api.serializers import MailboxChangeSerializer
from accounts.api.serializers import MailboxSerializer
from accounts.api.serializers import MailedSignInSerializer
from accounts.api.serializers import MeSerializer
from accounts.api.serializers import PasswordSerializer
from accounts.api.serializers import ProfileSerializer
from accounts.api.serializers import RefreshSerializer
from accounts.api.serializers import RegisterSerializer
from accounts.api.serializers import ResetSerializer
from accounts.api.serializers import SessionSerializer
from accounts.api.serializers import TicketSerializer
from accounts.clients import client_of
from accounts.errors import SessionEnded
from accounts.models import MailedToken
from accounts.models import Session
from accounts.services import exporting
from accounts.services import leaving
from accounts.services import login
from accounts.services import magic
from accounts.services import mailbox
from accounts.services import mailed
from accounts.services import passwords
from accounts.services import profile
from accounts.services import registration
from accounts.services import sessions
from accounts.services import tickets
from core.api import throttles

NO_CONTENT = OpenApiResponse(description="Done.")
ASKED = OpenApiResponse(description="A letter is on its way, if there is somebody to get it.")


class _PublicView(APIView):
    """Open to everybody; a stale access token that a client still sends is not looked at."""

    permission_classes = [AllowAny]
    authentication_classes: list[type[BearerAuthentication]] = []


class RegisterView(_PublicView):
    throttle_scope = "register"

    @extend_schema(operation_id="auth_register", request=RegisterSerializer, responses={201: GrantSerializer})
    def post(self, request: Request) -> Response:
        """Make an account and sign in. 409 ``duplicate`` when a name is taken."""
        client = client_of(request)
        user = registration.register(**_valid(RegisterSerializer, request), client=client, language=_reading_language())
        return _granted(sessions.open_session(user, client=client), status_code=status.HTTP_201_CREATED)


class LoginView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_login", request=LoginSerializer, responses=GrantSerializer)
    def post(self, request: Request) -> Response:
        """Sign in. 401 ``invalid_credentials``, 403 ``account_disabled``, 429 ``locked_out``.

        403 ``deletion_scheduled`` with ``deletion_at``: the account is about to go; ``restore`` keeps it and signs in.
        """
        form = _valid(LoginSerializer, request)
        grant = login.login(
            form["email"], password=form["password"], restore=form.get("restore", False), client=client_of(request)
        )
        return _granted(grant)


def _reading_language() -> str:
    """The language a newcomer reads the page in: the profile's own would switch it away from them."""
    return get_language() or settings.LANGUAGE_CODE


class MagicLinkView(_PublicView):
    throttle_scope = "mail"

    @extend_schema(operation_id="auth_magic_link", request=MailboxSerializer, responses={202: ASKED})
    def post(self, request: Request) -> Response:
        """Mail a link that signs in, and makes the account of a newcomer. 429 after three in an hour."""
        address = mailed.mailbox(_valid(MailboxSerializer, request)["email"])
        mailed.ask(MailedToken.Purpose.SIGN_IN, address, language=_reading_language(), client=client_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class VerifyMagicLinkView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_verify_magic_link", request=MailedSignInSerializer, responses=GrantSerializer)
    def post(self, request: Request) -> Response:
        """Sign in by a mailed link. 400 ``link_expired``, 403 ``account_disabled``, ``deletion_scheduled`` as login."""
        form = _valid(MailedSignInSerializer, request)
        grant = magic.sign_in(
            form["token"], restore=form["restore"], client=client_of(request), language=_reading_language()
        )
        return _granted(grant)


class EmailVerificationView(APIView):
    throttle_scope = "mail"

    @extend_schema(operation_id="auth_email_verification", request=None, responses={202: ASKED})
    def post(self, request: Request) -> Response:
        """Mail a link that confirms the own address. 409 when it is confirmed."""
        mailbox.ask_to_verify(_actor(request), client=client_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class EmailVerifyView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_email_verify", request=LinkSerializer, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Confirm an address by a mailed link. 400 ``link_expired``."""
        mailbox.verify(_valid(LinkSerializer, request)["token"], client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EmailChangeView(APIView):
    throttle_scope = "mail"

    @extend_schema(operation_id="auth_email_change", request=MailboxChangeSerializer, responses={202: ASKED})
    def post(self, request: Request) -> Response:
        """Mail a link to a new address; it is used from the moment the link is. 403 ``sign_in_again``."""
        form = _valid(MailboxChangeSerializer, request)
        mailbox.ask_to_change(
            _actor(request),
            email=form["email"],
            password=form.get("password"),
            session_id=_session_id(request),
            client=client_of(request),
        )
        return Response(status=status.HTTP_202_ACCEPTED)


class EmailConfirmView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_email_confirm", request=LinkSerializer, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Use the new address, by the link mailed to it. 400 ``link_expired``, 409 ``duplicate``."""
        mailbox.change(_valid(LinkSerializer, request)["token"], client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResetRequestView(_PublicView):
    throttle_scope = "mail"

    @extend_schema(operation_id="auth_password_reset_request", request=MailboxSerializer, responses={202: ASKED})
    def post(self, request: Request) -> Response:
        """Mail a link to a new password, if an account has that address. 429 after three in an hour."""
        email = _valid(MailboxSerializer, request)["email"]
        passwords.ask_to_reset(email, language=_reading_language(), client=client_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class ResetView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_password_reset", request=ResetSerializer, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Set a new password by a mailed link; all sessions end. 400 ``link_expired``."""
        form = _valid(ResetSerializer, request)
        passwords.reset(form["token"], password=form["password"], client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RefreshView(_PublicView):
    @extend_schema(operation_id="auth_refresh", request=RefreshSerializer, responses=GrantSerializer)
    def post(self, request: Request) -> Response:
        """Exchange the refresh token, of body or cookie, for a new pair. 401 ``session_ended``, ``session_revoked``."""
        scope, raw = "refresh", _valid(RefreshSerializer, request).get("refresh_token")
        if not raw:
            scope, raw = "refresh_cookie", cookies.read_refresh(request)
        if not raw:
            raise SessionEnded
        throttles.hit(scope, str(tokens.read_refresh(raw).session_id))
        return _granted(sessions.refresh(raw, client=client_of(request)))


class LogoutView(_PublicView):
    @extend_schema(operation_id="auth_logout", request=RefreshSerializer, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """End the session of the body's refresh token, or of the access token, or of the cookie. 401 without any."""
        sessions.log_out(_session_to_end(request), client=client_of(request))
        return _signed_out()


def _session_to_end(request: Request) -> UUID:
    if raw := _valid(RefreshSerializer, request).get("refresh_token"):
        return tokens.read_refresh(raw).session_id
    with suppress(AuthenticationFailed):  # run out, perhaps; the cookie may still be good
        if signed_in := BearerAuthentication().authenticate(request):
            return signed_in[1].session_id
    if raw := cookies.read_refresh(request):
        return tokens.read_refresh(raw).session_id
    raise SessionEnded


class LogoutAllView(APIView):
    @extend_schema(operation_id="auth_logout_all", request=None, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """End all sessions, this one included."""
        sessions.log_out_everywhere(_actor(request), client=client_of(request))
        return _signed_out()


def _signed_out() -> Response:
    response = Response(status=status.HTTP_204_NO_CONTENT)
    cookies.clear_refresh(response)
    return response


class MeView(APIView):
    delete_takes_body = True

    def get_throttles(self) -> list[Any]:
        """Leaving compares a password."""
        self.throttle_scope = "login" if self.request.method == "DELETE" else None
        return super().get_throttles()

    @extend_schema(operation_id="auth_me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The signed-in user."""
        return Response(MeSerializer({"user": _actor(request)}).data)

    @extend_schema(operation_id="auth_me_update", request=ProfileSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change the profile; what is left out stays. 409 ``duplicate`` when the user name is taken."""
        changes = cast("profile.ProfileChanges", _valid(ProfileSerializer, request))
        user = profile.update_profile(_actor(request), client=client_of(request), **changes)
        return Response(MeSerializer({"user": user}).data)

    @extend_schema(operation_id="auth_me_delete", request=LeaveSerializer, responses={202: DeletionSerializer})
    def delete(self, request: Request) -> Response:
        """Leave: all sessions end, and the account is erased in 14 days; signing in with ``restore`` brings it back.

        400 for a wrong password, 403 ``sign_in_again`` for who has none, 429 ``locked_out``.
        """
        deletion = leaving.request(
            _actor(request),
            **_valid(LeaveSerializer, request),
            session_id=_session_id(request),
            client=client_of(request),
        )
        response = Response(DeletionSerializer(deletion).data, status=status.HTTP_202_ACCEPTED)
        cookies.clear_refresh(response)
        return response


class DataExportView(APIView):
    @extend_schema(operation_id="auth_me_export", responses=DataExportSerializer)
    def get(self, request: Request) -> Response:
        """How the newest archive stands, with a link to it when it is ready."""
        state = exporting.state(_actor(request))
        return Response(DataExportSerializer(state).data, headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="auth_me_export_start", request=None, responses={202: DataExportSerializer})
    def post(self, request: Request) -> Response:
        """Begin to gather everything one owns; while that runs, the answer is how far it is. 429: too often."""
        state = exporting.start(_actor(request), client=client_of(request))
        return Response(
            DataExportSerializer(state).data, status=status.HTTP_202_ACCEPTED, headers={"Cache-Control": "no-store"}
        )


class PasswordView(APIView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_password", request=PasswordSerializer, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Change the password; all other sessions end."""
        passwords.change_password(
            _actor(request),
            **_valid(PasswordSerializer, request),
            keep_session=_session_id(request),
            client=client_of(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(get=extend_schema(operation_id="auth_sessions"))
class SessionListView(ListAPIView[Session]):
    """The living sessions, newest first."""

    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet[Session]:
        if getattr(self, "swagger_fake_view", False):
            return Session.objects.none()
        return Session.objects.visible_to(_actor(self.request)).alive()


class SessionView(APIView):
    @extend_schema(operation_id="auth_session_revoke", responses={204: NO_CONTENT})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End one of the own sessions."""
        sessions.revoke(_actor(request), session_id=session_id, client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TicketView(APIView):
    @extend_schema(operation_id="auth_ws_ticket", request=None, responses={201: TicketSerializer})
    def post(self, request: Request) -> Response:
        """A ticket that opens one socket."""
        ticket = tickets.issue_ticket(_actor(request), session_id=_session_id(request))
        answer = TicketSerializer({"ticket": ticket, "expires_in": tickets.LIFETIME_SECONDS})
        return Response(answer.data, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})
