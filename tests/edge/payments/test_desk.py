"""The desk: asks once, goes on asking how it ended, takes late truth, gives back what is too much."""

# ruff: noqa: ARG002 - a port takes what every port takes

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.payments import queries
from edge.domain.payments.rules import Evidence, Payment, PortRefund, RefundAnswer
from edge.errors import Refusal
from edge.gateway.payments import pace
from edge.gateway.payments.counter import CounterPort, check_digit, is_number, new_number
from edge.gateway.payments.desk import PaymentDesk
from edge.gateway.payments.port import PaymentInput, PortAnswer
from edge.gateway.payments.simulated import SimulatedPort

if TYPE_CHECKING:
    from tests.edge.payments.conftest import Till


class Scripted:
    """A port whose every word a test writes."""

    name = "scripted"
    asks = True

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.says: PortAnswer | Exception = PortAnswer(state="waiting", shows="code")
        self.closes: PortAnswer = PortAnswer(state="closed")
        self.gate = asyncio.Event()
        self.gate.set()
        self.backs: list[str] = []

    def off(self) -> str:
        return ""

    async def ask(self, payment: Payment, hand: PaymentInput) -> PortAnswer:
        self.heard.append("ask")
        await self.gate.wait()
        return await self._answer()

    async def query(self, payment: Payment) -> PortAnswer:
        self.heard.append("query")
        return await self._answer()

    async def close(self, payment: Payment) -> PortAnswer:
        self.heard.append("close")
        return self.closes

    async def refund(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        self.backs.append(back.refund)
        return RefundAnswer(state="done", reference="back-1")

    refund_state = refund

    async def _answer(self) -> PortAnswer:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


async def test_a_payment_is_asked_for_once_and_paid_once(till: Till) -> None:
    basket = await till.held()
    made = await till.pay(basket)
    assert (made.state, made.amount, made.currency) == ("waiting", 1035, "CNY")
    again = await till.pay(basket)
    assert again.payment == made.payment
    till.simulated.act(made.payment, "pay")
    paid = await till.desk.look(made.payment)
    assert (paid.state, paid.by) == ("paid", "port")
    assert (await till.desk.look(made.payment)).state == "paid"
    assert till.facts() == ["asked", "answered", "paid"]
    assert queries.paid_of(till.journal.reads, basket) is not None


async def test_taps_at_the_same_time_ask_once(till: Till) -> None:
    port = Scripted()
    till.open([port])
    basket = await till.held()
    found = await asyncio.gather(*(till.pay(basket, "scripted", "one") for _ in range(5)))
    assert len({each.payment for each in found}) == 1
    assert port.heard == ["ask"]
    with pytest.raises(Refusal, match="payment_open"):
        await till.pay(basket, "scripted", "two")


async def test_what_is_sent_again_is_told_though_its_port_is_away_by_now(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    basket = await till.held()
    till.simulated.silent = True
    first = await till.pay(basket)
    monkeypatch.setattr(till.simulated, "off", lambda: "offline")
    again = await till.pay(basket)
    assert (again.payment, again.state) == (first.payment, "unknown")
    with pytest.raises(Refusal, match="payment_off"):
        await till.pay(basket, request="another")


async def test_a_lost_answer_is_doubt_and_the_next_one_ends_it(till: Till) -> None:
    till.simulated.silent = True
    basket = await till.held()
    made = await till.pay(basket)
    assert (made.state, made.reason) == ("unknown", "no_answer")
    with pytest.raises(Refusal, match="payment_unknown"):
        await till.pay(basket, request="again")
    till.simulated.act(made.payment, "pay")
    till.simulated.silent = False
    till.desk.start()
    till.ahead_s += pace.STEPS_S[0]
    await till.becomes(made, "paid")
    assert till.facts() == ["asked", "doubtful", "paid"]


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk I/O error"), ValueError("a mistake of ours")])
async def test_a_look_around_that_fails_is_not_the_last(
    till: Till, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Reads that fail cannot be made with a whole file: the one mock says what a failing disk does."""
    till.simulated.silent = True
    made = await till.pay(await till.held())
    till.simulated.act(made.payment, "pay")
    till.simulated.silent = False
    whole, failures = queries.all_open, [error, error]
    monkeypatch.setattr(queries, "all_open", lambda reads: _raised(failures.pop()) if failures else whole(reads))
    till.desk.start()
    till.ahead_s += pace.STEPS_S[0]
    await till.becomes(made, "paid")


def _raised(error: Exception) -> list[Payment]:
    raise error


async def test_a_payment_is_asked_for_though_the_clock_is_set_back(till: Till) -> None:
    """By two days, and nobody asked for two days."""
    till.simulated.silent = True
    made = await till.pay(await till.held())
    till.simulated.act(made.payment, "pay")
    till.simulated.silent = False
    till.jumped_s = -2 * 24 * 3600.0
    till.desk.start()
    till.ahead_s += pace.STEPS_S[0]
    await till.becomes(made, "paid")


async def test_after_a_restart_it_is_asked_once_however_long_ago_it_was(till: Till) -> None:
    till.simulated.silent = True
    made = await till.pay(await till.held())
    till.simulated.act(made.payment, "pay")
    till.simulated.silent = False
    till.ahead_s = 3 * 24 * 3600.0
    till.open([till.simulated]).start()
    await till.becomes(made, "paid")


async def test_news_of_a_payment_that_had_ended_here_are_asked_about(till: Till) -> None:
    port = Scripted()
    till.open([port])
    made = await till.pay(await till.held(), "scripted")
    assert (await till.desk.close(made.payment, "shopper")).state == "closed"
    port.says = PortAnswer(state="paid", amount=1035, currency="CNY", reference="late")
    till.desk.hint(made.payment)
    await till.becomes(made, "paid")
    till.desk.hint(made.payment)
    assert port.heard == ["ask", "close", "query"]


async def test_whatever_a_port_raises_is_doubt(till: Till) -> None:
    port = Scripted()
    port.says = ValueError("nonsense")
    till.open([port])
    made = await till.pay(await till.held(), "scripted")
    assert (made.state, made.reason) == ("unknown", "port_error")


async def test_after_a_restart_it_is_asked_how_it_stands_and_not_for_the_money(till: Till) -> None:
    port = Scripted()
    port.gate.clear()
    desk = till.open([port])
    basket = await till.held()
    asking = asyncio.create_task(till.pay(basket, "scripted"))
    await till.until(lambda: port.heard == ["ask"])
    await desk.stop()
    with pytest.raises(asyncio.CancelledError):
        await asking
    (left,) = queries.all_open(till.journal.reads)
    assert left.state == "asked"
    port.says = PortAnswer(state="paid", amount=1035, currency="CNY")
    till.open([port]).start()
    await till.becomes(left, "paid")
    assert port.heard == ["ask", "query"]


async def test_what_never_reached_a_port_is_closed_and_can_be_asked_anew(till: Till) -> None:
    port = Scripted()
    port.gate.clear()
    desk = till.open([port])
    basket = await till.held()
    asking = asyncio.create_task(till.pay(basket, "scripted"))
    await till.until(lambda: port.heard == ["ask"])
    await desk.stop()
    await asyncio.gather(asking, return_exceptions=True)
    (left,) = queries.all_open(till.journal.reads)
    port.says = PortAnswer(state="closed", reason="never_asked")
    port.gate.set()
    till.open([port]).start()
    await till.becomes(left, "closed")
    port.says = PortAnswer(state="waiting")
    assert (await till.pay(basket, "scripted", "anew")).state == "waiting"


@pytest.mark.parametrize(
    ("closing", "state"),
    [
        (PortAnswer(state="closed"), "closed"),
        (PortAnswer(state="paid", amount=1035, currency="CNY"), "paid"),
        (PortAnswer(state="unknown", reason="no_answer"), "unknown"),
    ],
)
async def test_taking_back_ends_only_as_the_port_says(till: Till, closing: PortAnswer, state: str) -> None:
    port = Scripted()
    port.closes = closing
    till.open([port])
    made = await till.pay(await till.held(), "scripted")
    closed = await till.desk.close(made.payment, "shopper")
    assert closed.state == state
    assert closed.reason == {"closed": "shopper", "unknown": "no_answer"}.get(state, "")


async def test_time_takes_back_what_nobody_paid(till: Till) -> None:
    port = Scripted()
    till.open([port, CounterPort()])
    one = await till.pay(await till.held(), "scripted")
    two = await till.pay(await till.held(), "counter", number="12345674")
    till.desk.start()
    till.ahead_s = 601
    for made in (one, two):
        assert (await till.becomes(made, "closed")).reason == "time"
    assert "close" in port.heard


async def test_another_amount_is_nobodys_payment(till: Till) -> None:
    port = Scripted()
    port.says = PortAnswer(state="paid", amount=1034, currency="CNY")
    till.open([port])
    made = await till.pay(await till.held(), "scripted")
    assert (made.state, made.reason) == ("unknown", "wrong_amount")
    assert (await till.desk.close(made.payment, "shopper")).state == "unknown"


async def test_money_that_comes_twice_goes_back_by_itself(till: Till) -> None:
    port = Scripted()
    till.open([port, till.simulated])
    basket = await till.held()
    one = await till.pay(basket, "scripted", "one")
    await till.desk.close(one.payment, "shopper")
    two = await till.pay(basket, request="two")
    till.simulated.act(two.payment, "pay")
    await till.desk.look(two.payment)
    await till.desk._take(one, PortAnswer(state="paid", amount=1035, currency="CNY"))
    till.desk.start()
    await till.until(lambda: "given_back" in till.facts())
    assert port.backs == [one.payment]
    assert queries.surplus(till.journal.reads) == queries.surplus(till.journal.reads, ended=True) == []


async def test_a_refund_that_hangs_is_asked_for_under_one_name_until_it_is_there(till: Till) -> None:
    made = await till.pay(await till.held())
    till.simulated.act(made.payment, "pay")
    paid = await till.desk.look(made.payment)
    back = PortRefund(refund="back-1", payment=paid.payment, amount=100, currency="CNY")
    till.simulated.act("", "refund_hangs")
    assert (await till.simulated.refund(back, paid)).state == "pending"
    assert (await till.simulated.refund(back, paid)).state == "pending"
    till.simulated.act("", "refund_works")
    assert (await till.simulated.refund_state(back, paid)).state == "done"
    assert SimulatedPort(till.folder / "simulated.jsonl")._backs == {"back-1": "done"}


async def test_a_till_says_what_it_took(till: Till) -> None:
    till.open([CounterPort()])
    number = new_number()
    made = await till.pay(await till.held(), "counter", number=number)
    assert (made.state, made.shows) == ("waiting", number)
    found = queries.of_number(till.journal.reads, number)
    assert found is not None
    taken = Evidence(amount=1035, currency="CNY", by="till/1", reference="R-9")
    with pytest.raises(Refusal, match="payment_differs"):
        await till.desk.paid(found.payment, Evidence(amount=1034, currency="CNY", by="till/1"))
    assert (await till.desk.paid(found.payment, taken)).outcome == "paid"
    assert (await till.desk.paid(found.payment, taken)).outcome == "already"
    other = Evidence(amount=1035, currency="CNY", by="till/2", reference="R-3")
    with pytest.raises(Refusal, match="basket_changed"):
        await till.desk.paid(found.payment, other)
    assert till.now(made).by == "till/1"


async def test_a_way_that_is_not_on_offer_is_refused_and_nothing_is_on_record(till: Till) -> None:
    with pytest.raises(Refusal, match="payment_off"):
        await till.pay(await till.held(), "wechat")
    assert till.facts() == []


def test_numbers_show_every_mistyped_digit_and_every_swap() -> None:
    assert check_digit("572") == "4", "Damm's own example"
    for _ in range(20):
        number = new_number()
        assert is_number(number)
        for place in range(8):
            wrong = [number[:place] + digit + number[place + 1 :] for digit in "0123456789" if digit != number[place]]
            assert not any(is_number(each) for each in wrong)
        for place in range(7):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            assert swapped == number or not is_number(swapped)
    assert not any(is_number(text) for text in ("", "1", "1234567x", "１２３４５６７４", "123456789"))


def test_it_is_asked_soon_then_less_often_and_a_day_long() -> None:
    until = 600_000
    asked: list[Any] = [pace.query_delay_s(tries, 0, until) for tries in range(10)]
    assert asked == [2, 3, 5, 8, 13, 21, 34, 60, 60, 60]
    assert pace.query_delay_s(9, until + pace.GRACE_MS + 1, until) == 600
    assert pace.query_delay_s(9, until + pace.DAY_MS + 1, until) is None
    assert pace.query_delay_s(0, until + pace.DAY_MS + 1, until) == 600


async def test_many_payments_at_once_are_looked_at_together(till: Till) -> None:
    """Each look is at everything that is open: one for each payment would cost more with each that is open."""
    looks = 0

    class Counting:
        """The tables, and how often everything open was asked for."""

        def all(self, sql: str, *params: Any) -> Any:
            nonlocal looks
            looks += "WHERE p.state IN" in sql
            return till.journal.reads.all(sql, *params)

        def one(self, sql: str, *params: Any) -> Any:
            return till.journal.reads.one(sql, *params)

    scripted = Scripted()
    till.desk = PaymentDesk(
        till.journal.write, Counting(), {"scripted": scripted}, b"key", clock=till.clock, elapsed=till.elapsed
    )
    till.desk.start()
    baskets = [await till.held() for _ in range(20)]
    await till.until(lambda: looks)
    before = time.monotonic()
    first = looks
    for each in baskets:
        await till.pay(each, "scripted")
    # Twenty a second at most, however long it took, and one that was under way.
    assert looks - first <= (time.monotonic() - before) * 20 + 2
