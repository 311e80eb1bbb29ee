"""OpenAPI: the house's error bodies on every operation, and no aliases."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema

from core.api.serializers import ErrorSerializer


def without_aliases(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Drop ``/api/v1/…``, which repeats ``/api/…``."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith("/api/v1/")]


class AutoSchema(SpectacularSchema):
    """Tags an operation with its app, and says what its refusals look like."""

    def get_tags(self) -> list[str]:
        return [self.view.__class__.__module__.split(".")[0]]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            error = self.resolve_serializer(ErrorSerializer, "response").ref
            operation["responses"]["default"] = {
                "description": "A refusal.",
                "content": {"application/json": {"schema": error}},
            }
        return operation

    def _get_request_body(self, direction: str = "request") -> Any:
        """Also that of a DELETE whose view says that it takes one (``delete_takes_body``); OpenAPI 3.1 allows it."""
        if self.method != "DELETE" or not getattr(self.view, "delete_takes_body", False):
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        self.method = "POST"
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        finally:
            self.method = "DELETE"
