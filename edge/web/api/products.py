"""`/api/v1/products`: the store's products, found by code and by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request

from edge.errors import Refusal
from edge.products.pricing import price
from edge.web.audience import ANYBODY, audience
from edge.web.front import now_ms
from edge.web.language import chosen

if TYPE_CHECKING:
    from edge.products import Product
    from edge.web.front import Front


def router(front: Front) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1", tags=["products"])
    gateway = front.gateway

    @routes.get("/products")
    @audience(ANYBODY)
    async def search(
        request: Request, q: Annotated[str, Query(max_length=200)], limit: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> dict[str, Any]:
        """Products that have all of these words in name or brand, the best first; of a code, its product."""
        version = gateway.products.current
        found = version.search(q, limit, chosen(request)) if version else []
        return {"version": version.name if version else None, "products": [_told(each) for each in found]}

    @routes.get("/products/{code}")
    @audience(ANYBODY)
    async def read(code: str) -> dict[str, Any]:
        """The product of a GTIN-8, -12, -13 or -14."""
        found = gateway.products.find(code)
        if found is None:
            raise Refusal("product_unknown", product=code)
        return _told(found)

    return routes


def _told(product: Product) -> dict[str, Any]:
    """As the catalogue has it, with the price that holds now."""
    costs = price(product, now_ms())
    return {
        **msgspec.to_builtins(product),
        "href": product.href,
        "now": {"price": costs.now, "was": costs.was, "unit": msgspec.to_builtins(costs.unit)},
    }
