"""What can be had: prices for everybody, services and languages."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.request import actor
from core.api.request import queried
from core.api.schema import query
from translation import text_shapes
from translation.api.bodies import LanguagesQuery
from translation.api.bodies import PricingQuery
from translation.presentation import offers
from translation.services import choosing


class PricingView(APIView):
    """Prices."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []

    @extend_schema(
        operation_id="translation_pricing", parameters=query(PricingQuery), responses=text_shapes.PricingShape, auth=[]
    )
    def get(self, request: Request) -> Response:
        """What so many characters cost, by any service, on or off; beside it what a file costs that it takes whole."""
        asked = queried(request, PricingQuery)
        shape = offers.price(asked.service, asked.char_count, file_format=asked.format, pages=asked.pages)
        return Response(shape.model_dump(exclude_none=True))


class ServicesView(APIView):
    """Services."""

    @extend_schema(operation_id="translation_services", responses=text_shapes.ServicesShape)
    def get(self, _request: Request) -> Response:
        """All there are, on or off; the first that is on is taken where nobody chose."""
        return Response(text_shapes.ServicesShape(results=offers.services()))


class LanguagesView(APIView):
    """Languages."""

    @extend_schema(
        operation_id="translation_languages", parameters=query(LanguagesQuery), responses=text_shapes.LanguagesShape
    )
    def get(self, request: Request) -> Response:
        """Those of a service; of one that is off, those of the service that takes its place."""
        choice = choosing.service(actor(request), asked=queried(request, LanguagesQuery).service or "")
        return Response(offers.languages_of(choice.name, choice.capabilities))
