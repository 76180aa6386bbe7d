"""`/api/v1/journal`: the store's facts in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request

from edge.web.audience import INSIDE, audience
from edge.web.views.journal_lines import JournalLines

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1", tags=["journal"])
    tail = JournalLines(web)

    @routes.get("/journal")
    @audience(INSIDE)
    async def read(
        request: Request,
        after: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> dict[str, Any]:
        """Entries that follow `after` in order, or without it the newest ones, each with its sentence."""
        language = web.language(request)
        lines = tail.newest(language, limit) if after is None else tail.after(language, after, limit)
        return {"last": tail.last(), "entries": msgspec.to_builtins(lines)}

    return routes
