"""`/api/v1/screens/search` and `/products`: finding goods at a screen without a keyboard, and all there is of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response

from edge.domain.codes.readings import Scan
from edge.errors import Refusal
from edge.web.audience import SCREEN, audience
from edge.web.moments import now_ms
from edge.web.screens import asking_screen
from edge.web.views.goods_on_screen import GoodsPresenter
from edge.web.views.search_on_screen import search_view

if TYPE_CHECKING:
    from edge.products import Product
    from edge.products.version import Version
    from edge.web.web import Web
    from wayfinding.plan import Point

Typed = Annotated[str, Query(max_length=80)]


def router(web: Web) -> APIRouter:
    """The routes of search and products at a screen."""
    routes = APIRouter(prefix="/api/v1/screens", tags=["screens"])

    @routes.get("/search")
    @audience(SCREEN)
    async def search(
        request: Request,
        response: Response,
        typed: Typed = "",
        pad: Literal["letters", "digits"] = "letters",
        category: Annotated[str, Query(max_length=60)] = "",
    ) -> dict[str, Any]:
        """What the keys of a pad lead to, which keys lead on (`lit`), and the categories. Nothing of it is kept."""
        asking = asking_screen(web, request)
        response.headers["Cache-Control"] = "no-store"
        goods = GoodsPresenter(web, asking.screen, asking.language)
        return _plain(
            search_view(
                web.products.current,
                goods,
                asking.language,
                typed=typed,
                digits=pad == "digits",
                category=category,
            )
        )

    @routes.get("/products/{code}")
    @audience(SCREEN)
    async def product(code: str, request: Request, response: Response) -> dict[str, Any]:
        """Everything that a screen shows of the product of a GTIN-8, -12, -13 or -14, or of another number that stands
        under bars: a UPC-E, a label of the store's own scales.
        """
        asking = asking_screen(web, request)
        response.headers["Cache-Control"] = "no-store"
        version = web.products.current
        found = version.find(code) or _of_label(web, version, code) if version else None
        if version is None or found is None:
            raise Refusal("product_unknown", product=code[:40])
        way = await _way(web, asking.screen, found.gtin) if found.here else ()
        return _plain(GoodsPresenter(web, asking.screen, asking.language).whole(version, found, way))

    return routes


def _of_label(web: Web, version: Version, code: str) -> Product | None:
    """The product of a number that is no GTIN of its own."""
    readings = web.code_reader.read(Scan(code), now_ms())
    found = (version.find(each.trade.gtin) for each in readings if each.certainty == "known" and each.trade)
    return next(filter(None, found), None)


async def _way(web: Web, screen: str, gtin: str) -> tuple[Point, ...]:
    try:
        return (await web.guide.way(screen, f"product:{gtin}")).route.points
    except Refusal:
        return ()


def _plain(told: msgspec.Struct) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(told)
    return found
