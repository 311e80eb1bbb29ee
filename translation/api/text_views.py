"""Texts: translated at once, and what was translated before."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import limit
from core.api.request import queried
from core.api.request import validated
from core.api.schema import query
from translation import text_shapes
from translation.api.bodies import HistoryQuery
from translation.api.bodies import TextRequest
from translation.models import Translation
from translation.presentation import texts as shown
from translation.services import history
from translation.services.texts import asking
from translation.services.texts import doing
from translation.services.texts import later
from translation.services.texts.asking import Ask

_PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description="`respond-async`: a text of more than 5,000 characters is translated in the background.",
)


class TranslationsView(APIView):
    """Translations."""

    @extend_schema(
        operation_id="translation_list",
        parameters=[*query(HistoryQuery), *params.PAGE],
        responses=text_shapes.TranslationPage,
    )
    def get(self, request: Request) -> Response:
        """Texts and documents, newest first."""
        asked = queried(request, HistoryQuery)
        found = history.listed(
            actor(request),
            kind=asked.kind or "",
            service=asked.service or "",
            status=asked.status or "",
            q=asked.q or "",
        )
        paginator = CursorPagination()
        rows = paginator.paginate_queryset(found, request, view=self) or []
        return paginator.get_paginated_response(shown.briefs(rows))

    @extend_schema(
        operation_id="translation_create",
        request=TextRequest,
        parameters=[_PREFER],
        responses={200: text_shapes.TextShape, 202: text_shapes.TextShape},
    )
    def post(self, request: Request) -> Response:
        """Translate a text. 202: it is done in the background, look at it by its id.

        A repeated `client_id` answers with what was done under it, and is not charged again.
        """
        limit(request, "translation")
        body = validated(request, TextRequest)
        ask, user = ask_of(body), actor(request)
        if (first := asking.known(user, ask, body.client_id)) is not None:
            return _answer(first)
        if asking.is_long(ask) and "respond-async" in request.headers.get("Prefer", ""):
            return _answer(later.begin(user, ask, client_id=body.client_id))
        return _answer(translated(user, ask, body.client_id))


def translated(user: User, ask: Ask, client_id: str | None) -> Translation:
    """A text, done."""
    begun = asking.begin(user, ask, client_id=client_id)
    return doing.do(begun) if begun.is_new else begun.translation


def ask_of(body: TextRequest) -> Ask:
    """What was sent, as the service takes it."""
    return Ask(
        text=body.text,
        target_lang=body.target_lang,
        source_lang=body.source_lang or "",
        service=body.service or "",
        model=body.model or "",
        formality=body.formality or "",
        glossary=body.glossary,
        instructions=body.instructions or "",
    )


def _answer(row: Translation) -> Response:
    is_waited_for = row.status in {Translation.Status.PENDING, Translation.Status.PROCESSING}
    return Response(shown.full(row), status=202 if is_waited_for else 200)


class TranslationView(APIView):
    """One translation."""

    @extend_schema(operation_id="translation_retrieve", responses=text_shapes.TextShape)
    def get(self, request: Request, translation_id: UUID) -> Response:
        """A text with its translation; of a document what it has in common with one."""
        return Response(shown.full(history.own(actor(request), translation_id)))

    @extend_schema(operation_id="translation_destroy", responses={204: None})
    def delete(self, request: Request, translation_id: UUID) -> Response:
        """With all that was said; figures stay for the accounts. One that is being done is cancelled first."""
        history.delete(actor(request), translation_id=translation_id)
        return Response(status=204)
