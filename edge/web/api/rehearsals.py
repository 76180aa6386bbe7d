"""`/api/v1/box/rehearsals`: rehearse an outage on the store that runs, end it early, read how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from edge.errors import Refusal
from edge.web.audience import OPERATOR, audience
from operations.diagnosis.rehearsal import judge

if TYPE_CHECKING:
    from edge.web.web import Web


class RehearsalRequest(BaseModel):
    """What is to be rehearsed."""

    model_config = ConfigDict(extra="forbid")

    of: Literal["uplink", "broker"]
    seconds: Annotated[int, Field(strict=True, ge=5, le=900)] = 600
    closed: bool = False
    """Whether the store is closed now: without its broker no lock opens."""


def router(web: Web) -> APIRouter:
    """The routes of rehearsals."""
    routes = APIRouter(prefix="/api/v1/box/rehearsals", tags=["operations"])

    @routes.post("")
    @audience(OPERATOR)
    async def begin(body: RehearsalRequest, request: Request) -> dict[str, Any]:
        """Begin one. It ends by itself, whatever happens meanwhile."""
        person = web.access.who(request)
        web.rehearsals.begin(body.of, body.seconds, person.staff if person else "store-it", closed=body.closed)
        return {"begun": True}

    @routes.post("/end")
    @audience(OPERATOR)
    async def end() -> dict[str, Any]:
        """End the one that is under way now."""
        web.rehearsals.end()
        return {"ended": web.rehearsals.now is not None}

    @routes.get("/newest")
    @audience(OPERATOR)
    async def newest() -> dict[str, Any]:
        """The one that is under way, or the last one."""
        found = web.rehearsals.now or judge.newest(web.settings.gateway.data)
        if found is None:
            raise Refusal("not_found")
        return {**msgspec.to_builtins(found), "passed": found.passed, "missed": found.missed}

    return routes
