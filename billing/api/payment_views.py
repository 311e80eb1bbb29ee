"""Buying, changing and looking at payments: ``/api/subscription/…`` and ``/api/payment/…``."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from drf_spectacular.utils import extend_schema_view
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.clients import client_of
from billing.api import shapes
from billing.models import Payment
from billing.payments import intents
from billing.payments import plan_pages
from billing.payments import subscriptions
from core.api.pagination import CursorPagination
from core.api.params import PAGE
from core.api.request import actor
from core.api.request import validated
from core.errors import InvalidInput
from core.shapes import Shape

_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="A repetition returns what the first made."
)
_LONGEST_KEY = 120
# Addresses and secrets of payments are credentials.
UNSTORED = {"Cache-Control": "no-store"}


def _key(request: Request) -> str:
    """The client's key; raises InvalidInput for one that is too long to keep."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise InvalidInput(details={"Idempotency-Key": [f"At most {_LONGEST_KEY} printable characters."]})
    return key


def absolute(request: Request, url: str) -> str:
    """The demo's pages are our own, on the host that was asked."""
    return request.build_absolute_uri(url) if url.startswith("/") else url


def _created(answer: Shape) -> Response:
    return Response(answer, status=status.HTTP_201_CREATED, headers=UNSTORED)


class _PaymentView(APIView):
    """Each of these asks the payment provider."""

    throttle_scope = "payment"


class CheckoutView(_PaymentView):
    @extend_schema(
        operation_id="subscription_checkout",
        request=shapes.PlanChoiceRequest,
        responses={201: shapes.Checkout},
    )
    def post(self, request: Request) -> Response:
        """A page where a plan is paid for the first time, the same one while it is open; a page of another plan closes.

        409 when a plan is paid for already.
        """
        plan = validated(request, shapes.PlanChoiceRequest).plan
        made = plan_pages.open_page(actor(request), plan=plan, client=client_of(request))
        return _created(shapes.Checkout(url=absolute(request, made.url), session_id=made.id))


class CheckoutStateView(_PaymentView):
    throttle_scope = "payment_state"

    @extend_schema(operation_id="subscription_checkout_state", responses=shapes.CheckoutState)
    def get(self, request: Request, session_id: str) -> Response:
        """How a checkout of yours stands."""
        return Response(shapes.CheckoutState(state=plan_pages.page_of(actor(request), session_id).state))


class PortalView(_PaymentView):
    @extend_schema(operation_id="subscription_portal", request=None, responses={201: shapes.Portal})
    def post(self, request: Request) -> Response:
        """The provider's page for your cards and invoices."""
        return _created(shapes.Portal(url=absolute(request, subscriptions.open_portal(actor(request)))))


class ChangeView(_PaymentView):
    @extend_schema(
        operation_id="subscription_change",
        request=shapes.PlanChoiceRequest,
        responses=shapes.ChangedSubscription,
    )
    def post(self, request: Request) -> Response:
        """Another plan: a larger one at once, a smaller one from the next period on."""
        plan = validated(request, shapes.PlanChoiceRequest).plan
        row, url = subscriptions.change_plan(actor(request), plan=plan, client=client_of(request))
        return Response(shapes.changed_subscription(row, payment_url=url))


class ChangePriceView(_PaymentView):
    @extend_schema(
        operation_id="subscription_change_price",
        request=shapes.PlanChoiceRequest,
        responses=shapes.ChangePrice,
    )
    def post(self, request: Request) -> Response:
        """What a change to this plan would charge now. Changes nothing."""
        plan = validated(request, shapes.PlanChoiceRequest).plan
        due = subscriptions.upgrade_costs(actor(request), plan=plan)
        return Response(shapes.ChangePrice(amount=due.amount, currency=due.currency))


class CancelView(_PaymentView):
    @extend_schema(operation_id="subscription_cancel", request=None, responses=shapes.Subscription)
    def post(self, request: Request) -> Response:
        """End the plan with the period that is paid."""
        return Response(shapes.subscription(subscriptions.cancel(actor(request), client=client_of(request))))


class ResumeView(_PaymentView):
    @extend_schema(operation_id="subscription_resume", request=None, responses=shapes.Subscription)
    def post(self, request: Request) -> Response:
        """Go on after all, on the present plan."""
        return Response(shapes.subscription(subscriptions.resume(actor(request), client=client_of(request))))


class HistoryView(APIView):
    """Payments of the user who asks, page by page."""

    purposes: ClassVar[tuple[str, ...]] = ()

    @extend_schema(operation_id="payment_history", parameters=PAGE, responses=shapes.PaginatedPaymentList)
    def get(self, request: Request) -> Response:
        """Your payments, the newest first."""
        own = Payment.objects.visible_to(actor(request))
        rows = own.filter(purpose__in=self.purposes) if self.purposes else own
        pages = CursorPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response([shapes.payment(row) for row in page])


@extend_schema_view(
    get=extend_schema(operation_id="subscription_payments", description="Your payments for plans, the newest first.")
)
class SubscriptionPaymentsView(HistoryView):
    """Your payments for plans, the newest first."""

    purposes = (Payment.Purpose.SUBSCRIPTION,)


class PaymentView(APIView):
    @extend_schema(operation_id="payment_retrieve", responses=shapes.Payment)
    def get(self, request: Request, payment_id: UUID) -> Response:
        """One payment of yours."""
        return Response(shapes.payment(get_object_or_404(Payment.objects.visible_to(actor(request)), pk=payment_id)))


class IntentView(_PaymentView):
    @extend_schema(
        operation_id="payment_create_intent",
        parameters=[_KEY],
        request=shapes.IntentRequest,
        responses={201: shapes.Intent},
    )
    def post(self, request: Request) -> Response:
        """Prepare the payment of an open order, at the order's amount; 409 for another amount, or without an order.

        Its outcome shows in ``GET /api/payment/{id}``.
        """
        wanted = validated(request, shapes.IntentRequest)
        made = intents.create(actor(request), key=_key(request), **wanted.model_dump())
        return _created(
            shapes.Intent(
                client_secret=made.intent.client_secret,
                payment_intent_id=made.intent.id,
                payment_id=made.payment.pk,
                amount=made.payment.amount,
                currency=made.payment.currency,
            )
        )
