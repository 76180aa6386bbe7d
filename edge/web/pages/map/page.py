"""`/map`: where am I, and the way to something. The same map as on the screens; links, one form, no script needed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request

from edge.errors import Refusal
from edge.gateway.guiding import GuidedRoute, Start
from edge.web.audience import ANYBODY, audience
from edge.web.page import Page, PageForm
from edge.web.problems import Problem
from edge.web.views.floor_map import floor, svg_path
from edge.web.visit import Visit
from words.languages import in_language

if TYPE_CHECKING:
    from starlette.responses import HTMLResponse

    from edge.web.web import Web

Name = Annotated[str, Query(max_length=64)]
From = Annotated[str, Query(alias="from", max_length=40)]
"""The touchpoint or device where somebody stands."""


def router(web: Web) -> APIRouter:
    """The one address of the map."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/map")
    @audience(ANYBODY)
    async def shown(request: Request, to: Name = "", at: From = "", wide: bool = False) -> HTMLResponse:
        """The floor; with `to` the way there from `from`."""
        language = web.language(request)
        here = start_place(web, at)
        way, status, problem = None, 200, None
        if here is not None and to:
            try:
                way = await web.guide.way(here.id, to, wide=wide)
            except Refusal as refusal:
                status, problem = _refused(web, language, refusal, wide=wide)
        return web.page(
            request,
            "map/map.html",
            status,
            problem=problem,
            language_url=lambda tag: query(to=to, **{"from": at}, wide=wide, lang=tag),
            **values(web, language, here, way, wide=wide, to=to),
        )

    return routes


def start_place(web: Web, at: str) -> Start | None:
    """Where somebody is: as they say, else at the first door; None where the store has said nothing of its floor."""
    starts = web.guide.starts()
    with suppress(Refusal):
        if at:
            return web.guide.start(at)
    return next((each for each in starts if _entrance(web, each)), next(iter(starts), None))


def _entrance(web: Web, start: Start) -> bool:
    point = web.layout.touchpoint(start.id)
    return point is not None and point.purpose == "enter"


def _refused(web: Web, language: str, refusal: Refusal, *, wide: bool) -> tuple[int, str]:
    if refusal.code == "no_way" and wide:
        return 409, web.texts.say(language, "map.no_wide")
    problem = Problem.of(refusal)
    return problem.status, problem.sentence(web.texts, language)


def values(
    web: Web, language: str, here: Start | None, way: GuidedRoute | None, *, wide: bool, to: str
) -> dict[str, Any]:
    """What the page shows."""
    at = here.id if here else ""
    directions = web.directions
    drawn = floor(web.layout, web.guide, language, here.at if here else None, way)
    return {
        "floor": drawn,
        "line": svg_path(drawn.way),
        "at": at,
        "stands": in_language(here.name, language) if here else "",
        "to": in_language(way.target.name, language) if way else "",
        "way": way,
        "wide": wide,
        "asked": to,
        "lines": directions.lines(way, language) if way else [],
        "takes": directions.takes(way, language) if way else "",
        "aloud": directions.aloud(way, language) if way else "",
        "wide_url": query(to=to, **{"from": at}, wide=not wide),
        "starts": [(each.id, in_language(each.name, language)) for each in web.guide.starts()],
        "goals": _goals(web, language, at, wide=wide),
    }


def _goals(web: Web, language: str, at: str, *, wide: bool) -> list[tuple[str, str, str]]:
    """What one can ask the way to without a name: link, kind, and word."""
    kinds = [(f"kind:{kind}", kind, web.texts.say(language, f"map.kinds.{kind}")) for kind in web.guide.kinds()]
    zones = [(f"zone:{zone.id}", "zone", zone.name[language]) for zone in web.layout.zones]
    return [(query(to=to, **{"from": at}, wide=wide), kind, name) for to, kind, name in (*kinds, *zones)]


def query(**values: str | bool) -> str:
    """The address of a map, without what says nothing."""
    kept = {name: "1" if value is True else value for name, value in values.items() if value}
    return f"/map?{urlencode(kept)}" if kept else "/map"


PAGE: Final = Page[Visit, PageForm]("map", routes=router)
