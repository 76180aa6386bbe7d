"""`/p/{code}`: the page of a product. `/search`, also `/products`: found by words. Plain links and one form."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from edge.errors import Refusal
from edge.products.search import Hit, SearchResult
from edge.web.audience import ANYBODY, audience
from edge.web.last_touchpoint import MAX_CODE, remember_touchpoint, touchpoint_of_code
from edge.web.page import Page, Shown
from edge.web.pages.offers.page import CLAIM_NOTICES, CLAIMING, offers
from edge.web.pages.product.views import ProductPresenter, ProductTile
from edge.web.pages.touchpoint.visit import TouchpointForm, TouchpointVisit
from edge.web.views import offers as offer_views

if TYPE_CHECKING:
    from starlette.responses import HTMLResponse

    from edge.web.web import Web


MAX_FOUND: Final = 20
"""Products in a list."""
MEANT: Final = 3
"""Other words that the page says it looked for."""
SAMPLE: Final = 12
"""Products that are shown to whoever has not asked yet."""
PICTURES: Final = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}

Where = Annotated[str | None, Query(alias="from", max_length=MAX_CODE)]
"""The touchpoint or device where the phone scanned, or the code that a screen showed beside the product."""


def router(web: Web) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False)
    views = ProductPresenter(web)
    products = web.products

    @routes.get("/p/{code}")
    @audience(ANYBODY)
    async def product(code: str, request: Request, at: Where = None) -> Response:
        """The product of a code in any of its lengths; its address has all 14 digits."""
        version = products.current
        found = version.find(code) if version else None
        if version is None or found is None:
            sentence = web.texts.say(web.language(request), "refusals.product_unknown")
            return _listed(web, request, "", at, status=404, problem=sentence)
        there = touchpoint_of_code(web, at or "")
        here = views.place(there.id if there else at)
        if there is not None or code != found.gtin:
            answer = RedirectResponse(found.href + _query(**{"from": here}), 307)
            if there is not None:
                remember_touchpoint(request, answer, at or "")
            return answer
        language = web.language(request)
        return web.page(
            request,
            "product/product.html",
            p=views.page(version, found, language, here),
            place=here,
            offers_url=None,
            language_url=lambda tag: _query(**{"from": here, "lang": tag}),
        )

    @routes.get("/search")
    @routes.get("/products")
    @audience(ANYBODY)
    async def search(request: Request, q: Annotated[str, Query(max_length=200)] = "", at: Where = None) -> HTMLResponse:
        """What was asked for; without a question what the shelves have."""
        return _listed(web, request, " ".join(q.split()), at)

    _add_pictures(routes, web)
    return routes


def _add_pictures(routes: APIRouter, web: Web) -> None:
    products = web.products

    @routes.get("/p/{code}/picture")
    @audience(ANYBODY)
    async def picture(code: str) -> Response:
        """The product's picture: a file of the catalogue's folder, never anything beside it."""
        found = products.find(code)
        if found is None or not found.picture:
            raise Refusal("product_unknown", product=code)
        path = products.pictures / found.picture
        if not path.is_file() or path.suffix not in PICTURES:
            raise Refusal("not_found", picture=found.picture)
        return FileResponse(path, media_type=PICTURES[path.suffix], headers={"Cache-Control": "max-age=3600"})


def _listed(web: Web, request: Request, wanted: str, at: str | None, status: int = 200, **more: Any) -> HTMLResponse:
    """A list with the form above it: what was asked for, or what the shelves have."""
    views, language = ProductPresenter(web), web.language(request)
    version, here = web.products.current, views.place(at)
    found = web.products.seek(wanted, MAX_FOUND, language) if wanted else SearchResult([])
    shelved = version.sample(SAMPLE) if version and not wanted else []
    return web.page(
        request,
        "product/products.html",
        status,
        q=wanted,
        rows=[
            (views.tile(each.product, language, here), each.how)
            for each in found.hits or [Hit(each, "words") for each in shelved]
        ],
        meant=found.meant[:MEANT],
        tries=[pair.split("=") for pair in web.texts.say(language, "product.tries").split(", ")],
        place=here,
        language_url=lambda tag: _query(q=wanted, **{"from": here, "lang": tag}),
        **more,
    )


def shelf(visit: TouchpointVisit) -> Shown:
    """A shelf card: the coupons for what stands there first, then its product, or all of them."""
    web, language, point = visit.web, visit.language, visit.touchpoint
    version = web.products.current
    found = version.on_shelf(point.id) if version else []
    # Whoever is about an offer, not a product, stays with the offers.
    about = {"offers", "done", "coupon"} & set(visit.request.query_params)
    if version is None or not found or visit.request.method != "GET" or about:
        return offers(visit)
    views, here = ProductPresenter(web), [each.gtin for each in found]
    shown = offer_views.for_products(web, here, point.zone, visit.member, web.reads.now, point.id)
    if len(found) == 1 and not shown:
        page = views.page(version, found[0], language, point.id)
        return "product/product.html", {"p": page, "place": point.id, "offers_url": visit.url(offers="1")}
    return "product/shelf.html", {
        "offers": shown,
        "claimable": True,
        "tiles": distinct_pictures([views.tile(each, language, point.id) for each in found]),
        "heading": point.label[language],
        "offers_url": visit.url(offers="1"),
    }


def distinct_pictures(tiles: list[ProductTile]) -> list[ProductTile]:
    """A drawing that several of these would share tells none of them from the other: they show their first letter."""
    shared = {art for art, count in Counter(tile.art for tile in tiles if not tile.picture).items() if count > 1}
    return [msgspec.structs.replace(tile, art="") if tile.art in shared else tile for tile in tiles]


def _query(**values: Any) -> str:
    kept = {name: value for name, value in values.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


PAGE: Final = Page[TouchpointVisit, TouchpointForm](
    "product",
    show=shelf,
    purposes=("shelf",),
    form=TouchpointForm,
    actions=CLAIMING,
    notices=CLAIM_NOTICES,
    routes=router,
)
