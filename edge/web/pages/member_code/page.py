"""`/wallet/code`: the member's own code for the store's scanners. The page makes it by itself, without network."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from edge.domain.members import sessions
from edge.web import limits, qr_codes
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.page import Page

if TYPE_CHECKING:
    from edge.domain.callers import Caller
    from edge.web.web import Web

EVERY_S: Final = 15
"""How often the page shows a new code: each is younger than a quarter of its life for as long as it is shown."""
_NO_STORE: Final = {"Cache-Control": "no-store"}


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/wallet/code")
    @audience(SHOPPER)
    async def page(request: Request) -> Response:
        """The code, and how long it is shown. A stranger is told to register first."""
        caller = web.caller(request)
        values: dict[str, Any] = {"pass": None, "now": web.reads.now}
        if caller is not None:
            values["pass"] = await code_of(web, caller)
        return web.page(request, "member_code/member_code.html", member=caller.member if caller else None, **values)

    @routes.post("/wallet/code")
    @audience(SHOPPER)
    async def anew(request: Request) -> Response:
        """Another pass; every other phone of the member is logged out, and its codes die with that."""
        caller = require_caller(web.caller(request))
        limits.take(web, request, "changing", member=caller.member)
        await _pass(web, caller, anew=True)
        return RedirectResponse("/wallet/code", 303)

    _add_script(routes, web)
    return routes


def _add_script(routes: APIRouter, web: Web) -> None:
    """What the page asks for, with a script and without."""

    @routes.get("/wallet/code.svg")
    @audience(SHOPPER)
    async def picture(request: Request) -> Response:
        """The code of now, for a browser without script."""
        caller = require_caller(web.caller(request))
        code = web.passes.code(await _pass(web, caller), web.reads.now)
        return Response(qr_codes.svg(code), 200, _NO_STORE, "image/svg+xml; charset=utf-8")

    @routes.get("/wallet/code/now")
    @audience(SHOPPER)
    async def now() -> Response:
        """The store's time in Unix milliseconds: a phone's clock may be wrong."""
        return JSONResponse({"now": web.reads.now}, headers=_NO_STORE)


async def code_of(web: Web, caller: Caller) -> dict[str, Any]:
    """Returns what a page makes the member's code of, by itself."""
    name = await _pass(web, caller)
    return {"pass": name, "secret": web.passes.secret(name), "now": web.reads.now, "every": EVERY_S}


async def _pass(web: Web, caller: Caller, *, anew: bool = False) -> str:
    fresh = web.passes.fresh(secrets.token_bytes(7))
    return await web.decide(sessions.issue_pass, caller=caller, fresh=fresh, anew=anew)


PAGE: Final = Page[Any, Any]("member_code", routes=router)
