"""Cards at a terminal: one payment at a time; a broken line is resolved by what the terminal says was its last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.domain.payments.rules import Payment, PortRefund
from edge.gateway.payments import zvt
from edge.gateway.payments.port import PaymentInput
from edge.gateway.payments.terminal import KEPT, TerminalPort
from edge.settings.payments import TerminalSettings
from tests.edge.payments.zvt_terminal import DECLINED, PASSWORD, Machine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge.gateway.payments.port import PortAnswer
    from tests.edge.payments.conftest import Till


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    made = Machine()
    await made.start()
    yield made
    await made.stop()


def port_of(machine: Machine, *later: Payment) -> TerminalPort:
    """`later` are payments that were asked for at the terminal afterwards, as the store knows them."""
    settings = TerminalSettings(id="card-1", host="127.0.0.1", port=machine.port, password=PASSWORD)
    return TerminalPort([settings], "EUR", lambda _: list(later))


def payment(amount: int = 1035, reference: str = "") -> Payment:
    return Payment(
        "0190f0a1-0000-7000-8000-000000000001", "b1", "q", amount, "EUR", "terminal", "", "card-1", "", "waiting", "",
        reference, "", "", 0, 0, 0, "",
    )  # fmt: skip


async def ended(port: TerminalPort, made: Payment) -> PortAnswer:
    """How it went, once the card was there."""
    await port._work[made.payment]
    return await port.query(made)


async def ask(port: TerminalPort, amount: int = 1035) -> tuple[Payment, PortAnswer]:
    made = payment(amount)
    answer = await port.ask(made, PaymentInput())
    return msgspec.structs.replace(made, reference=answer.reference), answer


async def test_a_card_is_charged_and_the_receipt_kept(machine: Machine) -> None:
    port = port_of(machine)
    made, answer = await ask(port)
    assert (answer.state, answer.reference) == ("waiting", "after 0000")
    paid = await ended(port, made)
    assert (paid.state, paid.amount, paid.currency, paid.reference) == ("paid", 1035, "EUR", "0041/000041")
    assert machine.receipts == [(41, 1035, "paid")]
    made, answer = await ask(port)
    assert answer.reference == "after 0041"
    assert (await ended(port, made)).reference == "0042/000042"


async def test_a_declined_card_is_not_paid(machine: Machine) -> None:
    machine.card = DECLINED
    port = port_of(machine)
    made, _ = await ask(port)
    answer = await ended(port, made)
    assert (answer.state, answer.reason) == ("failed", "terminal_71")


@pytest.mark.parametrize(("charged", "state"), [(True, "paid"), (False, "closed")])
async def test_what_is_paid_and_then_given_up_is_as_its_last_payment_says(
    machine: Machine, charged: bool, state: str
) -> None:
    port = port_of(machine)
    first, _ = await ask(port)
    await ended(port, first)
    machine.gives_up = True
    made, _ = await ask(port)
    await port._work[made.payment]
    if not charged:
        machine.receipts.pop()
    assert (await port.query(made)).state == state


@pytest.mark.parametrize(("cut", "state"), [("before", "closed"), ("after", "paid")])
@pytest.mark.parametrize("restarted", [False, True])
async def test_a_broken_line_is_resolved_by_the_last_payment(
    machine: Machine, cut: str, state: str, restarted: bool
) -> None:
    port = port_of(machine)
    made, _ = await ask(port)
    await ended(port, made)
    machine.cut = cut
    made, _ = await ask(port)
    await port._work[made.payment]
    machine.cut = ""
    if restarted:
        port = port_of(machine)
    answer = await port.query(made)
    assert answer.state == state
    assert machine.heard.count("0601") == 2, "the money is asked for once"


async def test_a_payment_of_another_amount_is_nobodys_guess(machine: Machine) -> None:
    machine.cut = "after"
    port = port_of(machine)
    made, _ = await ask(port)
    await port._work[made.payment]
    machine.receipts.append((77, 5, "paid"))
    answer = await port.query(made)
    assert (answer.state, answer.reason) == ("unknown", "other_payment")
    lost = await port_of(machine).query(payment())
    assert (lost.state, lost.reason) == ("unknown", "no_receipt")


async def test_a_terminal_that_closed_its_day_says_nothing_of_a_payment_before(machine: Machine) -> None:
    port = port_of(machine)
    made, _ = await ask(port)
    await ended(port, made)
    machine.cut = "after"
    made, _ = await ask(port)
    await port._work[made.payment]
    assert [state for *_, state in machine.receipts] == ["paid", "paid"]
    machine.cut = ""
    machine.receipts.clear()
    answer = await port.query(made)
    assert (answer.state, answer.reason) == ("unknown", "other_payment")


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_a_day_that_was_closed_says_nothing_of_its_first_payment(machine: Machine, cut: str) -> None:
    port = port_of(machine)
    machine.cut = cut
    made, answer = await ask(port)
    assert answer.reference == "after 0000"
    await port._work[made.payment]
    machine.cut = ""
    machine.receipts.clear()
    for asked in (port, port_of(machine)):
        answer = await asked.query(made)
        assert (answer.state, answer.reason) == ("unknown", "other_payment"), "nothing says that it was not paid"


async def test_a_receipt_without_a_number_is_no_evidence(machine: Machine) -> None:
    nameless = zvt.TerminalResult(0, 5, "", "")
    assert port_of(machine)._compare(payment(reference="after "), nameless).state == "unknown"
    assert port_of(machine)._compare(payment(reference="after 0000"), nameless).state == "unknown"


@pytest.mark.parametrize(("host", "amount"), [("card..till", 1035), ("127.0.0.1", 10**12)])
async def test_what_cannot_be_said_to_a_terminal_does_not_keep_it_busy(
    machine: Machine, host: str, amount: int
) -> None:
    settings = TerminalSettings(id="card-1", host=host, port=machine.port, password=PASSWORD)
    port = TerminalPort([settings], "EUR", lambda _: [])
    _, answer = await ask(port, amount)
    assert (answer.state, answer.reason) == ("failed", "no_answer")
    assert port.off() == ""
    assert not port._lines
    assert "0601" not in machine.heard


async def test_how_the_latest_payments_went_is_remembered_and_no_more(machine: Machine) -> None:
    port = port_of(machine)
    for number in range(KEPT + 5):
        made = msgspec.structs.replace(payment(), payment=f"p-{number}")
        await port.ask(made, PaymentInput())
        await port._work[made.payment]
    assert len(port._work) == KEPT + 1


async def test_the_next_shoppers_payment_of_the_same_amount_does_not_pay_for_one_that_is_in_doubt(
    machine: Machine,
) -> None:
    port = port_of(machine)
    machine.cut = "before"
    doubtful, _ = await ask(port)
    await port._work[doubtful.payment]
    machine.cut = ""
    other = msgspec.structs.replace(payment(), payment="0190f0a1-0000-7000-8000-000000000002")
    answer = await port.ask(other, PaymentInput())
    under_way = msgspec.structs.replace(other, reference=answer.reference)
    paid = await ended(port, other)
    assert paid.state == "paid"
    done = msgspec.structs.replace(other, state="paid", reference=paid.reference)
    for known in (under_way, done):  # nothing but what is on record: the box may have started anew
        answer = await port_of(machine, known).query(doubtful)
        assert (answer.state, answer.reason) == ("unknown", "other_payment")
    assert (await port_of(machine).query(under_way)).state == "paid"
    elsewhere = msgspec.structs.replace(done, device="card-2")
    assert (await port_of(machine, elsewhere).query(doubtful)).state == "paid"


async def test_another_amount_than_was_asked_for_is_told(machine: Machine) -> None:
    machine.amount_off = 100
    port = port_of(machine)
    made, _ = await ask(port)
    assert (await ended(port, made)).amount == 1135


async def test_taking_back_while_it_waits_for_a_card(machine: Machine) -> None:
    machine.card = "wait"
    port = port_of(machine)
    made, _ = await ask(port)
    busy = await ask(port)
    assert (busy[1].state, busy[1].reason, port.off()) == ("failed", "busy", "busy")
    assert (await port.close(made)).state == "closed"
    assert "06b0" in machine.heard
    assert port.off() == ""


async def test_a_terminal_that_is_away_was_never_told_of_money() -> None:
    port = TerminalPort([TerminalSettings(id="card-1", host="127.0.0.1", port=9)], "EUR", lambda _: [])
    made, answer = await ask(port)
    assert (answer.state, answer.reason, port.off()) == ("failed", "no_answer", "")
    assert (await port.query(made)).state == "unknown"


async def test_all_of_it_is_reversed_and_a_part_needs_the_card(machine: Machine) -> None:
    port = port_of(machine)
    made, _ = await ask(port)
    paid = await ended(port, made)
    done = payment(reference=paid.reference)
    part = PortRefund(refund="r1", payment=done.payment, amount=100, currency="EUR")
    assert (await port.refund(part, done)).reason == "card_needed"
    whole = PortRefund(refund="r2", payment=done.payment, amount=1035, currency="EUR")
    assert (await port.refund(whole, done)).state == "done"
    assert machine.receipts[0][2] == "reversed"
    assert (await port.refund(whole, done)).reason == "card_needed", "it cannot go back twice"


async def test_a_reversal_whose_answer_is_lost_is_for_a_person(machine: Machine) -> None:
    port = port_of(machine)
    made, _ = await ask(port)
    done = payment(reference=(await ended(port, made)).reference)
    machine.cut = "after"
    whole = PortRefund(refund="r2", payment=done.payment, amount=1035, currency="EUR")
    assert (await port.refund(whole, done)).reason == "look_at_terminal"


async def test_a_line_that_breaks_after_the_card_was_charged_is_a_payment_all_the_same(
    till: Till, machine: Machine
) -> None:
    till.currency, machine.cut = "EUR", "after"
    till.open([port_of(machine)])
    made = await till.pay(await till.held(), "terminal")
    assert (made.state, made.reference) == ("waiting", "after 0000")
    till.desk.start()
    till.ahead_s += 3
    paid = await till.becomes(made, "paid")
    assert paid.reference == "0041/000041"
    # A look that found the terminal busy, or too slow, was a doubt until the next one.
    assert [fact for fact in till.facts() if fact != "doubtful"] == ["asked", "answered", "paid"]


@pytest.mark.parametrize(
    ("command", "wire"),
    [
        (zvt.register("123456", "EUR"), "060006123456080978"),
        (zvt.authorise(1, "EUR"), "06010a04000000000001490978"),
        (zvt.authorise(105, "JPY"), "06010a04000000010500490392"),
        (zvt.repeat("000000"), "0620050000000303"),
        (zvt.reverse("000000", "41"), "063006000000870041"),
        (zvt.Apdu(zvt.ABORT), "06b000"),
        (zvt.Apdu((6, 1), bytes(300)), "0601ff2c01" + "00" * 300),
    ],
)
def test_bytes(command: zvt.Apdu, wire: str) -> None:
    assert command.wire.hex() == wire


@pytest.mark.parametrize("data", ["", "27", "04000000", "99", "22fff0", "0682", "0683000001", "22f0f9"])
def test_what_is_cut_short_says_nothing(data: str) -> None:
    said = zvt.parse_status(bytes.fromhex(data))
    assert said.result == 0xFF
    assert said.receipt == ""


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at most 12 digits"):
        zvt.authorise(10**12, "EUR")
