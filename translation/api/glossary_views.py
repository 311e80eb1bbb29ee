"""Glossaries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import validated
from core.errors import InvalidInput
from translation import limits
from translation import text_shapes
from translation.api.bodies import EntryBody
from translation.api.bodies import GlossaryChangeRequest
from translation.api.bodies import ImportRequest
from translation.api.bodies import NewGlossaryRequest
from translation.presentation import offers
from translation.services import glossaries


class GlossariesView(APIView):
    """Glossaries."""

    throttle_scope = "translation"

    @extend_schema(
        operation_id="translation_glossaries_list", parameters=params.PAGE, responses=text_shapes.GlossaryPage
    )
    def get(self, request: Request) -> Response:
        """Yours, newest first."""
        paginator = CursorPagination()
        rows = paginator.paginate_queryset(glossaries.listed(actor(request)), request, view=self) or []
        return paginator.get_paginated_response([offers.glossary_brief(row) for row in rows])

    @extend_schema(
        operation_id="translation_glossaries_create",
        request=NewGlossaryRequest,
        responses={201: text_shapes.GlossaryShape},
    )
    def post(self, request: Request) -> Response:
        """For one pair of languages; a word stands in it once."""
        body = validated(request, NewGlossaryRequest)
        made = glossaries.create(
            actor(request),
            name=body.name,
            source=body.source_lang,
            target=body.target_lang,
            entries=_pairs(body.entries),
        )
        return Response(offers.glossary(made), status=201)


class GlossaryImportView(APIView):
    """Glossaries from tables."""

    throttle_scope = "translation"
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="translation_glossaries_import",
        request={
            "multipart/form-data": inline_serializer(
                "GlossaryImportRequest",
                {
                    "file": serializers.FileField(),
                    "name": serializers.CharField(max_length=limits.NAME_LENGTH),
                    "source_lang": serializers.CharField(max_length=limits.LANGUAGE_LENGTH),
                    "target_lang": serializers.CharField(max_length=limits.LANGUAGE_LENGTH),
                },
            )
        },
        responses={201: text_shapes.GlossaryShape},
    )
    def post(self, request: Request) -> Response:
        """A CSV or TSV file of two columns: word, rendering."""
        file = request.FILES.get("file")
        if file is None:
            raise InvalidInput(details={"file": ["This field is required."]})
        body = validated(request, ImportRequest)
        # One byte more than there may be says that it is too large, and is all that is read of such a file.
        entries = glossaries.read_table(file.read(limits.GLOSSARY_BYTES + 1))
        made = glossaries.create(
            actor(request), name=body.name, source=body.source_lang, target=body.target_lang, entries=entries
        )
        return Response(offers.glossary(made), status=201)


class GlossaryView(APIView):
    """One glossary of yours."""

    throttle_scope = "translation"

    @extend_schema(operation_id="translation_glossaries_retrieve", responses=text_shapes.GlossaryShape)
    def get(self, request: Request, glossary_id: UUID) -> Response:
        """With its entries."""
        return Response(offers.glossary(glossaries.own(actor(request), glossary_id)))

    @extend_schema(
        operation_id="translation_glossaries_update",
        request=GlossaryChangeRequest,
        responses=text_shapes.GlossaryShape,
    )
    def patch(self, request: Request, glossary_id: UUID) -> Response:
        """What is left out stays; entries are replaced as a whole."""
        body = validated(request, GlossaryChangeRequest)
        values: dict[str, Any] = body.model_dump(exclude_unset=True)
        if "entries" in values:
            values["entries"] = _pairs(body.entries)
        return Response(offers.glossary(glossaries.change(actor(request), glossary_id=glossary_id, values=values)))

    @extend_schema(operation_id="translation_glossaries_destroy", responses={204: None})
    def delete(self, request: Request, glossary_id: UUID) -> Response:
        """With the copies that services have of it."""
        glossaries.delete(actor(request), glossary_id=glossary_id)
        return Response(status=204)


def _pairs(entries: list[EntryBody]) -> list[tuple[str, str]]:
    return [(entry.source, entry.target) for entry in entries]
