"""`/api/v1/content`: what screens play and why, and what is shown no more; pictures and films by their hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from edge.domain.playlists import decisions, queries
from edge.web.audience import INSIDE, OPERATOR, audience
from edge.web.moments import now_ms

if TYPE_CHECKING:
    from edge.web.web import Web
    from signage.playing import Play

BY_MOST: Final = 40


class RestoreRequest(BaseModel):
    """Something may be shown again."""

    model_config = ConfigDict(extra="forbid")

    content: str = Field(min_length=1, max_length=80)
    """The SHA-256 of a picture or film, `playlist`, or `playlist/item`."""
    by: str = Field("operator", min_length=1, max_length=BY_MOST)
    """Who does it; stands in the journal."""


class WithdrawRequest(RestoreRequest):
    """Something is shown no more."""

    reason: str = Field(min_length=1, max_length=300)
    """Why; stands in the journal."""


class SettingsChanged(BaseModel):
    """The files of the settings are others."""

    model_config = ConfigDict(extra="forbid")

    settings: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of them, as whoever changed them knows them."""


Instant = Annotated[int, Query(ge=0, le=7_258_118_400_000)]
"""Unix ms, before the year 2200."""


def program_status(play: Play, at: int) -> dict[str, Any]:
    """What plays, and why nothing else does."""
    return {
        "playlist": play.playlist,
        "item": play.item.id,
        "show": play.item.__struct_config__.tag,
        "at_ms": at,
        "since_ms": play.since_ms,
        "until_ms": play.until_ms,
        "why": [
            {"playlist": each.playlist, "priority": each.priority, "verdict": each.verdict.value, "by": each.by}
            for each in play.why
        ],
    }


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/content", tags=["screens"])

    @routes.get("")
    @audience(INSIDE)
    async def playing(at_ms: Instant | None = None) -> dict[str, Any]:
        """What each screen plays at `at_ms`, or now, with why; what can be withdrawn, and what is."""
        at = at_ms if at_ms is not None else now_ms()
        screens = [device for device in web.layout.devices if device.kind == "screen" and not device.attached_to]
        return {
            "screens": {each.id: program_status(web.playlists.now(each.id, each.zone, at), at) for each in screens},
            "content": queries.contents(web.reads),
            "withdrawn": [
                {"content": each.content, "at_ms": each.at_ms, "by": each.by, "reason": each.reason}
                for each in queries.withdrawn(web.reads)
            ],
        }

    @routes.post("/withdraw")
    @audience(OPERATOR)
    async def withdraw(body: WithdrawRequest, request: Request) -> dict[str, bool]:
        """Show something on no screen any more, from the next frame on."""
        web.access.require_own(request)
        return {"changed": await web.decide(decisions.withdraw, content=body.content, by=body.by, reason=body.reason)}

    @routes.post("/take")
    @audience(OPERATOR)
    async def take(body: SettingsChanged, request: Request) -> dict[str, bool]:
        """Take in what `playlists.toml` and `media.toml` say now, while the store runs: whole, or nothing of it."""
        web.access.require_own(request)
        return {"changed": await web.content.take(body.settings)}

    @routes.post("/restore")
    @audience(OPERATOR)
    async def restore(body: RestoreRequest, request: Request) -> dict[str, bool]:
        """Let something be shown again."""
        web.access.require_own(request)
        return {"changed": await web.decide(decisions.restore, content=body.content, by=body.by)}

    return routes
