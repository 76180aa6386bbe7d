"""Cards at a terminal: one payment at a time; a broken line is resolved by what the terminal says was its last."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.payments import queries
from edge.domain.payments.rules import Payment, PortRefund
from edge.gateway.payments import terminal_connection, zvt
from edge.gateway.payments.port import PaymentInput
from edge.gateway.payments.terminal import KEPT, TerminalPort
from edge.settings.payments import TerminalSettings
from tests.edge.payments.cable import Cable
from tests.edge.payments.conftest import Till
from tests.edge.payments.terminal_worker import terminal_of
from tests.edge.payments.zvt_terminal import APPROVED, DECLINED, PASSWORD, Machine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from edge.gateway.payments.port import PortAnswer


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    made = Machine()
    await made.start()
    yield made
    await made.stop()


class Records:
    """What the store has on record, as a test says it."""

    def __init__(self, *later: Payment) -> None:
        self._later = later
        self.remembered: list[str] = []
        self.undecided: list[Payment] = []

    def open(self) -> list[Payment]:
        return self.undecided

    def later(self, than: Payment) -> list[Payment]:
        return [each for each in self._later if each.payment != than.payment]

    async def remember(self, payment: Payment, reference: str) -> None:  # noqa: ARG002 - one at a time
        self.remembered.append(reference)


class Clock:
    """Turned by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def port_of(machine: Machine | Cable, *later: Payment, elapsed: Clock | None = None) -> TerminalPort:
    """`later` are payments that were asked for at the terminal afterwards, as the store knows them."""
    settings = TerminalSettings(id="card-1", host="127.0.0.1", port=machine.port, password=PASSWORD)
    return TerminalPort([settings], "EUR", Records(*later), elapsed or Clock())


def gave_up(port: TerminalPort) -> TerminalPort:
    """So much later that the terminal asks for no card any more."""
    assert isinstance(port._elapsed, Clock)
    port._elapsed.now += 1000
    return port


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
    assert (await gave_up(port).query(made)).state == state


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
    early = await port.query(made)
    assert early.state == ("paid" if state == "paid" else "unknown"), "it may ask for the card still"
    answer = await gave_up(port).query(made)
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
    untold = await port_of(machine).query(payment())
    assert (untold.state, untold.reason) == ("closed", "never_told")


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
    port = gave_up(port_of(machine))
    for reference in ("after ", "after 0000"):
        assert port._compare(payment(reference=reference), port._terminals["card-1"], nameless).state == "unknown"


@pytest.mark.parametrize(("host", "amount"), [("card..till", 1035), ("127.0.0.1", 10**12)])
async def test_what_cannot_be_said_to_a_terminal_does_not_keep_it_busy(
    machine: Machine, host: str, amount: int
) -> None:
    settings = TerminalSettings(id="card-1", host=host, port=machine.port, password=PASSWORD)
    port = TerminalPort([settings], "EUR", Records())
    _, answer = await ask(port, amount)
    assert (answer.state, answer.reason) == ("failed", "no_answer")
    assert port.off() == ""
    assert not port._lines
    assert "0601" not in machine.heard


async def test_how_the_latest_payments_went_is_remembered_and_no_more(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_connection, "QUIET_S", 0.001)
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
    port = TerminalPort([TerminalSettings(id="card-1", host="127.0.0.1", port=9)], "EUR", Records())
    _, answer = await ask(port)
    assert (answer.state, answer.reason, port.off()) == ("failed", "no_answer", "")
    assert (await port.query(payment(reference="after 0041"))).state == "unknown"
    whole = PortRefund(refund="r1", payment="p", amount=1035, currency="EUR")
    assert (await port.refund(whole, payment(reference="0041/000041"))).state == "unknown", "nothing is on its way"


async def test_all_of_it_is_reversed_and_a_part_needs_the_card(machine: Machine) -> None:
    port = port_of(machine)
    made, _ = await ask(port)
    paid = await ended(port, made)
    done = payment(reference=paid.reference)
    part = PortRefund(refund="r1", payment=done.payment, amount=100, currency="EUR")
    assert (await port.refund(part, done)).reason == "card_needed"
    whole = PortRefund(refund="r2", payment=done.payment, amount=1035, currency="EUR")
    assert (await port.refund(whole, done)).state == "pending"
    assert "0630" not in machine.heard, "first it is on record"
    assert (await port.refund_state(whole, done)).state == "done"
    assert machine.receipts[0][2] == "reversed"
    again = port_of(machine)
    assert (await again.refund_state(whole, done)).reason == "look_at_terminal", "it went before the restart, or not"
    assert machine.heard.count("0630") == 1


