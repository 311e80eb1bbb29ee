"""Buying, changing and looking at payments: ``/api/subscription/…`` and ``/api/payment/…``."""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from drf_spectacular.utils import extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.clients import client_of
from accounts.models import User
from billing.api import serializers
from billing.models import Payment
from billing.models import Subscription
from billing.payments import intents
from billing.payments import subscriptions
from core.errors import InvalidInput

_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="A repetition returns what the first made."
)
_LONGEST_KEY = 120
# Addresses and secrets of payments are credentials.
_UNSTORED = {"Cache-Control": "no-store"}


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the permission class has seen to it
    return request.user


def _valid(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return cast("dict[str, Any]", form.validated_data)


def _key(request: Request) -> str:
    """The client's key; raises InvalidInput for one that is too long to keep."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise InvalidInput(details={"Idempotency-Key": [f"At most {_LONGEST_KEY} printable characters."]})
    return key


def _absolute(request: Request, url: str) -> str:
    """The demo's pages are our own, on the host that was asked."""
    return request.build_absolute_uri(url) if url.startswith("/") else url


def _subscription(row: Subscription) -> Response:
    return Response(serializers.SubscriptionSerializer(row).data)


class _PaymentView(APIView):
    """Each of these asks the payment provider."""

    throttle_scope = "payment"


class CheckoutView(_PaymentView):
    @extend_schema(
        operation_id="subscription_checkout",
        parameters=[_KEY],
        request=serializers.PlanChoiceSerializer,
        responses={201: serializers.CheckoutSerializer},
    )
    def post(self, request: Request) -> Response:
        """A page where a plan is paid for the first time; 409 when one is paid for already."""
        plan = _valid(serializers.PlanChoiceSerializer, request)["plan"]
        made = subscriptions.start_checkout(_user(request), plan=plan, key=_key(request), client=client_of(request))
        body = {"url": _absolute(request, made.url), "session_id": made.id}
        answer = serializers.CheckoutSerializer(body)
        return Response(answer.data, status=status.HTTP_201_CREATED, headers=_UNSTORED)


class CheckoutStateView(_PaymentView):
    throttle_scope = "payment_state"

    @extend_schema(operation_id="subscription_checkout_state", responses=serializers.CheckoutStateSerializer)
    def get(self, request: Request, session_id: str) -> Response:
        """How a checkout of yours stands."""
        return Response(serializers.CheckoutStateSerializer(subscriptions.checkout_of(_user(request), session_id)).data)


class PortalView(_PaymentView):
    @extend_schema(operation_id="subscription_portal", request=None, responses={201: serializers.PortalSerializer})
    def post(self, request: Request) -> Response:
        """The provider's page for your cards and invoices."""
        body = {"url": _absolute(request, subscriptions.open_portal(_user(request)))}
        answer = serializers.PortalSerializer(body)
        return Response(answer.data, status=status.HTTP_201_CREATED, headers=_UNSTORED)


class ChangeView(_PaymentView):
    @extend_schema(
        operation_id="subscription_change",
        request=serializers.PlanChoiceSerializer,
        responses=serializers.ChangedSubscriptionSerializer,
    )
    def post(self, request: Request) -> Response:
        """Another plan: a larger one at once, a smaller one from the next period on."""
        plan = _valid(serializers.PlanChoiceSerializer, request)["plan"]
        row, url = subscriptions.change_plan(_user(request), plan=plan, client=client_of(request))
        body = serializers.SubscriptionSerializer(row).data | {"payment_url": url or None}
        return Response(body)


class CancelView(_PaymentView):
    @extend_schema(operation_id="subscription_cancel", request=None, responses=serializers.SubscriptionSerializer)
    def post(self, request: Request) -> Response:
        """End the plan with the period that is paid."""
        return _subscription(subscriptions.cancel(_user(request), client=client_of(request)))


class ResumeView(_PaymentView):
    @extend_schema(operation_id="subscription_resume", request=None, responses=serializers.SubscriptionSerializer)
    def post(self, request: Request) -> Response:
        """Go on after all, on the present plan."""
        return _subscription(subscriptions.resume(_user(request), client=client_of(request)))


@extend_schema_view(get=extend_schema(operation_id="payment_history"))
class HistoryView(ListAPIView[Payment]):
    """Your payments, the newest first."""

    serializer_class = serializers.PaymentSerializer
    purposes: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self) -> QuerySet[Payment]:
        own: QuerySet[Payment] = Payment.objects.visible_to(_user(self.request))
        return own.filter(purpose__in=self.purposes) if self.purposes else own


@extend_schema_view(get=extend_schema(operation_id="subscription_payments"))
class SubscriptionPaymentsView(HistoryView):
    """Your payments for plans, the newest first."""

    purposes = (Payment.Purpose.SUBSCRIPTION,)


class PaymentView(APIView):
    @extend_schema(operation_id="payment_retrieve", responses=serializers.PaymentSerializer)
    def get(self, request: Request, payment_id: UUID) -> Response:
        """One payment of yours."""
        own = get_object_or_404(Payment.objects.visible_to(_user(request)), pk=payment_id)
        return Response(serializers.PaymentSerializer(own).data)


class IntentView(_PaymentView):
    @extend_schema(
        operation_id="payment_create_intent",
        parameters=[_KEY],
        request=serializers.IntentRequestSerializer,
        responses={201: serializers.IntentSerializer},
    )
    def post(self, request: Request) -> Response:
        """Prepare a single payment; its outcome shows in ``GET /api/payment/{id}``."""
        wanted = _valid(serializers.IntentRequestSerializer, request)
        made = intents.create(_user(request), key=_key(request), **wanted)
        body = {
            "client_secret": made.intent.client_secret,
            "payment_intent_id": made.intent.id,
            "payment_id": made.payment.pk,
            "amount": made.payment.amount,
            "currency": made.payment.currency,
        }
        answer = serializers.IntentSerializer(body)
        return Response(answer.data, status=status.HTTP_201_CREATED, headers=_UNSTORED)
