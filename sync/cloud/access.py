"""Who may come in: each store by a bearer token of its own, people by a password. And how a refusal is said."""

from __future__ import annotations

import base64
import ipaddress
import re
from typing import Final, Protocol
from urllib.parse import urlsplit

import msgspec
from fastapi import FastAPI, Request, Response

from sync.cloud.store import ChainConflict, StorageBroken, StorageFull, StoreError
from sync.wire import Malformed, Problem

_STORE: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")
"""What a store may be called: the contract's ids."""
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?")
_FORWARDING: Final = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})


class AccessControl(Protocol):
    """Who knows the tokens and the page's password."""

    def store_of(self, token: str) -> str | None:
        """The store whose token this is; None for a token of nobody."""

    def opens_page(self, password: str) -> bool:
        """Whether this is the page's password."""


class Denied(Exception):
    """401 or 403. `challenge` says how to ask again."""

    def __init__(self, status: int, code: str, detail: str, challenge: str | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.challenge = status, code, challenge


def authorise(request: Request, store: str, door: AccessControl | None) -> None:
    """Let a store in, to what is its own. Raises `Malformed` for a name that no store has, and `Denied`."""
    if _STORE.fullmatch(store) is None:
        raise Malformed("bad_store", "a store's id is 2 to 39 small letters, digits and hyphens, such as s001")
    if door is None:
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    known = door.store_of(given) if scheme.lower() == "bearer" and given else None
    if known is None:
        raise Denied(401, "bad_token", "the bearer token is missing or wrong", "Bearer")
    if known != store:
        raise Denied(403, "not_your_store", f"this token is another store's than {store}")


def is_nearby(request: Request) -> bool:
    """Whether somebody at this very box asks: by a loopback name, which no website can point its own at, and through
    no proxy, which would let in everybody whom it serves.
    """
    named = request.headers.getlist("host")
    host = urlsplit(f"//{named[0]}").hostname if len(named) == 1 and _HOST.fullmatch(named[0]) else None
    return host is not None and is_loopback(host) and _FORWARDING.isdisjoint(request.headers)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine for itself alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def admit(request: Request, door: AccessControl | None) -> None:
    """Let a person in: any name, the page's password. Raises `Denied`."""
    if door is None:
        return
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    try:
        password = base64.b64decode(coded, validate=True).decode().partition(":")[2]
    except ValueError:  # no Base64, not even ASCII, or no UTF-8 within
        password = ""
    if scheme.lower() != "basic" or not door.opens_page(password):
        challenge = 'Basic realm="Storekeeper", charset="UTF-8"'
        raise Denied(401, "bad_password", "the password is the one that `storekeeper cloud password` made", challenge)


async def body(request: Request, limit: int) -> bytes:
    """The whole request body of at most `limit` bytes. Raises `Malformed`."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise Malformed("too_large", f"more than {limit} bytes")
    return bytes(content)


def answer_problems(app: FastAPI) -> None:
    """Answer what the receiver raises as RFC 9457 says it."""

    @app.exception_handler(Denied)
    async def denied(_: Request, error: Denied) -> Response:
        answer = problem(error.code, "Not allowed", error.status, str(error))
        if error.challenge:
            answer.headers["WWW-Authenticate"] = error.challenge
        return answer

    @app.exception_handler(Malformed)
    async def malformed(_: Request, error: Malformed) -> Response:
        if error.code == "too_large":
            return problem(error.code, "Too large", 413, str(error))
        return problem(error.code, "Not understood", 422, str(error))

    @app.exception_handler(ChainConflict)
    async def behind(_: Request, error: ChainConflict) -> Response:
        return problem(error.code, "Cannot follow what is here", 409, str(error), error.cursor)

    @app.exception_handler(StoreError)
    async def not_kept(_: Request, error: StoreError) -> Response:
        if isinstance(error, StorageFull):
            return problem("storage_full", "No space", 507, str(error))
        code = "storage_broken" if isinstance(error, StorageBroken) else "storage_busy"
        return problem(code, "The database did not take it", 503, str(error))


def problem(code: str, title: str, status: int, detail: str = "", cursor: int | None = None) -> Response:
    """A problem document."""
    document = Problem(code, title, status, detail, cursor=cursor)
    return Response(msgspec.json.encode(document), status, media_type="application/problem+json")
