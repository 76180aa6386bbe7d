"""What a shopper does with a basket, once for the page and once for the API: each is one durable decision."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.callers import Caller, Proof
from edge.domain.codes.readings import Scan
from edge.domain.members import decisions as members
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.gateway.basket_goods import good_of, of_trade, several
from edge.web import limits
from edge.web.actions.shopping import require_caller
from edge.web.last_touchpoint import last_touchpoint_id, touchpoint_of_code
from edge.web.moments import now_ms
from gs1.trade import Trade, gtin14

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from edge.domain.baskets.decisions import PutResult
    from edge.domain.baskets.queries import BasketNow
    from edge.domain.baskets.rules import Choices, Collect, Good, HoldResult, How
    from edge.web.web import Web


def good_of_code(web: Web, request: Request, text: str, symbology: str | None, *, how: How, at: str) -> Good:
    """The good of a code that a phone read or somebody typed. Raises `Refusal`."""
    hosts = [urlsplit(web.address(request)).netloc.lower()]
    readings = web.code_reader.read(
        Scan(typed_text.normal_width(text) if how == "digits" else text, symbology), now_ms(), hosts
    )
    if how == "digits" and not any(each.kind == "product" for each in readings):
        readings = web.code_reader.read(Scan(typed_text.without_separators(text), symbology), now_ms(), hosts)
    # The code of a product on a screen says itself where the phone is.
    there = touchpoint_of_code(web, text.rpartition("?from=")[2])
    return good_of(web.products, readings, web.reads.now, how=how, at=there.id if there else place(web, request, at))


def good_of_product(web: Web, gtin: str, *, how: How, at: str = "") -> Good:
    """The good of a product that was found by words or on its page. Raises `Refusal`."""
    whole = gtin14(gtin)
    if whole is None:
        raise Refusal("product_unknown", product=gtin)
    return of_trade(web.products, Trade(whole, "page"), web.reads.now, how=how, at=at)


def place(web: Web, request: Request, at: str) -> str:
    """The touchpoint of that name, where this browser scanned its code last: what is cheaper in a zone, or at a screen,
    is so for whoever was there, and an address with its name is no evidence of that.
    """
    return at if at and at == last_touchpoint_id(web, request) else ""


async def caller_or_guest(web: Web, request: Request, asked: str, at: str = "") -> tuple[Caller, bool]:
    """Whoever asks; a stranger is a guest from now on, whose browser the answer must let in (`let_in`)."""
    caller = web.caller(request)
    if caller is not None:
        return caller, False
    limits.take(web, request, "registering")
    browser = web.cookies.asking(request)
    made = await web.decide(
        members.come_as_guest,
        member=str(uuid.uuid4()),
        language=web.language(request),
        touchpoint=place(web, request, at),
        request=asked,
        browser=browser,
    )
    return Caller(made.member, made.browser, Proof.DEVICE, made.session), True


def let_in(web: Web, request: Request, response: Response, caller: Caller, fresh: bool) -> None:
    """Gives a new guest's browser its cookies with the answer."""
    if fresh:
        web.cookies.let_in(request, response, caller.session, caller.device)


async def add(web: Web, caller: Caller, good: Good, quantity: int, asked: str) -> PutResult:
    """Puts a good into the caller's basket. Raises `Refusal`."""
    wanted = several(good, quantity)
    await _gather(web, caller)
    return await web.decide(baskets.add, caller=caller, basket=str(uuid.uuid4()), good=wanted, request=asked)


async def current(web: Web, caller: Caller | None) -> BasketNow | None:
    """The caller's basket. Where two of a person's phones had one each, they become one now."""
    name = await _gather(web, caller) if caller else None
    return basket_queries.now(web.reads, name) if name else None


async def _gather(web: Web, caller: Caller) -> str | None:
    """The name of it."""
    names = basket_queries.all_of_member(web.reads, caller.member)
    if len(names) > 1:
        return await web.decide(baskets.merge, caller=caller)
    return names[0] if names else None


async def change(web: Web, caller: Caller | None, line: str, quantity: int, asked: str) -> bool:
    """Has so many pieces of a line. Raises `Refusal`."""
    return await web.decide(baskets.change, caller=require_caller(caller), line=line, quantity=quantity, request=asked)


async def choose(web: Web, caller: Caller | None, choices: Choices) -> bool:
    """Notes which coupons and how many points to use. Raises `Refusal`."""
    return await web.decide(baskets.choose, caller=require_caller(caller), choices=choices)


async def hold(web: Web, caller: Caller | None, seen: int | None, at: str = "", stands: str = "") -> HoldResult:
    """Holds the price of the caller's basket, as it is now. `seen` is the total that was shown.

    Where staff has to look at an age first, they are called to where the shopper `stands`. Raises `Refusal`.
    """
    asking = require_caller(caller)
    found = await current(web, asking)
    if found is None:
        raise Refusal("basket_empty")
    standing = basket_queries.hold(web.reads, found.basket)
    if standing is not None and standing.until_ms <= web.reads.now:
        await web.decide(holding.on_tick)
        found = basket_queries.now(web.reads, found.basket) or found
    quote = web.pricing.to_hold(found, touchpoint=at)
    try:
        return await web.decide(holding.hold, caller=asking, basket=found.basket, quote=quote, seen=seen)
    except Refusal as refusal:
        if refusal.code == "age_needs_staff":
            await web.decide(holding.ask_age, caller=asking, basket=found.basket, at=stands)
        raise


async def release(web: Web, caller: Caller | None) -> bool:
    """Lets go of what is held. Raises `Refusal` basket_paying."""
    return await web.decide(holding.release, caller=require_caller(caller))


async def collect(web: Web, caller: Caller | None, way: Collect) -> bool:
    """Notes how the caller wants to get what is not on the shelf. Raises `Refusal`."""
    return await web.decide(baskets.collect, caller=require_caller(caller), way=way)


async def drop(web: Web, caller: Caller | None) -> bool:
    """Empties the caller's basket. Raises `Refusal` basket_paying."""
    return await web.decide(baskets.drop, caller=require_caller(caller))
