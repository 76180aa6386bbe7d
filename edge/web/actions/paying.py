"""Paying for what is held: whose payment it is, and what its port is told beside what is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.baskets import queries as baskets
from edge.domain.payments import queries
from edge.domain.payments.rules import PaymentRequest
from edge.errors import Refusal
from edge.gateway.payments import counter
from edge.gateway.payments.port import PaymentInput
from edge.web.actions import basket as basket_actions

if TYPE_CHECKING:
    from starlette.requests import Request

    from edge.domain.baskets.rules import HoldResult
    from edge.domain.callers import Caller
    from edge.domain.payments.facts import Way
    from edge.domain.payments.rules import Payment
    from edge.web.web import Web


CODE_MS: Final = 60_000
"""How long somebody may take to confirm a payment whose code a till has scanned; then it is reversed."""


def payment_request(
    web: Web, basket: str, port: str, request: str, *, way: Way = "", device: str = ""
) -> PaymentRequest:
    """What is asked for a basket; how much is what is held for it."""
    return PaymentRequest(
        basket=basket,
        port=port,
        way=way or ("native" if port == "wechat" else ""),
        device=device,
        number=counter.new_number() if port == "counter" else "",
        request=request,
        open_ms=CODE_MS if way in ("code", "face") else web.settings.payments.open_ms,
    )


async def price_for(web: Web, caller: Caller, port: str, seen: int, stands: str) -> HoldResult:
    """Holds the price that the caller's basket has by this way of paying; `seen` is what was shown for it, `stands`
    where the shopper is. Raises `Refusal` as `basket.hold` does.
    """
    found = await basket_actions.current(web, caller)
    if found is None:
        raise Refusal("basket_empty")
    await basket_actions.choose(web, caller, msgspec.structs.replace(found.choices, paid_by=port))
    return await basket_actions.hold(web, caller, seen, stands=stands)


def payment_input(web: Web, *, code: str = "", payer: str = "") -> PaymentInput:
    """What is used once and kept nowhere."""
    return PaymentInput(code=code, payer=payer, text=web.layout.store.name.get(web.layout.store.languages[0], ""))


def asked_before(web: Web, member: str, request: str) -> Payment:
    """What this request asked for: sent once more, it is told and asks for nothing. Raises `Refusal` basket_empty where
    it asked for nothing of this member's.
    """
    known = queries.of_request(web.reads, request)
    if known is None or not baskets.owns(web.reads, member, known.basket):
        raise Refusal("basket_empty")
    return known


def own_payment(web: Web, request: Request, payment: str) -> Payment:
    """A payment for the caller's own basket. Raises `Refusal`: not_registered, payment_gone."""
    caller = web.caller(request)
    if caller is None:
        raise Refusal("not_registered")
    known = queries.payment(web.reads, payment)
    if known is None or not baskets.owns(web.reads, caller.member, known.basket):
        raise Refusal("payment_gone", payment=payment)
    return known


def payment_of_number(web: Web, number: str) -> Payment:
    """The payment that a number on a phone or slip means. Raises `Refusal` payment_gone."""
    found = queries.of_number(web.reads, number) if counter.is_number(number) else queries.payment(web.reads, number)
    if found is None or found.port != "counter":
        raise Refusal("payment_gone", payment=number)
    return found
