"""`/why/…`: by which rule, from what and when something was decided; one tap from where it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from edge.errors import Refusal
from edge.gateway.pricing import compute
from edge.web import limits
from edge.web.actions import basket as baskets
from edge.web.actions import why
from edge.web.audience import SHOPPER, audience
from edge.web.page import Page
from edge.web.views import basket as views
from edge.web.views import wallet
from pricing.rule import Speaker
from pricing.why import because
from words.languages import in_language
from words.money import format_money

if TYPE_CHECKING:
    from edge.gateway.price_inputs import Inputs
    from edge.web.web import Web
    from pricing.why import Because
    from words.languages import Language

Code = Annotated[str, Query(max_length=512)]
Ticket = Annotated[str | None, Query(max_length=1024)]
Name = Annotated[str, Query(max_length=200)]


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/why", include_in_schema=False)

    @routes.get("/price")
    @audience(SHOPPER)
    async def price(request: Request, name: Name = "total") -> Response:
        """Of the caller's basket: its total, a line, a campaign or a coupon."""
        inputs = why.priced(web, await baskets.current(web, web.caller(request)))
        found = because(
            compute(inputs), name, basket=inputs.basket, catalogue=inputs.catalogue, campaigns=inputs.rulebook.campaigns
        )
        if found is None:
            raise Refusal("not_found")
        return web.page(request, "why/price.html", **_price(web, found, inputs, web.language(request)))

    @routes.get("/offers")
    @audience(SHOPPER)
    async def offers(request: Request, code: Code, ticket: Ticket = None) -> Response:
        """Every coupon of the store: shown where the caller stands now, or why not."""
        limits.take(web, request, "asking", member=limits.member(web, request))
        here = limits.touchpoint(web, request, code, ticket)
        found = why.offers(web, here, web.language(request))
        groups = _grouped(web, found, web.language(request))
        made = {"as_of_ms": web.reads.now, "versions": why.versions(web), "code": ""} if found else None
        return web.page(request, "why/offers.html", groups=groups, answer=made, back=f"/t/{code}")

    @routes.get("/{of}")
    @audience(SHOPPER)
    async def refusal(
        of: Literal["unlock", "deposit", "claim"],
        request: Request,
        code: Code,
        ticket: Ticket = None,
        coupon: Name = "",
        size: Literal["S", "M", "L"] = "S",
    ) -> Response:
        """What would be refused at a scanned code now, or that it would not."""
        limits.take(web, request, "asking", member=limits.member(web, request))
        here = limits.touchpoint(web, request, code, ticket)
        caller, language = web.caller(request), web.language(request)
        if of == "unlock":
            found = await why.unlock(web, here, caller, language)
        elif of == "deposit":
            found = await why.deposit(web, here, caller, size, language)
        else:
            found = await why.claim(web, here, caller, coupon, language)
        return web.page(request, "why/refusal.html", answer=found, of=of, back=f"/t/{code}")

    return routes


def _grouped(web: Web, found: list[why.Explanation], language: Language) -> list[dict[str, Any]]:
    """The coupons by what is said of them, those that are shown here first: of others the zone, where they have one."""
    zones = {zone.id: zone.name[language] for zone in web.layout.zones}
    groups: dict[str, dict[str, Any]] = {}
    for each in sorted(found, key=lambda one: not one.allowed):
        group = groups.setdefault(each.code, {"sentence": each.sentence, "rule": each.rule, "coupons": []})
        named = "" if each.allowed else " · ".join(zones[zone] for zone in each.inputs["zones"] if zone in zones)
        group["coupons"].append((in_language(each.words, language), named))
    return list(groups.values())


def _price(web: Web, found: Because, inputs: Inputs, language: Language) -> dict[str, Any]:
    """What there is to see of one answer: rows of a word and what it is."""
    say = web.texts.say

    def money(amount: int) -> str:
        return format_money(amount, inputs.terms.currency, language)

    names = {gtin: in_language(each.names, language) for gtin, each in inputs.catalogue.items()}
    rows: list[tuple[str, str]] = []
    if found.shelf is not None:
        rows.append((say(language, "because.shelf"), money(found.shelf)))
    off = [(used.campaign, used.amount) for used in found.used if used.amount] or [
        (each.campaign, each.amount) for each in found.discounts
    ]
    words = {f"promo:{gtin}": name for gtin, name in names.items()}
    words |= {each.id: in_language(each.words, language) for each in inputs.rulebook.campaigns}
    rows += [(words.get(campaign) or say(language, "basket.offer"), money(-amount)) for campaign, amount in off]
    if found.burned:
        rows.append((say(language, "because.points"), money(-found.burned)))
    if found.total is not None:
        rows.append((say(language, "because.total"), money(found.total)))
    if found.found is not None:
        counted = {"money": money(found.found.spend), "count": found.found.pieces}
        rows.append((say(language, "because.counted"), say(language, "because.counted_as", **counted)))
    called = wallet.names(web, found.rule, language) if found.rule else {}
    lacking = [views.reason_in_words(web, views.not_used(each, words, language), language) for each in found.not_used]
    return {
        "about": names.get(found.line.gtin, "") if found.line else words.get(found.rule.id, "") if found.rule else "",
        "rows": rows,
        "lacking": lacking if found.kind == "campaign" else [],
        "code": found.not_used[0].code if found.kind == "campaign" and found.not_used else "",
        "rule": " · ".join(Speaker(language, inputs.terms.currency, called).rule(found.rule)) if found.rule else "",
        "exact": found.exact,
        "as_of_ms": found.as_of_ms,
        "versions": why.versions(web),
        "quote": found.quote,
        "back": "/basket",
    }


PAGE: Final = Page[Any, Any]("why", routes=router)
