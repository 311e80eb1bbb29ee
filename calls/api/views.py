"""Calls: begin, answer, end, and all that a device asks meanwhile."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.sign_in import session_id_of
from calls import shapes
from calls.api import bodies
from calls.presentation import answers
from calls.services import answering
from calls.services import ending
from calls.services import joining
from calls.services import legs
from calls.services import media
from calls.services import relaying
from calls.services import starting
from core.api.request import actor
from core.api.request import queried
from core.api.request import validated


def _device(request: Request, body: bodies.InitiateRequest | bodies.AnswerRequest) -> joining.Device:
    return joining.Device(body.device_key, session_id_of(request), audio_on=body.audio_on, video_on=body.video_on)


class InitiateView(APIView):
    """Calling somebody."""

    throttle_scope = "call"

    @extend_schema(request=bodies.InitiateRequest, responses={200: shapes.InitiatedShape, 201: shapes.InitiatedShape})
    def post(self, request: Request) -> Response:
        """201: the others are rung. 200: it is a repeat, or there was a call already and one is in it now."""
        body = validated(request, bodies.InitiateRequest)
        begun = starting.initiate(
            actor(request),
            _device(request, body),
            conversation_id=body.conversation_id,
            call_type=body.call_type,
            client_id=body.client_id,
        )
        shown = answers.initiated(
            begun.call,
            begun.leg,
            relaying.of_leg(begun.leg),
            is_joined=begun.joined,
            reachable=starting.reachable(begun),
        )
        return Response(shown, status=201 if begun.is_new else 200)


class AnswerView(APIView):
    """Answering, or joining."""

    throttle_scope = "call"

    @extend_schema(request=bodies.AnswerRequest, responses=shapes.JoinedShape)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Of several devices that try at once one is in; the others get 409 `answered_elsewhere`."""
        body = validated(request, bodies.AnswerRequest)
        joined = answering.answer(actor(request), _device(request, body), call_id=call_id, move=body.move)
        return Response(answers.joined(joined.call, joined.leg, relaying.of_leg(joined.leg)))


class RejectView(APIView):
    """Declining."""

    throttle_scope = "call"

    @extend_schema(request=None, responses=shapes.OneCallShape)
    def post(self, request: Request, call_id: UUID) -> Response:
        """A direct call is over; in a group one's own devices fall silent."""
        return Response(answers.one(answering.reject(actor(request), call_id=call_id)))


class EndView(APIView):
    """Hanging up."""

    @extend_schema(request=bodies.EndRequest, responses=shapes.OneCallShape)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Leave, or end it for all (who began it, and admins of the group). Repeats are answered alike."""
        body = validated(request, bodies.EndRequest)
        call = ending.end(actor(request), call_id=call_id, leg_id=body.leg_id, for_everyone=body.for_everyone)
        return Response(answers.one(call))


class BeatView(APIView):
    """Signs of life."""

    @extend_schema(request=bodies.BeatRequest, responses=shapes.BeatShape)
    def post(self, request: Request, call_id: UUID) -> Response:
        """As `call.beat` over the socket; for pages that close, and where there is no socket."""
        given = legs.Beat(**dict(validated(request, bodies.BeatRequest)))
        return Response(legs.beat(actor(request), given, call_id=call_id, session_id=session_id_of(request)))


class IceServersView(APIView):
    """How devices find each other."""

    throttle_scope = "ice"

    @extend_schema(parameters=[OpenApiParameter("call_id", UUID)], responses=shapes.IceShape)
    def get(self, request: Request) -> Response:
        """STUN and TURN for one's own device in a running call; the credentials are made anew each time.

        Without a call there are none: what is told then is only what anybody may ask.
        """
        call_id = queried(request, bodies.IceQuery).call_id
        found = relaying.servers(actor(request), call_id) if call_id else relaying.without_credentials()
        return Response(found, headers={"Cache-Control": "no-store"})


class PassView(APIView):
    """The way into the media server."""

    throttle_scope = "ice"

    @extend_schema(request=bodies.PassRequest, responses=shapes.MediaPass)
    def post(self, request: Request, call_id: UUID) -> Response:
        """A pass for one's own device, good once and for a minute; makes the room where the call may move."""
        body = validated(request, bodies.PassRequest)
        found = media.pass_for(actor(request), call_id=call_id, leg_id=body.leg_id)
        return Response(found, headers={"Cache-Control": "no-store"})


class HmsPassView(PassView):
    """The same under its older name."""

    @extend_schema(operation_id="calls_100ms_create", request=bodies.PassRequest, responses=shapes.MediaPass)
    def post(self, request: Request, call_id: UUID) -> Response:
        """As `POST /api/calls/{call_id}/sfu`."""
        return super().post(request, call_id)


class HmsTokenView(APIView):
    """A token of 100ms."""

    throttle_scope = "ice"

    @extend_schema(request=bodies.HmsTokenRequest, responses=shapes.HmsToken)
    def post(self, request: Request) -> Response:
        """For one's own device in a call that goes through 100ms."""
        body = validated(request, bodies.HmsTokenRequest)
        found = media.hms_token(actor(request), call_id=body.call_id)
        return Response(found, headers={"Cache-Control": "no-store"})


class SponsorView(APIView):
    """Paying for a call."""

    @extend_schema(request=None, responses=shapes.OneCallShape)
    def post(self, request: Request, call_id: UUID) -> Response:
        """One's own minutes from now on."""
        return Response(answers.one(media.sponsor(actor(request), call_id=call_id)))