async def test_a_reversal_whose_answer_is_lost_is_for_a_person(machine: Machine) -> None:
    port = port_of(machine)
    made, _ = await ask(port)
    done = payment(reference=(await ended(port, made)).reference)
    machine.cut = "after"
    whole = PortRefund(refund="r2", payment=done.payment, amount=1035, currency="EUR")
    await port.refund(whole, done)
    assert (await port.refund_state(whole, done)).reason == "look_at_terminal"
    assert (await port.refund_state(whole, done)).reason == "look_at_terminal"
    assert machine.heard.count("0630") == 1


async def test_a_number_that_was_given_again_is_not_reversed(machine: Machine) -> None:
    port = port_of(machine)
    made, _ = await ask(port)
    done = payment(reference=(await ended(port, made)).reference)
    later = msgspec.structs.replace(done, payment="0190f0a1-0000-7000-8000-000000000002", reference="0041/000007")
    whole = PortRefund(refund="r2", payment=done.payment, amount=1035, currency="EUR")
    assert (await port_of(machine, later).refund(whole, done)).reason == "card_needed"


async def test_nothing_is_reversed_while_the_last_payment_is_to_tell_of_another(machine: Machine) -> None:
    port = port_of(machine)
    made, _ = await ask(port)
    done = payment(reference=(await ended(port, made)).reference)
    whole = PortRefund(refund="r2", payment=done.payment, amount=1035, currency="EUR")
    doubtful = msgspec.structs.replace(payment(reference="after 0041"), payment="0190f0a1-0000-7000-8000-00000000000f")
    assert isinstance(port._records, Records)
    port._records.undecided = [doubtful]
    assert (await port.refund(whole, done)).state == "unknown"
    port._records.undecided = []
    assert (await port.refund(whole, done)).state == "pending"
    port._records.undecided = [doubtful]
    assert (await port.refund_state(whole, done)).state == "unknown"
    assert (await gave_up(port).query(doubtful)).state == "closed", "its reversal would look like this payment"
    port._records.undecided = []
    assert (await port.refund_state(whole, done)).state == "done"


async def test_what_it_says_twice_pays_nothing(machine: Machine) -> None:
    port = port_of(machine)
    machine.doubles = True
    for number in (41, 42):  # its refusal, and its last payment
        machine.card = DECLINED
        made, _ = await ask(port)
        assert (await ended(port, made)).state == "failed"
        machine.card = APPROVED
        made, _ = await ask(port)
        assert (await ended(port, made)).reference == f"{number:04}/{number:06}"
    stale = zvt.TerminalResult(0, 1035, "0042", "000042", "0978")
    assert await _said(port, stale, before="0042") == "unknown", "the payment before is not this one"


async def _said(port: TerminalPort, said: zvt.TerminalResult, before: str) -> str:
    """What a terminal's answer to a payment comes to."""

    class Line:
        async def send_command(self, command: zvt.Apdu) -> None: ...

        async def wait_for_end(self, seconds: float) -> tuple[zvt.TerminalResult, None]:  # noqa: ARG002
            return said, None

        def close(self) -> None: ...

    made = payment()
    port._told[made.payment] = asyncio.Event()
    line: Any = Line()
    return (await port._authorise(line, zvt.authorise(1035, "EUR"), made, port._terminals["card-1"], before)).state


async def test_an_answer_that_cannot_be_read_is_no_refusal(machine: Machine) -> None:
    port = port_of(machine)
    first, _ = await ask(port)
    await ended(port, first)
    machine.nameless = True
    made, _ = await ask(port)
    await port._work[made.payment]
    machine.nameless = False
    assert [state for *_, state in machine.receipts] == ["paid", "paid"]
    assert (await port.query(made)).state == "paid"


async def test_another_currency_is_another_amount(machine: Machine) -> None:
    port = port_of(machine)
    machine.currency = "0756"
    made, _ = await ask(port)
    paid = await ended(port, made)
    assert (paid.state, paid.amount, paid.currency) == ("paid", 1035, "ISO 0756")
    assert (await port_of(machine).query(made)).reason == "other_payment"


