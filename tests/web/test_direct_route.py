"""A route without the framework's layers answers as one with them."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from edge.web.problems import Problem, mistakes
from edge.web.server.direct_route import DirectRoute


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2)
    count: int = Field(1, strict=True, ge=1)


class Granted(BaseModel):
    name: str
    seen: float


def app_of(kind: type[APIRoute]) -> FastAPI:
    routes = APIRouter(route_class=kind)

    @routes.put("/wishes/{wish}", status_code=201)
    async def put(wish: Annotated[str, Path(max_length=4)], body: Wish, response: Response) -> dict[str, Any]:
        response.headers["Cache-Control"] = "no-store"
        response.set_cookie("seen", "yes")
        return {"wish": wish, "count": body.count, "名": body.name}

    @routes.post("/model")
    async def model(body: Wish, request: Request, response: Response) -> Granted:
        response.status_code = 202
        return Granted(name=body.name + request.method, seen=float("nan"))

    @routes.get("/own")
    async def own() -> Response:
        return Response(b"own", 203)

    @routes.get("/asked")
    async def asked(zone: str | None = None) -> list[str | None]:
        return [zone]

    app = FastAPI()
    app.router.routes.extend(routes.routes)

    async def refused(_: Request, error: Exception) -> Response:
        found = mistakes(error.errors()) if isinstance(error, RequestValidationError) else error.members["errors"]  # type: ignore[attr-defined]
        return JSONResponse(found, 400)

    app.add_exception_handler(Problem, refused)
    app.add_exception_handler(RequestValidationError, refused)
    return app


JSON = "application/json"
ASKED = [
    ("PUT", "/wishes/7", b'{"name": "milk", "count": 2}', JSON),
    ("PUT", "/wishes/7", b'{"name": "milk", "count": 2}', "application/vnd.shop+json; charset=utf-8"),
    ("PUT", "/wishes/7", b'{"name": "milk", "count": 2}', "text/plain"),
    ("PUT", "/wishes/7", b'{"name": "milk", "count": 2}', ""),
    ("PUT", "/wishes/7", b"", JSON),
    ("PUT", "/wishes/7", b"null", JSON),
    ("PUT", "/wishes/7", b'["name"]', JSON),
    ("PUT", "/wishes/7", b'{"name": "milk"', JSON),
    ("PUT", "/wishes/12345", b'{"name": "m", "count": "2", "more": 1}', JSON),
    ("POST", "/model", b'{"name": "milk"}', JSON),
    ("GET", "/own", b"", ""),
    ("GET", "/asked?zone=a", b"", ""),
]


async def ask(app: FastAPI, method: str, path: str, body: bytes, kind: str) -> tuple[int, list[Any], bytes]:
    """Its status, its headers in order of their names, and its body."""
    path, _, query = path.partition("?")
    headers = [(b"content-type", kind.encode())] if kind else []
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], sorted(sent[0]["headers"]), b"".join(each["body"] for each in sent[1:])


@pytest.mark.parametrize(("method", "path", "body", "kind"), ASKED)
async def test_it_answers_as_the_framework_does(method: str, path: str, body: bytes, kind: str) -> None:
    ours, theirs = [await ask(app_of(route), method, path, body, kind) for route in (DirectRoute, APIRoute)]
    assert ours == theirs


@pytest.mark.parametrize("body", [b'{"name": "\xff\xff"}', b"[" * 100_000])
async def test_a_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(Problem):  # the store answers that there is nothing to tell of its fields
        await DirectRoute("/", take, methods=["POST"]).app(*reading(body))


async def take(body: Wish) -> dict[str, str]:
    return {"name": body.name}


def reading(body: bytes) -> Any:
    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    return {"type": "http", "method": "POST", "headers": [(b"content-type", JSON.encode())]}, receive, send


def test_what_needs_the_framework_is_left_to_it() -> None:
    direct = {each.path: each.is_direct for each in app_of(DirectRoute).routes if isinstance(each, DirectRoute)}
    assert direct == {"/wishes/{wish}": True, "/model": True, "/own": True, "/asked": False}
