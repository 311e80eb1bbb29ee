"""Lists: ``{"results", "next", "previous"}``, cursor paged, ``limit`` 50, at most 100."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response


def _local(url: str | None) -> str | None:
    """Path and query only: behind a proxy the host of the request is not the site's."""
    if url is None:
        return None
    parts = urlsplit(url)
    return urlunsplit(("", "", parts.path, parts.query, ""))


class CursorPagination(pagination.CursorPagination):
    """The house's page. A view sets ``ordering`` on a subclass; ids are UUIDv7, so ``-id`` is newest first."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = "-id"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """A page; raises NotFound for a cursor that points beyond what the database can compare."""
        try:
            return super().paginate_queryset(queryset, request, view=view)
        except OverflowError as error:  # a time in the year 9999, moved into another zone
            raise NotFound(self.invalid_cursor_message) from error

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"results": data, "next": _local(self.get_next_link()), "previous": _local(self.get_previous_link())}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page as the document describes it: always three fields, the links as paths."""
        link = {"type": ["string", "null"], "description": "Path and query of that page."}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }


def whole(results: Sequence[Any]) -> Response:
    """A list that is never long, in the form of a page: there is no other one."""
    return Response({"results": results, "next": None, "previous": None})
