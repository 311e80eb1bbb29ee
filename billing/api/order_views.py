"""Orders of the user who asks: ``/api/orders…``. They are made by the features whose work they pay for."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.clients import client_of
from billing.api import shapes
from billing.api.payment_views import UNSTORED
from billing.api.payment_views import absolute
from billing.models import Order
from billing.payments import orders
from billing.payments import paying
from core.api.pagination import CursorPagination
from core.api.params import PAGE
from core.api.request import actor


class OrdersView(APIView):
    @extend_schema(operation_id="orders_list", parameters=PAGE, responses=shapes.PaginatedOrderList)
    def get(self, request: Request) -> Response:
        """Your orders, the newest first."""
        pages = CursorPagination()
        own = Order.objects.visible_to(actor(request)).select_related("quote")
        page = pages.paginate_queryset(own, request, view=self)
        return pages.get_paginated_response([shapes.order(row) for row in page])


class OrderView(APIView):
    @extend_schema(operation_id="orders_retrieve", responses=shapes.Order)
    def get(self, request: Request, order_id: UUID) -> Response:
        """One order of yours."""
        return Response(shapes.order(paying.own(actor(request), order_id)))


class OrderPayView(APIView):
    """It asks the payment provider."""

    throttle_scope = "payment"

    @extend_schema(operation_id="orders_pay", request=None, responses={201: shapes.OrderPayment})
    def post(self, request: Request, order_id: UUID) -> Response:
        """How to pay an open order; 409 when there is nothing to pay, or the offer has expired."""
        made = paying.offer(actor(request), order_id, client=client_of(request))
        answer = shapes.OrderPayment(
            order=made.order.pk,
            url=absolute(request, made.url),
            client_secret=made.client_secret,
            payment_id=made.payment.pk,
        )
        return Response(answer, status=status.HTTP_201_CREATED, headers=UNSTORED)


class OrderCancelView(APIView):
    @extend_schema(operation_id="orders_cancel", request=None, responses=shapes.Order)
    def post(self, request: Request, order_id: UUID) -> Response:
        """Give up an order that is not paid; 409 for one that is. Money that comes all the same goes back."""
        order = paying.own(actor(request), order_id)
        orders.cancel(order.pk)
        return Response(shapes.order(paying.own(actor(request), order_id)))
