"""`/api/v1/screens/map`: the floor, and the way from a screen to what somebody looks for; on paper as well."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.domain.printing import decisions as printing
from edge.domain.printing import queries as print_queries
from edge.errors import Refusal
from edge.gateway.near_printers import near_printer
from edge.products import artwork
from edge.products.pricing import price
from edge.web.audience import SCREEN, audience
from edge.web.screens import ScreenRequest, asking_screen
from edge.web.views.floor_map import drawn
from words.languages import Language, Words
from words.sentences import say_in

if TYPE_CHECKING:
    from edge.gateway.guiding import GuidedRoute
    from edge.web.web import Web

PAPERS: Final = 4
"""Slips that one session gets."""
Name = Annotated[str, Query(max_length=64)]


class MapSlipRequest(BaseModel):
    """The way on paper."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(max_length=64)
    wide: bool = False


def router(web: Web) -> APIRouter:
    """The routes of a screen's map."""
    routes = APIRouter(prefix="/api/v1/screens/map", tags=["screens"])

    @routes.get("")
    @audience(SCREEN)
    async def floor(request: Request, response: Response, to: Name = "", wide: bool = False) -> dict[str, Any]:
        """The floor, what one can ask the way to, and with `to` the way there; every text in each of the store's
        languages. A way that is not there is a `problem`, and the floor comes all the same.
        """
        asking = asking_screen(web, request)
        response.headers["Cache-Control"] = "no-store"
        way, problem = await _way(web, asking, to, wide=wide) if to else (None, {})
        return {
            **drawn(web.layout, web.guide, asking.screen),
            "way": _way_answer(web, request, way) if way is not None else None,
            "problem": problem,
            "printable": way is not None and near_printer(web.reads, web.layout, asking.screen) is not None,
        }

    @routes.post("/slip", status_code=202)
    @audience(SCREEN)
    async def slip(body: MapSlipRequest, request: Request) -> dict[str, Any]:
        """Prints the way at the printer near this screen, once for each way and session. Returns which `printer`."""
        asking = asking_screen(web, request)
        way = await web.guide.way(asking.screen, body.to, wide=body.wide)
        return {"printer": await _print(web, request, asking, way)}

    return routes


async def _way(web: Web, asking: ScreenRequest, to: str, *, wide: bool) -> tuple[GuidedRoute | None, Words]:
    try:
        return await web.guide.way(asking.screen, to, wide=wide), {}
    except Refusal as refusal:
        key = "map.no_wide" if wide and refusal.code == "no_way" else f"refusals.{refusal.code}"
        return None, say_in(web.layout.store.languages, key)


def _way_answer(web: Web, request: Request, way: GuidedRoute) -> dict[str, Any]:
    """The way as a screen draws and tells it."""
    languages, directions = web.layout.store.languages, web.directions
    lines = {language: directions.lines(way, language) for language in languages}
    count = len(lines[languages[0]])
    return {
        "to": way.target.to,
        "kind": way.target.kind,
        "name": way.target.name,
        "sign": way.target.sign,
        "fixture": way.target.fixture,
        "pin": way.target.aim.rect.centre,
        "points": way.route.points,
        "steps": way.route.steps,
        "takes": _each(languages, lambda tag: directions.takes(way, tag)),
        "lines": [
            {
                "turn": lines[languages[0]][number].turn,
                "title": {tag: lines[tag][number].title for tag in languages},
                "detail": {tag: lines[tag][number].detail for tag in languages},
            }
            for number in range(count)
        ],
        "aloud": _each(languages, lambda tag: directions.aloud(way, tag)),
        "wide": way.wide,
        "link": _link(web, request, way),
        "goods": _goods(web, way),
    }


def _each(languages: tuple[Language, ...], said: Any) -> Words:
    return {language: said(language) for language in languages}


def _link(web: Web, request: Request, way: GuidedRoute) -> str:
    """What a phone scans to have the same way."""
    asked = {"from": way.start.id, "to": way.target.to, **({"wide": "1"} if way.wide else {})}
    return f"{web.address(request)}/map?{urlencode(asked)}"


def _goods(web: Web, way: GuidedRoute) -> dict[str, Any] | None:
    """The product that it leads to."""
    product = web.products.find(way.target.gtin) if way.target.gtin else None
    if product is None:
        return None
    costs = price(product, web.reads.now)
    return {
        "gtin": product.gtin,
        "name": product.name,
        "price": costs.now,
        "was": costs.was,
        "currency": web.layout.store.currency,
        "art": artwork.art(product),
        "tint": artwork.tint(product),
        "here": product.here,
    }


async def _print(web: Web, request: Request, asking: ScreenRequest, way: GuidedRoute) -> Words:
    """Which printer it comes out of. Raises `Refusal`: printer_unknown where none is near, too_many_changes."""
    printer = near_printer(web.reads, web.layout, asking.screen)
    if printer is None or uuid.UUID(asking.session).int == 0:
        raise Refusal("printer_unknown", printer="")
    of_session = f"way-{asking.session}-"
    asked = f"{way.target.to} {way.wide} {asking.language}"
    job = of_session + hashlib.sha256(asked.encode()).hexdigest()[:8]
    if (
        print_queries.revision_of(web.reads, job, 1) is None
        and print_queries.count_with_prefix(web.reads, of_session) >= PAPERS
    ):
        raise Refusal("too_many_changes", seconds=60)
    language, directions = asking.language, web.directions
    values = {
        "to": way.target.name,
        "here": way.start.name,
        "total": web.texts.say(language, "map.total", steps=way.route.steps, time=directions.takes(way, language)),
        "rows": [
            {"number": number, "title": ". ".join(filter(None, (line.title, line.detail)))}
            for number, line in enumerate(directions.lines(way, language), 1)
        ],
        "url": _link(web, request, way),
    }
    by = f"screen:{asking.screen}"
    await web.decide(printing.order, job=job, slip="way", values=values, language=language, printer=printer.id, by=by)
    return dict(printer.label)
