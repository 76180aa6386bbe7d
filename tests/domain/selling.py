"""A sale in the hands of a test: goods are held at a price, paid for, and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import Good
from edge.domain.ledger.facts import PointsBooked
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries, refunds
from edge.domain.orders.refunds import RefundRequest
from edge.domain.orders.rules import (
    Order,
    OrderRules,
    Terms,
)
from edge.domain.payments import decisions as payments
from edge.domain.payments.rules import Evidence, PaymentRequest
from pricing.allocation import allocate
from pricing.basket import Goods
from pricing.price import price
from pricing.quote import Discount, PointsPart, Quote, sealed
from tests.callers import by
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from edge.journal.journal import Journal


MILK, TEA, BREAD, WINE = "06901234567892", "06901234567908", "06901234567915", "06901234567922"
PRICES = {MILK: 1290, TEA: 333, BREAD: 890, WINE: 2680}
TERMS = Terms(OrderRules(audit_share=0), lambda _basket: 0.5)
RULES = OrderRules()


async def filled(store: Journal, member: str, goods: dict[str, int], basket: str = "b1") -> None:
    for gtin, quantity in goods.items():
        good = Good(gtin=gtin, price=PRICES[gtin], quantity=quantity)
        await store.write(baskets.add, caller=by(member), basket=basket, good=good, request=f"{basket}-{gtin}")


def quoted(store: Journal, basket: str = "b1", off: int = 0, points: int = 0) -> Quote:
    """What the basket costs with so much off it, and so many points used, each shared out over its lines."""
    found = basket_queries.basket(store.reads, basket)
    assert found is not None
    shelf = {
        gtin: Goods(gtin=gtin, price=amount, tax_bp=1300, no_offers=gtin == WINE) for gtin, amount in PRICES.items()
    }
    quote = price(found, catalogue=shelf, campaigns=(), now_ms=SetClock.now)
    shares = allocate(off, [line.shelf for line in quote.lines])
    burned = allocate(points, [line.shelf - share for line, share in zip(quote.lines, shares, strict=True)])
    lines = tuple(
        msgspec.structs.replace(
            line,
            discounts=(Discount("ten", share),) if share else (),
            burned=worth,
            points=worth,
            pay=line.shelf - share - worth,
        )
        for line, share, worth in zip(quote.lines, shares, burned, strict=True)
    )
    total = quote.shelf - off - points
    earning = sum(line.pay for line in lines if not line.no_offers)
    part = PointsPart(burned=points, worth=points, will_earn=earning // 100)
    return sealed(msgspec.structs.replace(quote, lines=lines, total=total, discount=off, points=part))


async def held(store: Journal, member: str, quote: Quote) -> Quote:
    await store.write(holding.hold, caller=by(member), basket=quote.basket, quote=quote, seen=quote.total)
    return quote


async def asked(store: Journal, quote: Quote, request: str = "p1") -> str:
    made = await store.write(payments.ask, PaymentRequest(basket=quote.basket, port="simulated", request=request))
    return made.payment.payment


def money(amount: int, currency: str = "CNY") -> Evidence:
    return Evidence(amount=amount, currency=currency, by="port", reference="t1")


async def bought(store: Journal, goods: dict[str, int], *, off: int = 0, points: int = 0, number: int = 1) -> Order:
    member = await store.write(join, number)
    basket = f"b{number}"
    if points:
        given = PointsBooked(member=member, points=5000, reason="goodwill", key=f"g{number}")
        await store.write(lambda tx: tx.emit(given))
    await filled(store, member, goods, basket)
    quote = await held(store, member, quoted(store, basket, off, points))
    payment = await asked(store, quote, f"p{number}")
    settled = await store.write(orders.settle, payment=payment, evidence=money(quote.total), terms=TERMS)
    found = queries.order(store.reads, settled.order)
    assert settled.outcome == "paid"
    assert found is not None
    return found


def kinds(store: Journal, *nouns: str) -> list[str]:
    return [entry.type for entry in store.after(0, 1000) if entry.type.split(".")[0] in nouns]


async def back(
    store: Journal, order: Order, units: dict[str, int], request: str, **more: Any
) -> refunds.RefundDecision:
    wanted = RefundRequest(order=order.order, units=units, request=request, by="staff/li", reason="不新鲜", **more)
    return await store.write(refunds.refund, wanted=wanted, rules=RULES)


def of_goods(order: Order, gtin: str) -> str:
    return next(line.id for line in order.paid.lines if line.gtin == gtin)
