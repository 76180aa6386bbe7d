"""A till's orders: its lines as goods of the catalogue, priced and held as any basket, sold on the till's word."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from edge.domain.baskets import at_till, holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.at_till import TillBasket
from edge.domain.baskets.queries import BasketNow, Hold
from edge.domain.baskets.rules import Away, BasketLine, Choices, Good, Owner
from edge.domain.ledger import decisions as ledger_decisions
from edge.domain.ledger import queries as ledger
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries, refunds
from edge.domain.orders.refunds import RefundRequest
from edge.domain.orders.rules import Order
from edge.domain.payments import decisions as payments
from edge.domain.payments import queries as payment_queries
from edge.domain.payments.rules import Evidence, PaymentRequest
from edge.errors import Refusal
from edge.gateway.basket_goods import of_trade, several
from gs1.trade import Trade, gtin14
from pricing.quote import Quote

if TYPE_CHECKING:
    from edge.domain.members.passes import Pass
    from edge.domain.orders.refunds import RefundDecision
    from edge.gateway.checkout import Checkout
    from edge.gateway.decide import Decide
    from edge.gateway.handover import Handover
    from edge.gateway.payments.desk import PaymentDesk
    from edge.gateway.pricing import Pricing
    from edge.journal import Reads
    from edge.products import Products

PORT: Final = "counter"
_NAMES: Final = uuid.UUID("6f2c4a52-5b0e-4b5c-9a2e-3f6f0d6c1a11")
State = Literal["open", "held", "paid", "handed_over", "void"]


class TillLine(msgspec.Struct, frozen=True):
    """One line as the till has it."""

    line: str
    gtin: str
    quantity: int = 1
    grams: int | None = None
    label_price: int | None = None
    away: Away = ""
    """Where it lies, if not on the belt: staff fetch it."""


class TillOrderStatus(msgspec.Struct, frozen=True):
    """An order of a till as it is now."""

    name: str
    state: State
    basket: str
    quote: Quote | None = None
    """What it costs: as it is held, or as it would be now."""
    until_ms: int | None = None
    """Up to when a held price stands."""
    order: Order | None = None
    """Once it was paid."""
    owed: int = 0
    """Late fees that its member owes; paid by themselves."""


class TillOrders:
    """For one store; each call names the till."""

    def __init__(
        self, decide: Decide, reads: Reads, products: Products, pricing: Pricing, desk: PaymentDesk, checkout: Checkout
    ) -> None:
        self._decide, self._reads = decide, reads
        self._products, self._pricing = products, pricing
        self._desk, self._checkout = desk, checkout

    def read(self, till: str, name: str, now_ms: int) -> TillOrderStatus:
        """Returns how an order stands. Raises `Refusal` order_unknown."""
        session = session_of(till, name)
        basket = basket_queries.of_session(self._reads, session)
        order = queries.of_session(self._reads, session)
        found = basket_queries.now(self._reads, basket) if basket else None
        if found is None:
            if order is None:
                raise Refusal("order_unknown")
            owed = self._owed(order.member)
            return TillOrderStatus(name, order.state, order.paid.basket, order=order, owed=owed)
        held, owed = self._standing_hold(found, now_ms), self._owed(found.member)
        if held is not None:
            return TillOrderStatus(name, "held", found.basket, held.quote, held.until_ms, owed=owed)
        return TillOrderStatus(name, "open", found.basket, self._pricing.quote(found.basket), owed=owed)

    def _owed(self, member: str) -> int:
        return ledger.owed(self._reads, member) if member else 0

    def _standing_hold(self, found: BasketNow, now_ms: int) -> Hold | None:
        """What stands still, or is being paid."""
        hold = basket_queries.hold(self._reads, found.basket)
        if hold is None or hold.revision != found.revision:
            return None
        paying = payment_queries.open_of(self._reads, found.basket) is not None
        return hold if paying or now_ms < hold.until_ms else None

    async def fill(
        self,
        till: str,
        name: str,
        lines: Sequence[TillLine],
        choices: Choices,
        now_ms: int,
        *,
        shown: Pass | None = None,
        age_by: str = "",
    ) -> TillOrderStatus:
        """Has an order be exactly these lines. One that is paid stays what it is. Raises `Refusal`."""
        session = session_of(till, name)
        if queries.of_session(self._reads, session) is not None:
            return self.read(till, name, now_ms)
        goods = [self._line(session, line, now_ms) for line in self._placed(session, lines)]
        belt = TillBasket(
            session=session,
            basket=str(uuid.uuid4()),
            lines=goods,
            choices=choices,
            shown=shown,
            age_by=f"till/{till} {age_by}".strip() if age_by else "",
        )
        await self._decide(at_till.fill, belt=belt)
        return self.read(till, name, now_ms)

    async def take(self, till: str, name: str, digits: str, handover: Handover, now_ms: int) -> TillOrderStatus:
        """Has an order be the basket that somebody gathered elsewhere and says the digits of, beside what was scanned
        for it before. Sent again, it is taken once, and its lines get their names where they have none. Raises
        `Refusal`: basket_gone, basket_taken, basket_paying.
        """
        session = session_of(till, name)
        if queries.of_session(self._reads, session) is not None:
            return self.read(till, name, now_ms)
        if not handover.has_taken(session, digits):
            await handover.take_at(Owner(session=session), handover.seed_of_digits(digits))
        basket = basket_queries.of_session(self._reads, session)
        found = basket_queries.now(self._reads, basket) if basket else None
        if found is None or all(line.line.startswith(f"{session}/") for line in found.lines):
            return self.read(till, name, now_ms)
        return await self.fill(till, name, self._till_lines(session, found.lines), found.choices, now_ms)

    def _till_lines(self, session: str, there: Sequence[BasketLine]) -> list[TillLine]:
        """Lines by the till's own names; what was taken over gets numbers that none of them has."""
        start = f"{session}/"
        own = {line.line: line.line.removeprefix(start) for line in there if line.line.startswith(start)}
        numbers = (name for name in map(str, count(1)) if name not in own.values())
        return [
            TillLine(
                own.get(line.line) or next(numbers),
                *(line.gtin, line.quantity, line.grams, line.label_price, line.away),
            )
            for line in there
        ]

    def _placed(self, session: str, lines: Sequence[TillLine]) -> Iterator[TillLine]:
        """What was taken over from a screen or phone and is to be fetched is so still when the till says it again."""
        basket = basket_queries.of_session(self._reads, session)
        found = basket_queries.now(self._reads, basket) if basket else None
        away = {(line.line, line.gtin): line.away for line in found.away} if found else {}
        for line in lines:
            there = (f"{session}/{line.line}", gtin14(line.gtin) or "")
            yield msgspec.structs.replace(line, away=away.get(there, line.away))

    def _line(self, session: str, line: TillLine, now_ms: int) -> BasketLine:
        whole = gtin14(line.gtin)
        if whole is None:
            raise Refusal("product_unknown", product=line.gtin)
        trade = Trade(whole, "till", weight_g=line.grams, price=line.label_price)
        good: Good = several(of_trade(self._products, trade, now_ms, how="till"), line.quantity)
        if line.grams is not None and good.grams is None and line.label_price is None:
            raise Refusal("bad_request", field="grams", expected="none of what is sold by the piece", found=line.grams)
        good = msgspec.structs.replace(good, away=line.away)
        return BasketLine(line=f"{session}/{line.line}", **msgspec.structs.asdict(good))

    async def hold(self, till: str, name: str, seen: int | None, now_ms: int) -> TillOrderStatus:
        """Holds its price for ten minutes, and what it uses. Sent again, it is held once. Raises `Refusal`."""
        standing = self.read(till, name, now_ms)
        if standing.state == "open" and basket_queries.hold(self._reads, standing.basket) is not None:
            await self._decide(holding.on_tick)  # it stands no longer: what it had reserved is free
            standing = self.read(till, name, now_ms)
        if standing.state != "open" or standing.quote is None:
            return standing
        found = basket_queries.now(self._reads, standing.basket)
        if found is None:
            raise Refusal("basket_empty")
        await self._decide(holding.hold_at, owner=found.owner, basket=found.basket, quote=standing.quote, seen=seen)
        return self.read(till, name, now_ms)

    async def release(self, till: str, name: str, now_ms: int) -> TillOrderStatus:
        """Lets go of a held price, and of what it reserved. Raises `Refusal`."""
        standing = self.read(till, name, now_ms)
        found = basket_queries.now(self._reads, standing.basket)
        if standing.order is not None or found is None:
            return standing
        paying = payment_queries.open_of(self._reads, found.basket)
        if paying is not None and paying.port == PORT:
            await self._desk.close(paying.payment, "till")
        await self._decide(holding.release_at, owner=found.owner, basket=found.basket)
        return self.read(till, name, now_ms)

    async def confirm(
        self, till: str, name: str, amount: int, currency: str, receipt: str, now_ms: int, *, paid_by: str = ""
    ) -> TillOrderStatus:
        """The till took the money: the order is sold. Sent again, it is sold once.

        Raises `Refusal`: order_unknown, basket_not_held, payment_differs for another amount than is, or was, held,
        way_differs where it is held for another way of paying, and payment_over where it was paid another way: what
        the till took goes back at once.
        """
        standing = self.read(till, name, now_ms)
        if standing.order is not None:
            _check_taken(standing.order, till, amount, currency)
            return standing
        if standing.state != "held" or standing.quote is None:
            raise Refusal("basket_not_held")
        quote = standing.quote
        _check_amount(amount, currency, quote.total, quote.currency)
        if not quote.total:
            terms, way = self._checkout.terms, paid_by or PORT
            await self._decide(orders.settle_free_at, basket=standing.basket, terms=terms, paid_by=way)
            return self.read(till, name, now_ms)
        request = str(uuid.uuid5(_NAMES, f"{standing.basket}|{quote.hash}"))
        asked = await self._decide(
            payments.ask, PaymentRequest(basket=standing.basket, port=PORT, request=request, paid_by=paid_by)
        )
        evidence = Evidence(amount=amount, currency=currency, by=f"till/{till}", reference=receipt)
        await self._desk.paid(asked.payment.payment, evidence)
        return self.read(till, name, now_ms)

    async def take_fees(self, till: str, name: str, amount: int, request: str, now_ms: int) -> TillOrderStatus:
        """The till took the late fees of an order's member. Sent again, they are booked once.

        Raises `Refusal`: order_unknown, and what `ledger.take_fees` says: who is not known owes nothing.
        """
        standing = self.read(till, name, now_ms)
        found = basket_queries.now(self._reads, standing.basket)
        member = standing.order.member if standing.order else found.member if found else ""
        await self._decide(
            ledger_decisions.take_fees, member=member, amount=amount, key=f"till/{till}/{request}", by=f"till/{till}"
        )
        return self.read(till, name, now_ms)

    async def give_back(self, till: str, name: str, wanted: RefundRequest, now_ms: int) -> RefundDecision:
        """Takes goods of a paid order back. The till gives the money itself where a till or staff took it; else it goes
        back by the way it came. Raises `Refusal`.
        """
        order = self.read(till, name, now_ms).order
        if order is None:
            raise Refusal("order_unknown")
        whole = {self.line_id(till, name, line): count for line, count in wanted.units.items()}
        asked = msgspec.structs.replace(
            wanted,
            order=order.order,
            by=f"till/{till}",
            way="cash" if all(each.port == PORT for each in order.paid.paid) else "port",
            request=f"till/{till}/{wanted.request}",
            units=whole,
            goods=self._pricing.goods([line.gtin for line in order.paid.lines], now_ms),
        )
        decided = await self._decide(refunds.refund, wanted=asked, rules=self._checkout.rules)
        if decided.amount and decided.way == "cash":
            await self._decide(refunds.record_cash_refund, refund=decided.refund, by=f"till/{till}")
        return decided

    @staticmethod
    def line_id(till: str, name: str, line: str) -> str:
        """The name of a line in the store."""
        return f"{session_of(till, name)}/{line}"


def _check_amount(amount: int, currency: str, expected: int, own: str) -> None:
    if currency != own:
        raise Refusal("payment_differs", reason="currency", expected=expected, currency=own, taken=currency)
    if amount != expected:
        raise Refusal("payment_differs", expected=expected, found=amount, currency=own)


def _check_taken(order: Order, till: str, amount: int, currency: str) -> None:
    """What the till says that it took is what the order was paid with."""
    paid = order.paid
    _check_amount(amount, currency, paid.total, paid.currency)
    if any(each.by != f"till/{till}" for each in paid.paid):
        raise Refusal("payment_over", basket=paid.basket)


def session_of(till: str, name: str) -> str:
    """The session of one order at one till."""
    return f"till/{till}/{name}"
