"""`/api/v1/products`: the store's products, found by code and by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request

from edge.errors import Refusal
from edge.products.pricing import price
from edge.web.audience import ANYBODY, audience

if TYPE_CHECKING:
    from edge.products import Product
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1", tags=["products"])

    @routes.get("/products")
    @audience(ANYBODY)
    async def search(
        request: Request, q: Annotated[str, Query(max_length=200)], limit: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> dict[str, Any]:
        """Products that have these words in name or brand, sound so, are another word for it, or a slip away."""
        version = web.products.current
        found = web.products.seek(q, limit, web.language(request)).products
        return {
            "version": version.name if version else None,
            "products": [_with_price(each, web.reads.now) for each in found],
        }

    @routes.get("/products/{code}")
    @audience(ANYBODY)
    async def read(code: str) -> dict[str, Any]:
        """The product of a GTIN-8, -12, -13 or -14."""
        found = web.products.find(code)
        if found is None:
            raise Refusal("product_unknown", product=code)
        return _with_price(found, web.reads.now)

    return routes


def _with_price(product: Product, now_ms: int) -> dict[str, Any]:
    """As the catalogue has it, with the price that holds now."""
    costs = price(product, now_ms)
    return {
        **msgspec.to_builtins(product),
        "href": product.href,
        "now": {"price": costs.now, "was": costs.was, "unit": msgspec.to_builtins(costs.unit)},
    }
