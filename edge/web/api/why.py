"""`/api/v1/why`: by which rule, from what and with which clock a price came about, and what each other offer lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from edge.domain.baskets import queries as basket_queries
from edge.errors import Refusal
from edge.gateway.pricing import compute, settled
from edge.web import limits
from edge.web.actions import basket as actions
from edge.web.actions import why as actions_why
from edge.web.audience import INSIDE, SHOPPER, audience
from edge.web.document import BOUNDED
from edge.web.views import wallet
from pricing.document import Document
from pricing.rule import Speaker
from pricing.why import because

if TYPE_CHECKING:
    from edge.domain.touchpoints.codes import Touchpoint
    from edge.gateway.price_inputs import Inputs
    from edge.web.actions.why import Explanation
    from edge.web.web import Web

Name = Annotated[str, Path(min_length=1, max_length=200)]
Code = Annotated[str, Query(min_length=1, max_length=512)]
Ticket = Annotated[str | None, Query(max_length=1024)]


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
        inputs = actions_why.priced(web, await actions.current(web, web.caller(request)))
        found = because(
            compute(inputs), name, basket=inputs.basket, catalogue=inputs.catalogue, campaigns=inputs.rulebook.campaigns
        )
        if found is None:
            raise Refusal("not_found")
        told: dict[str, Any] = msgspec.to_builtins(found)
        if (rule := found.rule) is not None:
            currency = inputs.terms.currency
            told["words"] = {
                language: Speaker(language, currency, wallet.names(web, rule, language)).rule(rule)
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
        gathered, quote = settled(actions_why.priced(web, now))
        return {"document": msgspec.to_builtins(document(gathered)), "hash": quote.hash}

    _add_refusals(routes, web)
    return routes


def _add_refusals(routes: APIRouter, web: Web) -> None:
    """What is refused, and what is not shown, at a scanned code."""

    def at(request: Request, code: str, ticket: str | None) -> Touchpoint:
        limits.take(web, request, "asking", member=limits.member(web, request))
        return limits.touchpoint(web, request, code, ticket)

    @routes.get("/unlock", responses=BOUNDED)
    @audience(SHOPPER)
    async def unlock(request: Request, code: Code, ticket: Ticket = None) -> dict[str, Any]:
        """Whether the cart of a code would open for the caller now. Tells the code and sentence of what refuses it,
        the rule and where it stands, what was looked at, the instant and the versions; nothing moves.
        """
        here = at(request, code, ticket)
        return explanation_document(await actions_why.unlock(web, here, web.caller(request), web.language(request)))

    @routes.get("/deposit", responses=BOUNDED)
    @audience(SHOPPER)
    async def deposit(
        request: Request, code: Code, size: Literal["S", "M", "L"] = "S", ticket: Ticket = None
    ) -> dict[str, Any]:
        """The same of a parcel for the locker bank of a code."""
        here = at(request, code, ticket)
        return explanation_document(
            await actions_why.deposit(web, here, web.caller(request), size, web.language(request))
        )

    @routes.get("/claim", responses=BOUNDED)
    @audience(SHOPPER)
    async def claim(
        request: Request, code: Code, coupon: Annotated[str, Query(max_length=64)] = "", ticket: Ticket = None
    ) -> dict[str, Any]:
        """The same of a coupon; which one where the code names none."""
        here = at(request, code, ticket)
        return explanation_document(
            await actions_why.claim(web, here, web.caller(request), coupon, web.language(request))
        )

    @routes.get("/offers", responses=BOUNDED)
    @audience(SHOPPER)
    async def offers(request: Request, code: Code, ticket: Ticket = None) -> list[dict[str, Any]]:
        """Of each coupon whether it is shown in the zone of a code now, and why not."""
        here = at(request, code, ticket)
        return [explanation_document(each) for each in actions_why.offers(web, here, web.language(request))]


def explanation_document(answer: Explanation) -> dict[str, Any]:
    """As JSON says it."""
    return msgspec.to_builtins(answer)  # type: ignore[no-any-return]


def document(inputs: Inputs) -> Document:
    """What was gathered, as anybody can price it again."""
    return Document(
        products=tuple(inputs.catalogue.values()),
        basket=inputs.basket,
        now=inputs.now_ms,
        campaigns=inputs.rulebook.campaigns,
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
