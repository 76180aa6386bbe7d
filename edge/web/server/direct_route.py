"""A route of the OpenAPI document whose function is called by itself: FastAPI declares it, and its layers stay out.

A body that is read and checked, an address with its parts and an answer are all that most routes want. What a
dependency, a query or a form needs is FastAPI's: such a route is served by it as ever.
"""

from __future__ import annotations

import inspect
import json
from email.message import Message
from typing import TYPE_CHECKING, Any, Final

from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from edge.web.problems import Problem, mistakes

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

_MISSING: Final = [{"field": "body", "message": "Field required"}]


async def whole_body(receive: Receive) -> bytes:
    """A request's body, which the guard has bounded; 8 µs less than Starlette's way. Raises `ClientDisconnect`."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


class DirectRoute(APIRoute):
    """Half a millisecond less than a route of FastAPI's own, and the same answers."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        wants = _Wants.of(self)
        self.is_direct = wants is not None
        """Whether it asks for nothing that needs FastAPI's layers."""
        if wants is not None:
            self._wants = wants
            self.app = self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        empty = Response(status_code=self.status_code or 200)
        given = await self._wants.given(request, empty)
        made = await self.endpoint(**given)
        answer = made if isinstance(made, Response) else self._written(made, empty)
        await answer(scope, receive, send)

    def _written(self, made: Any, empty: Response) -> Response:
        """What the function returned, with the headers and the status that it gave."""
        empty.body = to_json(made, inf_nan_mode="null")
        empty.headers["content-length"] = str(len(empty.body))
        empty.headers["content-type"] = "application/json"
        return empty


class _Wants:
    """What a function asks for, by the names of its parameters."""

    def __init__(self, request: str, response: str, body: tuple[str, TypeAdapter[Any]] | None) -> None:
        self._request, self._response, self._body = request, response, body
        self._parts: list[tuple[str, TypeAdapter[Any]]] = []
        """Of the address."""

    @classmethod
    def of(cls, route: DirectRoute) -> _Wants | None:
        """None where it wants something else."""
        asked = inspect.signature(route.endpoint, eval_str=True).parameters
        named = {each.annotation: name for name, each in asked.items()}
        wants = cls(named.get(Request, ""), named.get(Response, ""), None)
        for name, each in asked.items():
            kind = each.annotation
            if name in route.param_convertors:
                wants._parts.append((name, TypeAdapter(kind)))
            elif inspect.isclass(kind) and issubclass(kind, BaseModel):
                wants._body = (name, TypeAdapter(kind))
            elif kind not in (Request, Response):
                return None
        return wants if inspect.iscoroutinefunction(route.endpoint) and not route.dependencies else None

    async def given(self, request: Request, empty: Response) -> dict[str, Any]:
        """The arguments. Raises `Problem` bad_request."""
        found: list[dict[str, Any]] = []
        given: dict[str, Any] = {}
        for name, kind in self._parts:
            _take(given, found, name, kind, request.path_params[name], "path", name)
        if self._body is not None:
            name, kind = self._body
            content = await whole_body(request.receive)
            if not content:
                found += _MISSING
            else:
                _take(given, found, name, kind, _read(request, content), "body")
        if found:
            raise Problem("bad_request", errors=found)
        if self._request:
            given[self._request] = request
        if self._response:
            given[self._response] = empty
        return given


def _take(
    given: dict[str, Any], found: list[dict[str, Any]], name: str, kind: TypeAdapter[Any], value: Any, *place: str
) -> None:
    try:
        given[name] = kind.validate_python(value, from_attributes=True)
    except ValidationError as error:
        found += mistakes(error.errors(), *place)


def _read(request: Request, content: bytes) -> Any:
    """A body in JSON; any other as it is, which no model takes: a form of another website can send only those."""
    if not _says_json(request.headers.get("content-type", "")):
        return content
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        errors = mistakes([{"loc": (error.pos,), "msg": "JSON decode error"}], "body")
        raise Problem("bad_request", errors=errors) from None
    except (ValueError, RecursionError):
        raise Problem("bad_request") from None


def _says_json(kind: str) -> bool:
    if kind == "application/json":
        return True
    message = Message()
    message["content-type"] = kind
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
