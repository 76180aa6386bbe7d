"""Payment terminals for cards, by ZVT over TCP.

A terminal knows no names of ours. It says what its last payment was, and that number is on record with ours before
it is told of any money: whatever is lost after that, the next question is what the last payment is now. Another one of
our amount: it was ours. The same one: nobody has paid, once the terminal has given up by itself, as it goes on asking
for the card where its line breaks. None at all says nothing: it forgets them when it closes its day.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

import structlog

from edge.domain.payments.rules import Payment, PortRefund, RefundAnswer
from edge.gateway.payments import zvt
from edge.gateway.payments.port import PaymentInput, PortAnswer, digest
from edge.gateway.payments.terminal_connection import (
    REPLY_S,
    STEP_S,
    TerminalConnection,
    TerminalLost,
    connect,
    last_payment,
)
from edge.settings.payments import TerminalSettings

log = structlog.get_logger(__name__)

KEPT: Final = 100
"""Of so many payments it is remembered how they went; of those before, the terminal's last payment tells."""
AFTER: Final = "after "
"""Begins the reference of a payment that is under way: the receipt of the one before."""
NONE: Final = "0000"
"""The receipt before the first one."""

_DOUBT: Final = PortAnswer(state="unknown", reason="no_answer")
_CARD_NEEDED: Final = RefundAnswer(state="abnormal", reason="card_needed")
_NOT_YET: Final = RefundAnswer(state="unknown", reason="no_answer")
"""It is asked again: while a payment is in doubt, its last one must not be a reversal of the same amount."""
_LOOK: Final = RefundAnswer(state="abnormal", reason="look_at_terminal")


class TerminalRecords(Protocol):
    """What the store has on record of payments at terminals."""

    def open(self) -> list[Payment]:
        """Those of any port that may still turn out paid."""

    def later(self, than: Payment) -> list[Payment]:
        """Those that were asked for at terminals after this one."""

    async def remember(self, payment: Payment, reference: str) -> None:
        """Put on record which payment was the terminal's last before this one. Raises what the journal does."""


