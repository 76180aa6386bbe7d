"""`/api/v1/box`: what store IT did to this box goes on record; last words on it are read."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from edge.domain.box import decisions as box
from edge.domain.box import queries as box_queries
from edge.domain.box.facts import FACTS
from edge.errors import Refusal
from edge.journal.entry import tag
from edge.web.audience import OPERATOR, audience
from edge.web.views.box_state import box_state

if TYPE_CHECKING:
    from edge.web.web import Web


class Recording(BaseModel):
    """What happened to the box."""

    model_config = ConfigDict(extra="forbid")

    type: str
    """The fact's tag, such as `settings.applied.v1`."""
    fact: dict[str, Any]
    """Its fields."""


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/box", tags=["operations"])
    kinds = {tag(fact): fact for fact in FACTS}

    instance = secrets.token_hex(8)

    @routes.get("")
    @audience(OPERATOR)
    async def state() -> dict[str, Any]:
        """This process, its version, which devices are here, and how far the cloud is."""
        return dict(msgspec.to_builtins(box_state(web, instance)))

    @routes.post("/facts")
    @audience(OPERATOR)
    async def record(body: Recording, request: Request) -> dict[str, bool]:
        """Put on record what was done to the box. Sent again, it is recorded once."""
        web.access.require_own(request)
        kind = kinds.get(body.type)
        if kind is None:
            raise Refusal("bad_request", field="type")
        try:
            fact = msgspec.convert(body.fact, kind)
        except (msgspec.ValidationError, TypeError):
            raise Refusal("bad_request", field="fact") from None
        return {"changed": await web.decide(box.record, fact)}

    @routes.get("/facts")
    @audience(OPERATOR)
    async def last_words() -> list[dict[str, Any]]:
        """The last word of each kind on each thing, the latest first."""
        found = [said for kind in FACTS for said in box_queries.every(web.reads, kind)]
        found.sort(key=lambda said: said.place, reverse=True)
        return [
            {"type": tag(type(said.fact)), "at": said.at_ms, "fact": msgspec.to_builtins(said.fact)} for said in found
        ]

    return routes