async def test_a_terminal_that_was_frozen_finds_the_line_gone_before_it_asks_for_a_card(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = port_of(machine)
    first, _ = await ask(port)
    await ended(port, first)
    machine.reads = False
    monkeypatch.setattr(terminal_connection, "REPLY_S", 0.5)
    made, _ = await ask(port)
    assert (await port._work[made.payment]).state == "unknown"
    machine.silent[0].transport.resume_reading()  # type: ignore[attr-defined]
    with pytest.raises(ConnectionResetError):
        await machine.silent[0].wait_closed()  # its acknowledgement reached nobody
    assert len(machine.receipts) == 1


async def test_nothing_else_is_asked_for_while_a_terminal_may_ask_for_the_card_still(machine: Machine) -> None:
    port = port_of(machine)
    first, _ = await ask(port)
    await ended(port, first)
    machine.cut = "before"
    made, _ = await ask(port)
    await port._work[made.payment]
    machine.cut = ""
    for asked in (port, port_of(machine)):
        assert isinstance(asked._records, Records)
        asked._records.undecided = [made]
        other = msgspec.structs.replace(payment(), payment="0190f0a1-0000-7000-8000-000000000002")
        answer = await asked.ask(other, PaymentInput())
        assert (answer.state, answer.reason, asked.off()) == ("failed", "busy", "busy")
        assert (await asked.query(made)).state == "unknown"
        assert (await gave_up(asked).query(made)).state == "closed"
        assert asked.off() == ""


@pytest.mark.parametrize("is_dead", [False, True])
@pytest.mark.parametrize("side", [0, 1])
async def test_a_cable_that_is_pulled_at_any_byte_neither_loses_money_nor_takes_it_twice(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, side: int, is_dead: bool
) -> None:
    monkeypatch.setattr(terminal_connection, "QUIET_S", 0.001)
    async with Cable(machine.port) as cable:
        whole = port_of(cable)
        first, _ = await ask(whole)
        await ended(whole, first)
        before = list(cable.carried)
        second, _ = await ask(whole)
        await ended(whole, second)
        count = cable.carried[side] - before[side]
        if is_dead:
            monkeypatch.setattr(terminal_connection, "REPLY_S", 0.3)
            monkeypatch.setattr(terminal_connection, "STEP_S", 0.3)
        for at in range(0, count, 7 if is_dead else 1):
            charged, asked_for = len(machine.receipts), machine.heard.count("0601")
            cable.side, cable.lasts, cable.is_dead = side, at, is_dead
            port = port_of(cable)
            made, answer = await ask(port)
            if answer.state == "waiting":
                answer = await ended(port, made)
            cable.lasts = None
            if answer.state == "unknown":
                answer = await gave_up(port_of(cable)).query(made)
            assert machine.heard.count("0601") - asked_for <= 1
            paid = len(machine.receipts) - charged
            assert (answer.state == "paid") == bool(paid), f"cut after {at} bytes: {answer}"
            assert paid or answer.state in ("failed", "closed")


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
    ("step", "state", "reason"),
    [
        ("0600", "closed", "never_told"),
        ("0620", "closed", "never_told"),  # it is about to say what its last payment was
        ("0601", "closed", "never_paid"),
        ("charged", "paid", ""),  # nobody has heard so
    ],
)
async def test_a_till_that_dies_while_a_card_is_paid_learns_how_it_went(
    tmp_path: Path, machine: Machine, step: str, state: str, reason: str
) -> None:
    steps, dead = Counter[str](), asyncio.Event()
    command = ["-m", "tests.edge.payments.terminal_worker", str(tmp_path), str(machine.port)]
    worker = await asyncio.create_subprocess_exec(sys.executable, *command)

    def kill(what: str) -> None:
        steps[what] += 1
        if (what, steps[what]) == (step, 2):
            worker.kill()
            dead.set()

    machine.step = kill
    await worker.wait()
    assert dead.is_set(), "it ended by itself"
    told = machine.heard.count("0601")
    till = Till(tmp_path)
    till.open([terminal_of(till, machine.port, ahead_s=300)])
    [open_now] = queries.all_open(till.journal.reads)
    till.desk.start()
    ended = await till.becomes(open_now, state)
    assert machine.heard.count("0601") == told, "it is asked for once"
    assert ended.reason == reason
    await till.desk.stop()
    till.journal.close()


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
    assert said.result is None
    assert said.receipt == ""


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at most 12 digits"):
        zvt.authorise(10**12, "EUR")