class TerminalPort:
    """All terminals of the store, each one payment at a time."""

    name = "terminal"
    asks = True

    def __init__(
        self,
        terminals: Sequence[TerminalSettings],
        currency: str,
        records: TerminalRecords,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """`elapsed` tells seconds, from any beginning."""
        self._terminals = {each.id: each for each in terminals}
        self._first = terminals[0].id
        self._currency = currency
        self._records = records
        self._elapsed = elapsed
        self._work: dict[str, asyncio.Task[PortAnswer]] = {}
        self._lines: dict[str, TerminalConnection] = {}
        self._told: dict[str, asyncio.Event] = {}
        self._alone = {each.id: asyncio.Lock() for each in terminals}
        self._reversals: set[str] = set()
        """Refunds that the terminal is yet to be told of."""
        # Those that were told of money before this start may be at it still.
        self._done_at = {each.id: self._time_of_card(each) for each in terminals}

    def _time_of_card(self, terminal: TerminalSettings) -> float:
        """When a terminal that asks for a card now has given up by itself."""
        return self._elapsed() + terminal.card_s + STEP_S

    def off(self) -> str:
        return "busy" if all(self._is_busy(each) for each in self._terminals.values()) else ""

    def _is_busy(self, terminal: TerminalSettings) -> bool:
        return self._alone[terminal.id].locked() or self._goes_on(terminal)

    def _goes_on(self, terminal: TerminalSettings, but: str = "") -> bool:
        """Whether it may ask for a card still, for a payment other than `but` of which nobody knows."""
        return self._elapsed() < self._done_at[terminal.id] and self._is_awaited(terminal, but)

    def _is_awaited(self, terminal: TerminalSettings, but: str = "") -> bool:
        """Whether its last payment is to tell how one of ours, other than `but`, went."""
        told = (each for each in self._records.open() if each.reference.startswith(AFTER))
        return any(each.payment != but and self._terminal_of(each) == terminal for each in told)

    def _terminal_of(self, payment: Payment) -> TerminalSettings | None:
        return self._terminals.get(payment.device or self._first)

    async def ask(self, payment: Payment, hand: PaymentInput) -> PortAnswer:  # noqa: ARG002 - the same for every port
        """Ends as soon as the terminal is about to ask for a card; the rest goes on by itself."""
        terminal = self._terminal_of(payment)
        if terminal is None:
            return PortAnswer(state="failed", reason="no_terminal")
        lock = self._alone[terminal.id]
        if lock.locked() or self._goes_on(terminal, but=payment.payment):
            return PortAnswer(state="failed", reason="busy")
        await lock.acquire()
        begun = False
        try:
            # Whatever cannot be said of it is found before anything is.
            command = zvt.authorise(payment.amount, payment.currency)
            line, before = await self._prepare(payment, terminal)
            self._begin(payment, self._authorise(line, command, payment, terminal, before), line, lock)
            begun = True
        except (TerminalLost, PermissionError, TimeoutError, ValueError, LookupError) as error:
            log.warning("terminal.silent", terminal=terminal.id, error=repr(error))
            # It was never told of any money.
            return PortAnswer(state="failed", reason="no_answer")
        finally:
            if not begun:
                lock.release()
        return PortAnswer(state="waiting", reference=AFTER + before)

    async def _prepare(self, payment: Payment, terminal: TerminalSettings) -> tuple[TerminalConnection, str]:
        """A conversation, and the receipt of the last payment before it, which is on record now.

        Raises `TerminalLost`, `TimeoutError`, and what the journal does.
        """
        line = await connect(terminal, self._currency)
        try:
            last = await last_payment(line, terminal)
            before = last.receipt if last else NONE
            await self._records.remember(payment, AFTER + before)
        except BaseException:
            line.close()
            raise
        return line, before

    def _begin(
        self, payment: Payment, work: Coroutine[Any, Any, PortAnswer], line: TerminalConnection, lock: asyncio.Lock
    ) -> None:
        for name in [name for name, task in self._work.items() if task.done()][:-KEPT]:
            del self._work[name]
        self._lines[payment.payment], self._told[payment.payment] = line, asyncio.Event()
        task = self._work[payment.payment] = asyncio.create_task(work, name=f"terminal of {payment.payment}")
        task.add_done_callback(lambda _: lock.release())

    async def _authorise(
        self, line: TerminalConnection, command: zvt.Apdu, payment: Payment, terminal: TerminalSettings, before: str
    ) -> PortAnswer:
        """From the card to the end of it. Failed is what the terminal itself says; the rest tells its last payment."""
        try:
            await line.send_command(command)
            self._told[payment.payment].set()
            said, given_up = await line.wait_for_end(terminal.card_s + STEP_S)
        except PermissionError as error:
            return PortAnswer(state="failed", reason=f"refused_{error}")
        except (TerminalLost, TimeoutError):
            self._done_at[terminal.id] = self._time_of_card(terminal)
            return _DOUBT
        finally:
            self._lines.pop(payment.payment, None)
            self._told.pop(payment.payment).set()
            line.close()
        result = said.result if said else None
        if said is not None and result == 0:
            # Paid and then given up, or said of the payment before, is neither.
            stale = said.receipt == before and before.strip("0")
            return _DOUBT if stale or given_up is not None else self._paid(said)
        why = given_up if result is None else result
        return _DOUBT if why is None else PortAnswer(state="failed", reason=f"terminal_{why:02x}")

    def _paid(self, said: zvt.TerminalResult) -> PortAnswer:
        amount = None if said.amount is None else zvt.from_cents(said.amount, self._currency)
        return PortAnswer(
            state="paid",
            reference=_reference(said),
            amount=amount,
            currency=self._currency if self._is_currency(said) else f"ISO {said.currency}",
            answer=digest(repr(said)),
        )

    def _is_currency(self, said: zvt.TerminalResult) -> bool:
        return said.currency in ("", zvt.NUMERIC[self._currency])

    async def query(self, payment: Payment) -> PortAnswer:
        task = self._work.get(payment.payment)
        if task is not None and not task.done():
            return PortAnswer(state="waiting")
        if task is not None and (answer := task.result()).state != "unknown":
            return answer
        return await self._look(payment)

    async def _look(self, payment: Payment) -> PortAnswer:
        """What the terminal's last payment is now, beside the one before ours."""
        terminal = self._terminal_of(payment)
        if terminal is None:
            return PortAnswer(state="unknown", reason="no_terminal")
        if not payment.reference:
            # It is told of money only once what was paid before is on record.
            return PortAnswer(state="closed", reason="never_told")
        if self._alone[terminal.id].locked():
            return PortAnswer(state="unknown", reason="busy")
        async with self._alone[terminal.id]:
            try:
                line = await connect(terminal, self._currency)
            except TerminalLost:
                return _DOUBT
            try:
                last = await last_payment(line, terminal)
            except (TerminalLost, PermissionError, TimeoutError):
                return _DOUBT
            finally:
                line.close()
        return self._compare(payment, terminal, last)

    def _compare(self, payment: Payment, terminal: TerminalSettings, last: zvt.TerminalResult | None) -> PortAnswer:
        before = payment.reference.removeprefix(AFTER)
        # Only a payment that it still tells of shows that none came after it. Where it tells of none, it may have
        # closed its day since, and ours, be it the first one of that day, may be among those that it has forgotten.
        if last is not None and last.receipt == before and before.strip("0"):
            done = self._elapsed() >= self._done_at[terminal.id]
            return PortAnswer(state="closed", reason="never_paid") if done else _DOUBT
        if last is not None and last.result == 0 and self._is_ours(payment, last):
            return self._paid(last)
        return PortAnswer(state="unknown", reason="other_payment")

    def _is_ours(self, payment: Payment, last: zvt.TerminalResult) -> bool:
        """Whether a terminal's last payment can be this one: of its amount, and no later one's, known or open still."""
        others = (
            each for each in self._records.later(payment) if self._terminal_of(each) == self._terminal_of(payment)
        )
        if any(
            each.reference == _reference(last) or (each.is_open and each.reference == payment.reference)
            for each in others
        ):
            return False
        same = last.amount is not None and zvt.from_cents(last.amount, self._currency) == payment.amount
        return same and self._is_currency(last)

    async def close(self, payment: Payment) -> PortAnswer:
        """Lets the terminal give up, where it still waits for a card."""
        task, line = self._work.get(payment.payment), self._lines.get(payment.payment)
        if task is None or task.done() or line is None:
            return await self.query(payment)
        # It can give up only what it was told of.
        await self._told[payment.payment].wait()
        with suppress(TerminalLost):  # whoever listens hears its acknowledgement, or that the line is gone
            await line.send(zvt.Apdu(zvt.ABORT))
        done, _ = await asyncio.wait([task], timeout=REPLY_S)
        if not done:
            return PortAnswer(state="waiting")
        answer = task.result()
        return PortAnswer(state="closed") if answer.state == "failed" else answer

    async def refund(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        """All of it, while the terminal has not closed its day; else the card is needed, and a person.

        That it is on its way is on record before the terminal is told so: asked again after a restart, it might refuse
        what it has given back, or give back another payment.
        """
        terminal, receipt = self._terminal_of(payment), _receipt(payment)
        if terminal is None or back.amount != payment.amount or not receipt.isdecimal():
            return _CARD_NEEDED
        if any(
            _receipt(each) == receipt and self._terminal_of(each) == terminal for each in self._records.later(payment)
        ):
            return _CARD_NEEDED  # its numbers have begun anew since
        if self._is_awaited(terminal):
            return _NOT_YET
        async with self._alone[terminal.id]:
            try:
                (await connect(terminal, self._currency)).close()
            except TerminalLost:
                return _NOT_YET  # nothing is on its way while it is away
        self._reversals.add(back.refund)
        return RefundAnswer(state="pending")

    async def refund_state(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        terminal = self._terminal_of(payment)
        if terminal is None or back.refund not in self._reversals:
            return _LOOK
        if self._is_awaited(terminal):
            return _NOT_YET
        async with self._alone[terminal.id]:
            try:
                line = await connect(terminal, self._currency)
            except TerminalLost:
                return _NOT_YET
            self._reversals.discard(back.refund)
            try:
                return await self._reverse(line, terminal, _receipt(payment))
            finally:
                line.close()

    async def _reverse(self, line: TerminalConnection, terminal: TerminalSettings, receipt: str) -> RefundAnswer:
        try:
            await line.send_command(zvt.reverse(terminal.password, receipt))
            said, given_up = await line.wait_for_end(REPLY_S + STEP_S)
        except PermissionError:
            return _CARD_NEEDED
        except (TerminalLost, TimeoutError):
            return _LOOK  # whether it went is on the terminal's paper
        if said is not None and said.result == 0:
            return RefundAnswer(state="done", reference=said.receipt) if given_up is None else _LOOK
        return _LOOK if given_up is None and (said is None or said.result is None) else _CARD_NEEDED


def _receipt(payment: Payment) -> str:
    """The terminal's number of a payment that was paid."""
    return payment.reference.partition("/")[0]


def _reference(said: zvt.TerminalResult) -> str:
    """What names a payment that a terminal tells of."""
    return f"{said.receipt}/{said.trace}"
