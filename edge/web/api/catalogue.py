"""`/api/v1/catalogue`: which version of the catalogue is in force; whoever runs this box puts another there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from edge.domain.catalogue import queries as catalogue_queries
from edge.web.audience import INSIDE, OPERATOR, audience

if TYPE_CHECKING:
    from edge.web.web import Web

BY_MOST: Final = 40


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: str = Field("operator", min_length=1, max_length=BY_MOST)
    """Who does it; stands in the journal."""


class ActivateRequest(_Body):
    """A version that lies on this box comes into force."""

    version: str = Field(max_length=64)


class RollBackRequest(_Body):
    """The version before comes into force again."""

    left: str = Field(pattern=r"^[0-9a-f]{12}$")
    """The version that is to go. Sent again, it does nothing more."""


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/catalogue", tags=["products"])

    @routes.get("")
    @audience(INSIDE)
    async def in_force() -> dict[str, Any]:
        """The version in force; `answers` is false where its file is missing or damaged."""
        found = catalogue_queries.in_force(web.reads)
        answers = found is not None and web.products.version == found.version
        names = ("version", "sha256", "count", "since_ms", "by")
        return {name: getattr(found, name, None) for name in names} | {"answers": answers}

    @routes.post("/activate")
    @audience(OPERATOR)
    async def activate(body: ActivateRequest, request: Request) -> dict[str, Any]:
        """Put a version into force; the next request is answered from it."""
        web.access.require_own(request)
        return {"version": body.version, "changed": await web.switch.activate(body.version, body.by)}

    @routes.post("/rollback")
    @audience(OPERATOR)
    async def roll_back(body: RollBackRequest, request: Request) -> dict[str, Any]:
        """Go back to the version before."""
        web.access.require_own(request)
        return {"version": await web.switch.roll_back(body.left, body.by)}

    return routes
