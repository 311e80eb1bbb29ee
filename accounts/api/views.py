"""``/api/auth/…``: HTTP only, the rules are in the services."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from typing import cast
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.api import bodies
from accounts.api import cookies
from accounts.api import shapes
from accounts.api.authentication import BearerAuthentication
from accounts.api.sign_in import granted
from accounts.api.sign_in import reading_language
from accounts.api.sign_in import session_id_of
from accounts.api.sign_in import signed_in
from accounts.clients import client_of
from accounts.errors import SessionEnded
from accounts.models import Session
from accounts.services import account_deletion
from accounts.services import email_address
from accounts.services import exporting
from accounts.services import login
from accounts.services import magic_link
from accounts.services import passwords
from accounts.services import profile
from accounts.services import registration
from accounts.services import sessions
from accounts.services import tickets
from core.api import params
from core.api import throttles
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import validated

NO_CONTENT = OpenApiResponse(description="Done.")
ASKED = OpenApiResponse(description="A letter is on its way, if there is somebody to get it.")


class _PublicView(APIView):
    """Open to everybody; a stale access token that a client still sends is not looked at."""

    permission_classes = [AllowAny]
    authentication_classes: list[type[BearerAuthentication]] = []


class RegisterView(_PublicView):
    throttle_scope = "register"

    @extend_schema(operation_id="auth_register", request=bodies.RegisterRequest, responses={201: shapes.Grant})
    def post(self, request: Request) -> Response:
        """Make an account and sign in. 409 ``duplicate`` when a name is taken."""
        client = client_of(request)
        form = validated(request, bodies.RegisterRequest)
        user = registration.register(**form.model_dump(), client=client, language=reading_language())
        return granted(request, sessions.open_session(user, client=client), status_code=status.HTTP_201_CREATED)


class LoginView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_login", request=bodies.LoginRequest, responses=shapes.Grant)
    def post(self, request: Request) -> Response:
        """Sign in. 401 ``invalid_credentials``, 403 ``account_disabled``, 429 ``locked_out``.

        403 ``deletion_scheduled`` with ``deletion_at``: the account is about to go; ``restore`` keeps it and signs in.
        """
        form = validated(request, bodies.LoginRequest)
        grant = login.login(form.email, password=form.password, restore=form.restore, client=client_of(request))
        return granted(request, grant)


class MagicLinkView(_PublicView):
    throttle_scope = "mail"

    @extend_schema(operation_id="auth_magic_link", request=bodies.MailboxRequest, responses={202: ASKED})
    def post(self, request: Request) -> Response:
        """Mail a link that signs in, and makes the account of a newcomer. 429 after three in an hour."""
        email = validated(request, bodies.MailboxRequest).email
        magic_link.request(email, language=reading_language(), client=client_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class VerifyMagicLinkView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_verify_magic_link", request=bodies.MailedSignInRequest, responses=shapes.Grant)
    def post(self, request: Request) -> Response:
        """Sign in by a mailed link. 400 ``link_expired``, 403 ``account_disabled``, ``deletion_scheduled`` as login."""
        form = validated(request, bodies.MailedSignInRequest)
        grant = magic_link.sign_in(
            form.token, restore=form.restore, client=client_of(request), language=reading_language()
        )
        return granted(request, grant)


class EmailVerificationView(APIView):
    throttle_scope = "mail"

    @extend_schema(operation_id="auth_email_verification", request=None, responses={202: ASKED})
    def post(self, request: Request) -> Response:
        """Mail a link that confirms the own address. 409 when it is confirmed."""
        email_address.request_verification(actor(request), client=client_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class EmailVerifyView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_email_verify", request=bodies.LinkRequest, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Confirm an address by a mailed link. 400 ``link_expired``.

        Without the access token of that account its sessions end and its password goes: somebody else may have set it.
        """
        token = validated(request, bodies.LinkRequest).token
        email_address.verify(token, actor=signed_in(request), client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EmailChangeView(APIView):
    throttle_scope = "mail"

    @extend_schema(operation_id="auth_email_change", request=bodies.MailboxChangeRequest, responses={202: ASKED})
    def post(self, request: Request) -> Response:
        """Mail a link to a new address; it is used from the moment the link is. 403 ``sign_in_again``."""
        form = validated(request, bodies.MailboxChangeRequest)
        email_address.request_change(
            actor(request),
            email=form.email,
            password=form.password,
            session_id=session_id_of(request),
            client=client_of(request),
        )
        return Response(status=status.HTTP_202_ACCEPTED)


class EmailConfirmView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_email_confirm", request=bodies.LinkRequest, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Use the new address, by the link mailed to it. 400 ``link_expired``, 409 ``duplicate``."""
        email_address.change(validated(request, bodies.LinkRequest).token, client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResetRequestView(_PublicView):
    throttle_scope = "mail"

    @extend_schema(operation_id="auth_password_reset_request", request=bodies.MailboxRequest, responses={202: ASKED})
    def post(self, request: Request) -> Response:
        """Mail a link to a new password, if an account has that address. 429 after three in an hour."""
        email = validated(request, bodies.MailboxRequest).email
        passwords.request_reset(email, language=reading_language(), client=client_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class ResetView(_PublicView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_password_reset", request=bodies.ResetRequest, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Set a new password by a mailed link; all sessions end. 400 ``link_expired``."""
        form = validated(request, bodies.ResetRequest)
        passwords.reset(form.token, password=form.password, client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RefreshView(_PublicView):
    @extend_schema(operation_id="auth_refresh", request=bodies.RefreshRequest, responses=shapes.Grant)
    def post(self, request: Request) -> Response:
        """Exchange the refresh token, of body or cookie, for a new pair. 401 ``session_ended``, ``session_revoked``.

        The new refresh token stands in the body for whoever sent the old one there, else only in the cookie.
        """
        sent = validated(request, bodies.RefreshRequest).refresh_token
        raw = sent or cookies.read_refresh(request)
        if not raw:
            raise SessionEnded
        scope = "refresh" if sent else "refresh_cookie"
        throttles.hit(scope, str(tokens.read_refresh(raw).session_id))
        return granted(request, sessions.refresh(raw, client=client_of(request)), by_cookie=not sent)


class LogoutView(_PublicView):
    @extend_schema(operation_id="auth_logout", request=bodies.RefreshRequest, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """End the session of the body's refresh token, or of the access token, or of the cookie. 401 without any."""
        sessions.log_out(_session_to_end(request), client=client_of(request))
        return _signed_out()


def _session_to_end(request: Request) -> UUID:
    if sent := validated(request, bodies.RefreshRequest).refresh_token:
        return tokens.read_refresh(sent).session_id
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
        sessions.log_out_everywhere(actor(request), client=client_of(request))
        return _signed_out()


def _signed_out() -> Response:
    response = Response(status=status.HTTP_204_NO_CONTENT)
    cookies.clear_refresh(response)
    return response


class MeView(APIView):
    delete_takes_body = True

    def get_throttles(self) -> list[Any]:
        """Leaving compares a password; a new name or picture is told to everybody who sees it."""
        self.throttle_scope = {"DELETE": "login", "PATCH": "profile"}.get(self.request.method or "")
        return super().get_throttles()

    @extend_schema(operation_id="auth_me", responses=shapes.Me)
    def get(self, request: Request) -> Response:
        """The signed-in user."""
        return Response(shapes.Me.of(actor(request)))

    @extend_schema(operation_id="auth_me_update", request=bodies.ProfileRequest, responses=shapes.Me)
    def patch(self, request: Request) -> Response:
        """Change the profile; what is left out stays. 409 ``duplicate`` when the user name is taken."""
        changes = validated(request, bodies.ProfileRequest).model_dump(exclude_unset=True)
        user = profile.update_profile(
            actor(request), client=client_of(request), **cast("profile.ProfileChanges", changes)
        )
        return Response(shapes.Me.of(user))

    @extend_schema(operation_id="auth_me_delete", request=bodies.LeaveRequest, responses={202: shapes.Deletion})
    def delete(self, request: Request) -> Response:
        """Leave: all sessions end, and the account is erased in 14 days; signing in with ``restore`` brings it back.

        400 for a wrong password, 403 ``sign_in_again`` for who has none, 429 ``locked_out``.
        """
        deletion = account_deletion.request(
            actor(request),
            **validated(request, bodies.LeaveRequest).model_dump(exclude_unset=True),
            session_id=session_id_of(request),
            client=client_of(request),
        )
        response = Response(shapes.Deletion(deletion_at=deletion.due_at), status=status.HTTP_202_ACCEPTED)
        cookies.clear_refresh(response)
        return response


class DataExportView(APIView):
    @extend_schema(operation_id="auth_me_export", responses=shapes.DataExport)
    def get(self, request: Request) -> Response:
        """How the newest archive stands, with a link to it when it is ready."""
        export = exporting.newest(actor(request))
        exporting.look(export)
        return Response(shapes.DataExport.of(export), headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="auth_me_export_start", request=None, responses={202: shapes.DataExport})
    def post(self, request: Request) -> Response:
        """Begin to gather everything one owns; while that runs, the answer is how far it is. 429: too often."""
        export = exporting.start(actor(request), client=client_of(request))
        return Response(
            shapes.DataExport.of(export), status=status.HTTP_202_ACCEPTED, headers={"Cache-Control": "no-store"}
        )


class PasswordView(APIView):
    throttle_scope = "login"

    @extend_schema(operation_id="auth_password", request=bodies.PasswordRequest, responses={204: NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Change the password; all other sessions end."""
        passwords.change_password(
            actor(request),
            **validated(request, bodies.PasswordRequest).model_dump(exclude_unset=True),
            keep_session=session_id_of(request),
            client=client_of(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionListView(APIView):
    @extend_schema(operation_id="auth_sessions", parameters=params.PAGE, responses=shapes.PaginatedSessionList)
    def get(self, request: Request) -> Response:
        """The living sessions, newest first."""
        rows, paginator = Session.objects.visible_to(actor(request)).alive(), CursorPagination()
        page = paginator.paginate_queryset(rows, request, view=self)
        current = session_id_of(request)
        return paginator.get_paginated_response([shapes.Session.of(row, current=current) for row in page])


class SessionView(APIView):
    @extend_schema(operation_id="auth_session_revoke", responses={204: NO_CONTENT})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End one of the own sessions."""
        sessions.revoke(actor(request), session_id=session_id, client=client_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TicketView(APIView):
    @extend_schema(operation_id="auth_ws_ticket", request=None, responses={201: shapes.Ticket})
    def post(self, request: Request) -> Response:
        """A ticket that opens one socket."""
        ticket = tickets.issue_ticket(actor(request), session_id=session_id_of(request))
        answer = shapes.Ticket(ticket=ticket, expires_in=tickets.LIFETIME_SECONDS)
        return Response(answer, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})
