"""`/api/v1/why`: by which rule, from what and with which clock a price came about, and what each other offer lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request, Response

from edge.domain.baskets import queries as basket_queries
from edge.errors import Refusal
from edge.gateway.pricing import compute
from edge.web.actions import basket as actions
from edge.web.audience import INSIDE, SHOPPER, audience
from pricing.document import Document
from pricing.rule import Speaker
from pricing.why import because

if TYPE_CHECKING:
    from edge.domain.baskets.queries import BasketNow
    from edge.gateway.pricing import Inputs
    from edge.web.web import Web

Name = Annotated[str, Path(min_length=1, max_length=200)]


def router(web: Web) -> APIRouter:
    """The routes that explain prices."""
    routes = APIRouter(prefix="/api/v1/why", tags=["why"])

    @routes.get("/basket/{name}")
    @audience(SHOPPER)
    async def basket(name: Name, request: Request, response: Response) -> dict[str, Any]:
        """Why the caller's basket costs what it costs now: `total`, a line, a campaign or a coupon. Tells the rule with
        its words, the versions in force, the instant and the store's zone, what the rule found in the basket, and of
        what does not take part the code and what is missing. Refused with basket_empty, and with not_found where the
        price has nothing of that name.
        """
        response.headers["Cache-Control"] = "no-store"
        inputs = _inputs(web, await actions.current(web, web.caller(request)))
        found = because(
            compute(inputs), name, basket=inputs.basket, catalogue=inputs.catalogue, campaigns=inputs.campaigns
        )
        if found is None:
            raise Refusal("not_found")
        told: dict[str, Any] = msgspec.to_builtins(found)
        if found.rule is not None:
            names = {gtin: goods.names for gtin, goods in inputs.catalogue.items()}
            told["words"] = {
                language: Speaker(
                    language,
                    inputs.terms.currency,
                    {gtin: words[language] for gtin, words in names.items() if language in words},
                ).rule(found.rule)
                for language in web.layout.store.languages
            }
        return told

    @routes.get("/baskets/{basket}")
    @audience(INSIDE)
    async def inputs(basket: Name, response: Response) -> dict[str, Any]:
        """Everything that a basket's price depends on now, as the document of `storekeeper offers price`, and the hash
        that it gives. Refused with not_found, and with basket_empty.
        """
        response.headers["Cache-Control"] = "no-store"
        now = basket_queries.now(web.reads, basket)
        if now is None:
            raise Refusal("not_found")
        gathered = _inputs(web, now)
        return {"document": msgspec.to_builtins(document(gathered)), "hash": compute(gathered).hash}

    return routes


def _inputs(web: Web, now: BasketNow | None) -> Inputs:
    if now is None or not now.lines:
        raise Refusal("basket_empty")
    gone = web.pricing.unpriced(now)
    priced = msgspec.structs.replace(now, lines=tuple(line for line in now.lines if line.line not in gone))
    return web.pricing.gather(priced)


def document(inputs: Inputs) -> Document:
    """What was gathered, as anybody can price it again."""
    return Document(
        products=tuple(inputs.catalogue.values()),
        basket=inputs.basket,
        now=inputs.now_ms,
        campaigns=inputs.campaigns,
        wallet=inputs.wallet,
        member=inputs.member,
        place=inputs.place,
        pins=inputs.pins,
        without=inputs.without,
        burn=inputs.burn,
        counters=dict(inputs.counters),
        terms=inputs.terms,
        versions=inputs.versions,
    )
