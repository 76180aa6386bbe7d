"""The OpenAPI document: what FastAPI sees, and what it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, Field

from edge.web.problems import MEDIA_TYPE, STATUS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `detail` is a sentence in the caller's language.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": sorted(STATUS)},
    },
}
DEFAULT: Final = {
    "description": "A problem",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
}


def _as_integer(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


RequestId = Annotated[str, Field(max_length=36, json_schema_extra={"format": "uuid"})]
"""A UUID made by the caller, in a body; `edge.web.request_ids.checked_request` reads it."""
WayOfPaying = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]{0,31})?$")]
"""`counter`, `wechat`, `terminal`, `simulated`, or what campaigns and tills of this store call it."""
WHOLE: Final = BeforeValidator(_as_integer)
"""Behind a strict integer and its range: also what JSON writes as `3.0`."""
Whole = Annotated[int, Field(strict=True), WHOLE]
"""A whole number, also one that JSON writes as `3.0`; no text that looks like one."""
Switch = Annotated[bool, Field(strict=True)]
"""True or false, and nothing that only looks so."""

STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
"""What a route says that answers with server-sent events."""

BOUNDED: Final[dict[int | str, dict[str, Any]]] = {
    429: {
        "description": "Asked for too often; `seconds` and `Retry-After` say when to come back",
        "content": DEFAULT["content"],
        "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}},
    }
}
"""What a route says whose act is bounded (`edge.gateway.bounds`)."""


def complete(app: FastAPI, fast: Mapping[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Adds routes that FastAPI does not see, and the problem document. FastAPI's own 422 bodies do not exist here."""
    generated = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generated()
            components = document.setdefault("components", {}).setdefault("schemas", {})
            for path, (item, schemas) in fast.items():
                document["paths"][path] = item
                components.update(schemas)
            components["ProblemDocument"] = PROBLEM
            for name in ("HTTPValidationError", "ValidationError"):
                components.pop(name, None)
            for operations in document["paths"].values():
                for operation in operations.values():
                    operation["responses"].pop("422", None)
                    operation["responses"].setdefault("default", DEFAULT)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]
