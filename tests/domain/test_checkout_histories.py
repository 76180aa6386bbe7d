"""Shoppers, a till and staff at once, from threads of their own, in any interleaving: no coupon is used twice, what was
shown is what was paid, and money, points and budgets add up after every return, repeat and late word of a payment.

Each thread looks at the tables by a connection of its own, so that what it decides by may be old when it decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import Choices, Good
from edge.domain.campaigns import queries as campaigns
from edge.domain.campaigns.facts import CampaignPublished
from edge.domain.campaigns.rules import as_used, store_day
from edge.domain.coupons import decisions as coupons
from edge.domain.coupons.rules import ClaimRules, ClaimSource
from edge.domain.coupons.wallet import usable
from edge.domain.ledger import decisions as ledger_decisions
from edge.domain.ledger import queries as ledger
from edge.domain.ledger.facts import PointsBooked
from edge.domain.lockers.facts import ParcelFeeDue
from edge.domain.nouns import NOUNS
from edge.domain.orders import decisions as orders
from edge.domain.orders import queries, refunds
from edge.domain.orders.refunds import RefundRequest
from edge.domain.orders.rules import OrderRules, Terms
from edge.domain.payments import decisions as payments
from edge.domain.payments import queries as payment_queries
from edge.domain.payments.rules import Evidence, PaymentRequest
from edge.errors import Refusal
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.transaction import Reader
from edge.journal.verify import verify
from pricing.basket import Goods, Place
from pricing.campaigns import Budget, Campaign, Condition, Limits, Off, Percent
from pricing.price import price
from pricing.returns import share
from tests.callers import by
from tests.domain.conftest import SetClock, furnish, join

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from edge.journal import Fact, Tx
    from pricing.quote import Quote

LONG: Final = "STOREKEEPER_ROUNDS" in os.environ
WINE: Final = "06901234567922"
PRICES: Final = {"06901234567892": 1290, "06901234567908": 333, "06901234567915": 890, WINE: 2680}
SHELF: Final = {gtin: Goods(gtin=gtin, price=amount, no_offers=gtin == WINE) for gtin, amount in PRICES.items()}
GIVEN: Final = 900
"""Points that each shopper has at first."""
STOCK: Final = 3
ANYWHERE: Final = Condition(zones=("baby",))
CAMPAIGNS: Final = (
    Campaign(id="five", benefit=Off(500), when=ANYWHERE, claim=True, limits=Limits(per_member=2)),
    Campaign(id="tenth", benefit=Percent(1000), budget=Budget(uses=STOCK)),
)
TERMS: Final = Terms(OrderRules(audit_share=0), lambda _basket: 0.5)
ZONE: Final = "Asia/Shanghai"
ACTS: Final = (
    "buy", "buy", "buy", "fill", "claim", "points", "hold", "pay", "late", "release", "back", "void", "again",
    "owe", "fee",
)  # fmt: skip
WAVES: Final = st.lists(
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=4),
    min_size=12,
    max_size=20,
)


def _emit(tx: Tx, fact: Fact) -> None:
    tx.emit(fact)


class Floor:
    """The store on a loop of its own, and everybody who asks it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "store.db"
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.journal: Journal = self._wait(self._open())
        self.members = [self.ask(join, number) for number in (1, 2)]
        for member in self.members:
            self.ask(_emit, PointsBooked(member=member, points=GIVEN, reason="goodwill", key=f"given/{member}"))
        self._own = threading.local()
        self._count = iter(range(1, 10**6))

    async def _open(self) -> Journal:
        journal = Journal(self.path, NOUNS, clock=SetClock())
        await journal.write(furnish)
        for each in CAMPAIGNS:
            await journal.write(_emit, CampaignPublished(campaign=each, version="v"))
        return journal

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def ask(self, decision: Any, *args: Any, **kwargs: Any) -> Any:
        async def write() -> Any:
            return await self.journal.write(decision, *args, **kwargs)

        return self._wait(write())

    def close(self) -> None:
        async def close() -> None:
            self.journal.close()

        self._wait(close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    @property
    def reads(self) -> Reader:
        """This thread's own."""
        if not hasattr(self._own, "reads"):
            self._own.reads = Reader(self.path)
        return self._own.reads  # type: ignore[no-any-return]

    # What people do. Each may be refused: that is an answer too.

    def act(self, what: str, who: int, n: int) -> None:
        with contextlib.suppress(Refusal):
            getattr(self, f"_{what}")(self.members[who], n)

    def _buy(self, member: str, n: int) -> None:
        self._claim(member, n)
        self._fill(member, n)
        if n > 2:
            self._points(member, n)
        self._hold(member, n)
        self._pay(member, n)

    def _fill(self, member: str, n: int) -> None:
        gtin = list(PRICES)[n % 4]
        good = Good(gtin=gtin, price=PRICES[gtin], quantity=1 + n)
        name = f"basket-{next(self._count)}"
        self.ask(baskets.add, caller=by(member), basket=name, good=good, request=name)

    def _claim(self, member: str, _n: int) -> None:
        number = next(self._count)
        self.ask(
            coupons.claim,
            coupon="five",
            caller=by(member),
            hand=ClaimSource("screen-baby", f"live-{number}", f"phone-{number}"),
            request=f"claim-{number}",
            rules=ClaimRules(live_code=1000, printed_an_hour=1000, printed_share=1.0),
        )

    def _points(self, member: str, n: int) -> None:
        self.ask(baskets.choose, caller=by(member), choices=Choices((), (), n * 100))

    def _hold(self, member: str, _n: int) -> None:
        quote = self._quote(member)
        if quote is not None:
            self.ask(holding.hold, caller=by(member), basket=quote.basket, quote=quote, seen=None)

    def _quote(self, member: str) -> Quote | None:
        """As the gateway gathers it, by tables that may have changed since."""
        reads, now = self.reads, SetClock.now
        name = basket_queries.of_member(reads, member)
        found = basket_queries.now(reads, name) if name else None
        if found is None or not found.lines:
            return None
        burn = found.choices.burn
        return price(
            basket_queries.priced(found),
            catalogue=SHELF,
            campaigns=[as_used(each) for each in campaigns.in_force(reads)],
            now_ms=now,
            wallet=usable(reads, member, now),
            member=ledger.buyer_standing(reads, member, now, basket=found.basket),
            place=Place(zone="baby", timezone=ZONE),
            burn=burn or 0,
            counters=campaigns.uses(reads, member=member, day=store_day(now, ZONE), now_ms=now, basket=found.basket),
            terms=ledger.terms(reads),
        )

    def _pay(self, member: str, n: int) -> None:
        basket = basket_queries.of_member(self.reads, member)
        if basket is None:
            return
        hold = basket_queries.hold(self.reads, basket)
        if hold is not None and not hold.total:
            self.ask(orders.settle_free, caller=by(member), basket=basket, terms=TERMS)
            return
        made = self.ask(
            payments.ask, PaymentRequest(basket=basket, port="simulated", request=f"pay-{next(self._count)}")
        )
        if n == 0:  # the shopper takes it back; the port may say later that it was paid
            self.ask(payments.record_closure, payment=made.payment.payment, reason="shopper")
            return
        for _ in range(1 + n % 2):  # the port says it once, or twice
            self._settle(made.payment.payment, made.payment.amount - (n == 5))

    def _settle(self, payment: str, amount: int) -> None:
        told = Evidence(amount=amount, currency="CNY", by="port", reference=payment)
        self.ask(orders.settle, payment=payment, evidence=told, terms=TERMS)

    def _late(self, _member: str, n: int) -> None:
        """Word of a payment that was closed, open, or settled long ago."""
        rows = self.reads.all("SELECT long(payment) AS payment FROM payments ORDER BY 1")
        if rows:
            known = payment_queries.payment(self.reads, rows[n % len(rows)]["payment"])
            assert known is not None
            self._settle(known.payment, known.amount)

    def _owe(self, member: str, n: int) -> None:
        """A parcel is collected late."""
        self.ask(_emit, ParcelFeeDue(parcel=f"parcel-{next(self._count)}", member=member, amount=100 * (1 + n)))

    def _fee(self, member: str, n: int) -> None:
        """A till takes what was owed a moment ago, and says so twice."""
        amount, key = ledger.owed(self.reads, member), f"till/1/{next(self._count)}"
        for _ in range(1 + n % 2):
            self.ask(ledger_decisions.take_fees, member=member, amount=amount, key=key, by="till/1")

    def _release(self, member: str, _n: int) -> None:
        self.ask(holding.release, caller=by(member))

    def _back(self, member: str, n: int) -> None:
        self._take_back(member, n, "return", f"back-{next(self._count)}")

    def _again(self, member: str, n: int) -> None:
        """The same return, said by two desks."""
        for _ in range(2):
            self._take_back(member, n, "return", f"same-{member}-{n}")

    def _void(self, member: str, n: int) -> None:
        self._take_back(member, n, "void", f"void-{next(self._count)}")

    def _take_back(self, member: str, n: int, kind: Any, request: str) -> None:
        found = queries.of_member(self.reads, member)
        if not found:
            return
        order = found[n % len(found)]
        units = {line.id: 1 for line in order.paid.lines[: 1 + n % 2]}
        wanted = RefundRequest(order=order.order, units=units, request=request, by="staff/li", reason="r", kind=kind)
        self.ask(refunds.refund, wanted=wanted, rules=OrderRules())

    # What holds between any two waves.

    def holds(self) -> None:
        reads = self.reads
        sold = queries.latest(reads, 10_000)
        self._each_is_sold_once(sold)
        self._no_coupon_twice(sold)
        counted = sum(each.uses for order in sold for each in order.paid.used if each.campaign == "tenth")
        (totals,) = reads.all(
            "SELECT coalesce(sum(uses), 0) AS n FROM campaign_totals WHERE campaign='tenth' AND day=''"
        )
        assert totals["n"] == counted <= STOCK
        self._each_fee_is_paid_once(sold)
        for member in self.members:
            self._points_add_up(member, [order for order in sold if order.member == member])

    def _each_fee_is_paid_once(self, sold: list[Any]) -> None:
        due = sum(body["amount"] for body in self._facts("parcel.fee_due.v1"))
        paid = self._facts("fee.paid.v1")
        along = sum(body["amount"] for body in paid if body.get("order"))
        assert along == sum(order.paid.fees for order in sold), "a fee that was paid and is still owed"
        left = sum(ledger.owed(self.reads, member) for member in self.members)
        assert due == sum(body["amount"] for body in paid) + left

    def _each_is_sold_once(self, sold: list[Any]) -> None:
        assert len({order.paid.basket for order in sold}) == len(sold)
        for order in sold:
            paid = order.paid
            assert paid.total == sum(line.pay for line in paid.lines)
            assert paid.total + paid.fees == sum(each.amount for each in paid.paid)
            assert paid.total == paid.shelf - paid.discount - paid.points.worth
            back = queries.refunds(self.reads, order.order)
            assert order.refunded == sum(each.amount for each in back) <= paid.total
            if order.state == "void" or all(order.left(line.id) == 0 for line in paid.lines):
                assert order.refunded == paid.total
            if len(paid.paid):
                known = payment_queries.payment(self.reads, paid.paid[0].payment)
                assert known is not None
                assert (known.state, known.amount, known.quote) == ("paid", paid.total + paid.fees, paid.quote)
        (paid_,) = self.reads.all("SELECT coalesce(sum(amount), 0) AS n FROM payments WHERE state='paid'")
        (over,) = self.reads.all("SELECT coalesce(sum(amount), 0) AS n FROM surplus_payments")
        assert paid_["n"] == sum(order.paid.total + order.paid.fees for order in sold) + over["n"], (
            "money that is nowhere"
        )

    def _no_coupon_twice(self, sold: list[Any]) -> None:
        used = Counter(each.coupon for order in sold for each in order.paid.used if each.coupon)
        given_back, redeemed = self._coupons("coupon.returned.v1"), self._coupons("coupon.redeemed.v1")
        assert used == redeemed
        for coupon, times in redeemed.items():
            assert times <= 1 + given_back[coupon], f"{coupon} was used {times} times"

    def _coupons(self, kind: str) -> Counter[str]:
        return Counter(body["coupon"] for body in self._facts(kind))

    def _facts(self, kind: str) -> list[dict[str, Any]]:
        return [msgspec.json.decode(entry.body) for entry in self.journal.after(0, 10**6) if entry.type == kind]

    def _points_add_up(self, member: str, sold: list[Any]) -> None:
        has = ledger.balance(self.reads, member, SetClock.now)
        (booked,) = self.reads.all(
            "SELECT coalesce(sum(delta), 0) AS n FROM ledger_entries WHERE book='points' AND account=short(?)", member
        )
        assert has.points == booked["n"]
        moved = sum(order.paid.points.earned - order.paid.points.burned for order in sold)
        own = {order.order for order in sold}
        back = [each for each in self._facts("refund.decided.v1") if each["order"] in own]
        assert has.points == GIVEN + moved + sum(
            each.get("points_back", 0) - each.get("points_taken", 0) for each in back
        )
        for order in sold:
            earning = [line for line in order.paid.lines if not line.no_offers]
            kept = sum(
                line.pay - share(line.pay, line.quantity, 0, line.quantity - order.left(line.id)) for line in earning
            )
            taken = sum(each.get("points_taken", 0) for each in back if each["order"] == order.order)
            assert order.paid.points.earned - taken == kept // 100, "points of goods that came back"


@settings(
    max_examples=200 if LONG else 10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    derandomize=not LONG,
)
@given(WAVES)
def test_whatever_happens_at_once_everything_adds_up(waves: list[list[tuple[str, int, int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as threads:
        floor = Floor(Path(folder))
        try:
            for wave in waves:
                for done in [threads.submit(floor.act, *each) for each in wave]:
                    done.result()
                floor.holds()
        finally:
            floor.close()
        assert verify(floor.path, Projections(NOUNS)).faults == ()
