"""OpenAPI: the house's error bodies on every operation, and no aliases."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from drf_spectacular.contrib.pydantic import PydanticExtension
from drf_spectacular.drainage import warn
from drf_spectacular.hooks import postprocess_schema_enums
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from core import modules
from core.api.shapes import Error
from core.shapes import SchemaGenerator
from core.shapes import untitled

_REF = "#/components/schemas/{model}"
_owners: dict[str, Any] = {}
"""Name of a component → the shape that has it: the generator lets the second one replace the first in silence."""


class ShapeExtension(PydanticExtension):  # type: ignore[no-untyped-call]
    """Shapes in the document: what comes in may leave out what has a default, what goes out never does."""

    priority = 1

    def get_name(self, auto_schema: Any, direction: str) -> str:
        """The class's; the generator itself puts ``Request`` behind the name of what comes in."""
        name: str = super().get_name(auto_schema, direction)  # type: ignore[no-untyped-call]
        if _owners.setdefault(name, self.target) is not self.target:
            warn(f"Two shapes are called {name}: {_owners[name]!r} and {self.target!r}.")
        return name.removesuffix("Request") if direction == "request" else name

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        mode: JsonSchemaMode = "validation" if direction == "request" else "serialization"
        made = self.target.model_json_schema(ref_template=_REF, mode=mode, schema_generator=SchemaGenerator)
        schema = untitled(made)
        for part in schema.get("properties", {}).values():
            # Null says "left out" here, and the generated types take a field with a default for one that must be sent.
            if direction == "request" and part.get("default", ...) is None:
                del part["default"]
        for name, part in schema.pop("$defs", {}).items():
            component = ResolvedComponent(name, ResolvedComponent.SCHEMA, part, name)  # type: ignore[no-untyped-call]
            auto_schema.registry.register_on_missing(component)
        return schema


def query(shape: type[BaseModel]) -> list[OpenApiParameter]:
    """The fields of a shape as the parameters of a query, for ``extend_schema(parameters=…)``."""
    schema = untitled(shape.model_json_schema(schema_generator=SchemaGenerator))
    return [_parameter(name, part, schema.get("required", ())) for name, part in schema["properties"].items()]


def _parameter(name: str, part: dict[str, Any], required: Container[str]) -> OpenApiParameter:
    description = part.pop("description", "")
    return OpenApiParameter(name, part, required=name in required, description=description)


def without_aliases(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Drop ``/api/v1/…``, which repeats ``/api/…``."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith("/api/v1/")]


def with_named_enums(result: Any, generator: Any, **options: Any) -> Any:
    """Every set of choices once and under a name: spectacular's own hook, with the names that the modules give."""
    with patched_settings({"ENUM_NAME_OVERRIDES": modules.schema_enums()}):
        return postprocess_schema_enums(result, generator, **options)  # type: ignore[no-untyped-call]


class AutoSchema(SpectacularSchema):
    """Tags an operation with its app, and says what its refusals look like."""

    def get_tags(self) -> list[str]:
        return [self.view.__class__.__module__.split(".")[0]]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            error = self.resolve_serializer(Error, "response").ref  # type: ignore[arg-type]  # by ShapeExtension
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
