"""A person's devices: subscribed, listed, changed, tried."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import limit
from core.api.request import validated
from core.push import notices
from core.push import shapes
from core.push import subscriptions
from core.push.keys import site_key
from core.push.models import PushPreferences
from core.push.models import PushSubscription


def _session(request: Request) -> UUID | None:
    return getattr(request.auth, "session_id", None)


def _shown(row: PushSubscription, request: Request) -> dict[str, Any]:
    shape = shapes.Device(
        id=row.pk,
        device=row.device,
        host=row.host,
        enabled=row.enabled,
        shows_text=row.shows_text,
        has_sound=row.has_sound,
        is_this=row.session_id is not None and row.session_id == _session(request),
        created_at=row.created_at,
        used_at=row.used_at,
    )
    return shape.model_dump()


def _wishes(row: PushPreferences) -> Response:
    start, end = (moment and f"{moment:%H:%M}" for moment in (row.quiet_from, row.quiet_until))
    return Response(shapes.Preferences(quiet_from=start, quiet_until=end).model_dump())


class KeyView(APIView):
    """The site's key."""

    @extend_schema(operation_id="push_key", responses=shapes.PushKeyShape)
    def get(self, _request: Request) -> Response:
        """What a browser subscribes with."""
        return Response(shapes.PushKeyShape(public_key=site_key().public).model_dump())


class DevicesView(APIView):
    """The devices one has."""

    @extend_schema(operation_id="push_devices", parameters=params.PAGE, responses=shapes.DevicePage)
    def get(self, request: Request) -> Response:
        """One's own, newest first."""
        rows, paginator = PushSubscription.objects.visible_to(actor(request)), CursorPagination()
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([_shown(row, request) for row in page])

    @extend_schema(
        operation_id="push_subscribe",
        request=shapes.SubscribeRequest,
        responses={200: shapes.Device, 201: shapes.Device},
    )
    def post(self, request: Request) -> Response:
        """Write to this browser from now on; 200 when it was known. 409 `endpoint_taken`: it is somebody else's."""
        body = validated(request, shapes.SubscribeRequest)
        limit(request, "push")
        row, is_new = subscriptions.subscribe(
            actor(request),
            endpoint=body.endpoint,
            p256dh=body.keys.p256dh,
            auth=body.keys.auth,
            device=body.device or "",
            session_id=_session(request),
        )
        return Response(_shown(row, request), status=201 if is_new else 200)


class DeviceView(APIView):
    """One device."""

    @extend_schema(operation_id="push_device_change", request=shapes.DeviceChangeRequest, responses=shapes.Device)
    def patch(self, request: Request, subscription_id: UUID) -> Response:
        """Silence it, hide what was written, name it."""
        changes = validated(request, shapes.DeviceChangeRequest).model_dump(exclude_unset=True)
        return Response(_shown(subscriptions.change(actor(request), subscription_id, **changes), request))

    @extend_schema(operation_id="push_unsubscribe", responses={204: None})
    def delete(self, request: Request, subscription_id: UUID) -> Response:
        """Write to it no more."""
        subscriptions.unsubscribe(actor(request), subscription_id)
        return Response(status=204)


class TrialView(APIView):
    """A notice for a trial."""

    @extend_schema(operation_id="push_trial", request=None, responses={202: shapes.Tried})
    def post(self, request: Request, subscription_id: UUID) -> Response:
        """Send one to this device, quiet hours or not."""
        limit(request, "push")
        queued = notices.try_out(
            actor(request), subscription_id, title=_("It works"), body=_("Notices reach this device.")
        )
        return Response(shapes.Tried(queued=queued).model_dump(), status=202)


class PreferencesView(APIView):
    """When one is left alone."""

    @extend_schema(operation_id="push_preferences", responses=shapes.Preferences)
    def get(self, request: Request) -> Response:
        """One's quiet hours."""
        return _wishes(subscriptions.preferences(actor(request)))

    @extend_schema(operation_id="push_preferences_set", request=shapes.PreferencesRequest, responses=shapes.Preferences)
    def put(self, request: Request) -> Response:
        """Both, or null for both."""
        body = validated(request, shapes.PreferencesRequest)
        hours = {name: said and time.fromisoformat(said) for name, said in body.model_dump().items()}
        return _wishes(subscriptions.set_quiet_hours(actor(request), **hours))
