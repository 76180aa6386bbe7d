"""Attempts to be paid: one at a time, each on record first; doubt, late truth, wrong amounts, money twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import holding
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import HOLD_MS, Choices, Good
from edge.domain.needs import NOW
from edge.domain.nouns import NOUNS
from edge.domain.payments import decisions as payments
from edge.domain.payments import queries
from edge.domain.payments.needs import PATIENCE_MS, needs
from edge.domain.payments.rules import LAST_ANSWER_MS, Evidence, Payment, PaymentRequest, PaymentRules, RefundAnswer
from edge.errors import Refusal
from edge.journal import Projections
from edge.journal.pruning import prune
from edge.journal.verify import verify
from pricing.basket import Goods, Terms
from pricing.price import price
from tests.callers import by, member_of
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from edge.domain.payments.rules import RefundState
    from edge.journal.journal import Journal

MILK = "06901234567892"
DAY_MS = 24 * 3_600_000


def wanted(request: str = "r1", **more: Any) -> PaymentRequest:
    return PaymentRequest(request=request, **{"basket": "b1", "port": "wechat", **more})


@pytest.fixture(autouse=True)
async def held(store: Journal) -> None:
    """Three baskets of three persons, each with a price that stands: 10.35, 10.35 and 20.01."""
    for number, amount in enumerate((1035, 1035, 2001), 1):
        anna = await store.write(join, number)
        good = Good(gtin=MILK, price=amount)
        await store.write(baskets.add, caller=by(anna), basket=f"b{number}", good=good, request=f"add-{number}")
        await hold(store, number, amount)


async def hold(store: Journal, number: int, amount: int) -> None:
    found = basket_queries.basket(store.reads, f"b{number}")
    assert found is not None
    shelf = {MILK: Goods(gtin=MILK, price=amount)}
    quote = price(found, catalogue=shelf, campaigns=(), now_ms=SetClock.now, terms=Terms())
    owner = by(member_of(number))
    await store.write(holding.hold, caller=owner, basket=f"b{number}", quote=quote, seen=None)


def seen(amount: int = 1035, currency: str = "CNY", by: str = "port") -> Evidence:
    return Evidence(amount=amount, currency=currency, by=by, reference="t1")


def facts(store: Journal) -> list[str]:
    return [entry.type.split(".")[1] for entry in store.after(0, 1000) if entry.type.startswith("payment.")]


async def state(store: Journal, payment: Payment) -> str:
    found = queries.payment(store.reads, payment.payment)
    assert found is not None
    return found.state


async def test_it_is_on_record_before_anybody_is_told_and_once(store: Journal) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    assert (made.state, made.amount, made.is_open) == ("asked", 1035, True)
    again = await store.write(payments.ask, wanted())
    assert again.payment == queries.payment(store.reads, made.payment) == made
    assert not again.new
    with pytest.raises(Refusal, match="bad_request"):
        await store.write(payments.ask, wanted(port="counter"))
    await store.write(payments.record_answer, payment=made.payment, shows="weixin://x", reference="")
    await store.write(payments.record_answer, payment=made.payment)
    assert facts(store) == ["asked", "answered"]
    assert queries.open_of(store.reads, "b1") == queries.payment(store.reads, made.payment)


async def test_asked_again_it_is_for_the_way_that_the_price_is_for(store: Journal) -> None:
    """A till that died between asking and the money said another way, and was believed."""
    await store.write(baskets.choose, caller=by(member_of(1)), choices=Choices(paid_by="card"))
    await hold(store, 1, 1035)
    asked = wanted(port="till", paid_by="card")
    made = (await store.write(payments.ask, asked)).payment
    for other in ("", "cash"):
        with pytest.raises(Refusal, match="way_differs"):
            await store.write(payments.ask, wanted(port="till", paid_by=other))
    assert (await store.write(payments.ask, asked)).payment == made
    await store.write(payments.settle, payment=made.payment, evidence=seen(by="till/1"))
    assert not (await store.write(payments.ask, asked)).new


async def test_what_was_asked_for_later_is_known_by_its_name(store: Journal) -> None:
    first, second, other = [
        (await store.write(payments.ask, wanted(f"r{number}", basket=f"b{number}", port=port))).payment
        for number, port in enumerate(("terminal", "terminal", "wechat"), 1)
    ]
    assert queries.asked_after(store.reads, first) == [second]
    assert queries.asked_after(store.reads, second) == queries.asked_after(store.reads, other) == []


async def test_what_waits_for_a_cashier_does_so_at_once(store: Journal) -> None:
    made = await store.write(payments.ask, wanted(port="counter", number="12345678", waits=True))
    assert (made.payment.state, made.payment.shows) == ("waiting", "12345678")
    assert queries.payment(store.reads, made.payment.payment) == made.payment
    await store.write(payments.ask, wanted(port="counter", number="12345678", waits=True))
    assert facts(store) == ["asked", "answered"]


@pytest.mark.parametrize(
    ("known", "code"), [("waiting", "payment_open"), ("asked", "payment_unknown"), ("unknown", "payment_unknown")]
)
async def test_no_second_attempt_while_one_may_still_be_paid(store: Journal, known: str, code: str) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    if known == "waiting":
        await store.write(payments.record_answer, payment=made.payment)
    if known == "unknown":
        await store.write(payments.record_doubt, payment=made.payment, reason="no_answer")
    with pytest.raises(Refusal, match=code):
        await store.write(payments.ask, wanted("r2", port="counter"))
    await store.write(payments.record_closure, payment=made.payment, reason="shopper")
    again = (await store.write(payments.ask, wanted("r2", port="counter"))).payment
    assert again.payment != made.payment


async def test_nothing_is_asked_for_that_is_paid_free_or_not_held(store: Journal, clock: SetClock) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    await store.write(payments.settle, payment=made.payment, evidence=seen())
    with pytest.raises(Refusal, match="payment_over"):
        await store.write(payments.ask, wanted("r2"))
    anna = await store.write(join, 4)
    good = Good(gtin=MILK, price=0)
    await store.write(baskets.add, caller=by(anna), basket="b4", good=good, request="add-4")
    with pytest.raises(Refusal, match="basket_changed"):
        await store.write(payments.ask, wanted("r3", basket="b4"))
    await hold(store, 4, 0)
    with pytest.raises(Refusal, match="payment_over"):
        await store.write(payments.ask, wanted("r3", basket="b4"))
    clock.now += HOLD_MS
    with pytest.raises(Refusal, match="basket_changed"):
        await store.write(payments.ask, wanted("r4", basket="b2"))


async def test_what_is_being_paid_stays_held(store: Journal, clock: SetClock) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    clock.now += HOLD_MS + 1
    await store.write(holding.on_tick)
    assert basket_queries.hold(store.reads, "b1") is not None
    assert basket_queries.hold(store.reads, "b2") is None
    await store.write(payments.record_closure, payment=made.payment, reason="time")
    await store.write(holding.on_tick)
    assert basket_queries.hold(store.reads, "b1") is None


async def test_news_repeat_and_are_taken_once(store: Journal) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    first = await store.write(payments.settle, payment=made.payment, evidence=seen())
    again = await store.write(payments.settle, payment=made.payment, evidence=seen())
    assert (first.outcome, again.outcome) == ("paid", "already")
    for late in (payments.record_failure, payments.record_closure, payments.record_doubt):
        await store.write(late, payment=made.payment, reason="late")
    await store.write(payments.record_answer, payment=made.payment)
    assert facts(store) == ["asked", "paid"]
    assert queries.open_of(store.reads, "b1") is None


@pytest.mark.parametrize("end", [payments.record_failure, payments.record_closure])
async def test_late_truth_is_taken(store: Journal, end: Any) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    await store.write(end, payment=made.payment, reason="no")
    settled = await store.write(payments.settle, payment=made.payment, evidence=seen())
    assert settled.outcome == "paid"
    assert queries.paid_of(store.reads, "b1") is not None


@pytest.mark.parametrize("other", [seen(1034), seen(1, "CNY"), seen(1035, "USD")])
async def test_another_amount_or_currency_is_doubt_that_nothing_ends_by_itself(store: Journal, other: Evidence) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    for _ in range(2):
        settled = await store.write(payments.settle, payment=made.payment, evidence=other)
        assert settled.outcome == "doubtful"
    await store.write(payments.record_closure, payment=made.payment, reason="time")
    await store.write(payments.record_failure, payment=made.payment, reason="no")
    assert facts(store) == ["asked", "doubtful"]
    assert [need.kind for need in needs(store.reads, 0)] == ["payment_wrong"]
    assert await store.write(payments.end_doubt, payment=made.payment, staff="li")
    assert needs(store.reads, 0) == []


async def test_what_is_paid_twice_goes_back_and_staff_hears_where_it_cannot(store: Journal, clock: SetClock) -> None:
    one = (await store.write(payments.ask, wanted())).payment
    await store.write(payments.record_closure, payment=one.payment, reason="shopper")
    two = (await store.write(payments.ask, wanted("r2", port="counter"))).payment
    await store.write(payments.settle, payment=two.payment, evidence=seen(by="till/1"))
    late = await store.write(payments.settle, payment=one.payment, evidence=seen())
    assert late.outcome == "surplus"
    paid = queries.paid_of(store.reads, "b1")
    assert paid is not None
    assert paid.payment == two.payment
    (back,) = queries.surplus(store.reads)
    assert (back.refund, back.amount, back.state) == (one.payment, 1035, "decided")
    for answer in ("unknown", "pending", "pending", "abnormal"):
        await store.write(
            payments.record_surplus_refund, payment=one.payment, answer=RefundAnswer(state=answer, reason="closed")
        )
    assert queries.surplus(store.reads) == []
    assert [need.kind for need in needs(store.reads, clock.now)] == ["payment_back"]
    assert await store.write(payments.record_cash_refund, payment=one.payment, by="staff/li")
    await store.write(payments.record_surplus_refund, payment=one.payment, answer=RefundAnswer(state="pending"))
    assert needs(store.reads, clock.now) == []
    assert facts(store)[-3:] == ["given_back", "given_back", "given_back"]


@pytest.mark.parametrize(("said", "days"), [("unknown", 1), ("pending", 7)])
@pytest.mark.parametrize("is_back", [True, False])
async def test_money_that_came_twice_and_whose_port_says_nothing_for_days_is_looked_up_there(
    store: Journal, clock: SetClock, said: RefundState, days: int, is_back: bool
) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    await store.write(payments.record_closure, payment=made.payment, reason="time")
    clock.now += HOLD_MS
    await store.write(holding.on_tick)
    await store.write(payments.settle, payment=made.payment, evidence=seen())
    await store.write(payments.record_surplus_refund, payment=made.payment, answer=RefundAnswer(state=said))
    clock.now += days * DAY_MS - 1
    assert needs(store.reads, clock.now) == []
    with pytest.raises(Refusal, match="refund_on_its_way"):
        await store.write(payments.record_lookup, refund=made.payment, is_back=is_back, by="staff/li")
    clock.now += 1
    (need,) = needs(store.reads, clock.now)
    assert (need.kind, need.action) == ("payment_silent", "settle_refund")
    with pytest.raises(Refusal, match="refund_on_its_way"):  # its port may still give it
        await store.write(payments.record_cash_refund, payment=made.payment, by="staff/li")
    assert await store.write(payments.record_lookup, refund=made.payment, is_back=is_back, by="staff/li")
    assert not await store.write(payments.record_lookup, refund=made.payment, is_back=is_back, by="staff/li")
    assert queries.surplus(store.reads) == []  # from now on its port is asked for nothing
    assert [need.kind for need in needs(store.reads, clock.now)] == ([] if is_back else ["payment_back"])
    if not is_back:
        with pytest.raises(Refusal, match="refund_on_its_way"):  # the last question may still be under way
            await store.write(payments.record_cash_refund, payment=made.payment, by="staff/li")
    clock.now += LAST_ANSWER_MS
    assert await store.write(payments.record_cash_refund, payment=made.payment, by="staff/li") is not is_back
    assert needs(store.reads, clock.now) == []


async def test_money_for_a_basket_that_is_open_again_goes_back(store: Journal, clock: SetClock) -> None:
    made = (await store.write(payments.ask, wanted())).payment
    await store.write(payments.record_closure, payment=made.payment, reason="time")
    clock.now += HOLD_MS
    await store.write(holding.on_tick)
    settled = await store.write(payments.settle, payment=made.payment, evidence=seen())
    assert settled.outcome == "surplus"
    assert queries.paid_of(store.reads, "b1") is None


async def test_staff_may_trust_a_little(store: Journal, clock: SetClock) -> None:
    rules = PaymentRules(trust_most=2000, trust_a_day=1)
    made = (await store.write(payments.ask, wanted())).payment
    await store.write(payments.record_doubt, payment=made.payment, reason="no_answer")
    assert needs(store.reads, clock.now + PATIENCE_MS - 1) == []
    (need,) = needs(store.reads, clock.now + PATIENCE_MS)
    with pytest.raises(Refusal, match="bad_request"):
        await store.write(payments.end_doubt, payment=made.payment, staff="li")
    assert (need.kind, need.urgency) == ("payment_unknown", NOW)
    with pytest.raises(Refusal, match="reason_missing"):
        await store.write(payments.trust, payment=made.payment, staff="li", reason=" ", rules=rules)
    assert await store.write(payments.trust, payment=made.payment, staff="li", reason="she showed it", rules=rules)
    assert not await store.write(payments.trust, payment=made.payment, staff="li", reason="again", rules=rules)
    other = (await store.write(payments.ask, wanted("r2", basket="b2"))).payment
    dear = (await store.write(payments.ask, wanted("r3", basket="b3"))).payment
    for refused in (other, dear):
        with pytest.raises(Refusal, match="payment_trust_used"):
            await store.write(payments.trust, payment=refused.payment, staff="li", reason="x", rules=rules)
    clock.now += DAY_MS
    assert await store.write(payments.trust, payment=other.payment, staff="li", reason="x", rules=rules)
    await store.write(payments.settle, payment=other.payment, evidence=seen())
    assert await state(store, other) == "paid"
    await store.write(payments.record_closure, payment=dear.payment, reason="time")
    with pytest.raises(Refusal, match="payment_over"):
        await store.write(
            payments.trust, payment=dear.payment, staff="li", reason="x", rules=PaymentRules(trust_most=9999)
        )


@pytest.mark.parametrize("ended", [payments.record_failure, payments.record_closure])
async def test_goods_that_left_on_trust_and_were_never_paid_are_told_to_staff(
    store: Journal, clock: SetClock, ended: Any
) -> None:
    lost, later = [(await store.write(payments.ask, wanted(f"r{n}", basket=f"b{n}"))).payment.payment for n in (1, 2)]
    unseen = (await store.write(payments.ask, wanted("r3", basket="b3"))).payment.payment
    for each in (lost, later):
        await store.write(payments.record_doubt, payment=each, reason="no_answer")
        more = {"staff": "li", "reason": "she showed it", "rules": PaymentRules()}
        await store.write(payments.trust, payment=each, **more)
    for each in (lost, later, unseen):
        await store.write(ended, payment=each, reason="declined")
    again = (await store.write(payments.ask, wanted("r4", basket="b2"))).payment.payment
    assert {need.id for need in needs(store.reads, clock.now)} == {f"payment/{lost}", f"payment/{later}"}
    await store.write(payments.settle, payment=again, evidence=seen())
    (need,) = needs(store.reads, clock.now)  # what was paid by another way is lost no more
    assert (need.kind, need.id, need.action) == ("payment_lost", f"payment/{lost}", "end_payment")
    assert [await store.write(payments.end_doubt, payment=lost, staff="li") for _ in range(2)] == [True, False]
    assert not await store.write(payments.end_doubt, payment=unseen, staff="li")
    assert needs(store.reads, clock.now) == []


async def test_what_nobody_knows_is_refused_in_words(store: Journal) -> None:
    for decision in (payments.record_answer, payments.settle, payments.record_closure):
        more: dict[str, Any] = {"evidence": seen()} if decision is payments.settle else {}
        more |= {"reason": "x"} if decision is payments.record_closure else {}
        with pytest.raises(Refusal, match="payment_gone"):
            await store.write(decision, payment="nobody", **more)


async def test_how_it_was_asked_for_ends_with_its_facts_and_what_was_paid_stays(store: Journal) -> None:
    paid = (await store.write(payments.ask, wanted("r1"))).payment
    await store.write(payments.settle, payment=paid.payment, evidence=seen())
    failed = (await store.write(payments.ask, wanted("r2", basket="b2"))).payment
    await store.write(payments.record_failure, payment=failed.payment, reason="refused")
    still = (await store.write(payments.ask, wanted("r3", basket="b3", number="17"))).payment
    SetClock.now += 1000
    await store.write(payments.record_answer, payment=still.payment, shows="weixin://x")
    await prune(store, store.sequence, store.sequence - 1, "cloud")
    kept = queries.payment(store.reads, paid.payment)
    assert kept is not None
    assert (kept.state, kept.amount, kept.reference, kept.basket, kept.quote) == ("paid", 1035, "t1", "b1", "")
    assert queries.paid_of(store.reads, "b1") == kept
    assert queries.of_request(store.reads, "r1") is queries.payment(store.reads, failed.payment) is None
    (waiting,) = queries.all_open(store.reads)
    assert (waiting.payment, waiting.quote, waiting.number, waiting.shows) == (
        still.payment, still.quote, "17", "weixin://x",
    )  # fmt: skip
    assert queries.of_request(store.reads, "r3") == queries.of_number(store.reads, "17") == waiting
    store.close()
    assert verify(store.path, Projections(NOUNS)).faults == ()
