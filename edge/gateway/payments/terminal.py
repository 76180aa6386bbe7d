"""Payment terminals for cards, by ZVT over TCP.

A terminal knows no names of ours. Before it asks for a card it says what its last payment was, and that number is on
record with ours: whatever is lost after it, the next question is what the last payment is now. The same one: nobody
has paid. Another one of our amount: it was ours. None at all says nothing: it forgets them when it closes its day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import structlog

from edge.domain.payments.rules import Payment, PortRefund, RefundAnswer
from edge.gateway.payments import zvt
from edge.gateway.payments.port import PaymentInput, PortAnswer, digest
from edge.settings.payments import TerminalSettings

log = structlog.get_logger(__name__)

CONNECT_S: Final = 3.0
REPLY_S: Final = 10.0
"""How long a terminal may take for what needs no card."""
STEP_S: Final = 35.0
"""How long it may say nothing while it works: it sends word in between."""
KEPT: Final = 100
"""Of so many payments it is remembered how they went; of those before, the terminal's last payment tells."""
AFTER: Final = "after "
"""Begins the reference of a payment that is under way: the receipt of the one before."""
NONE: Final = "0000"
"""The receipt before the first one."""


class TerminalLost(Exception):
    """The terminal says nothing, or nothing that can be read."""


class TerminalConnection:
    """One conversation with a terminal."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send_command(self, command: zvt.Apdu) -> None:
        """Send a command; it is acknowledged. Raises `TerminalLost`, and `PermissionError` where it is refused."""
        await self._send(command)
        answer = await self.receive(REPLY_S)
        if answer.code[0] == zvt.REFUSED:
            raise PermissionError(f"{answer.code[1]:02x}")
        if answer.code != zvt.DONE:
            raise TerminalLost(f"expected an acknowledgement; found {bytes(answer.code).hex()}")

    async def receive(self, seconds: float) -> zvt.Apdu:
        """The next thing that the terminal says. Raises `TerminalLost`."""
        try:
            async with asyncio.timeout(seconds):
                head = await self._reader.readexactly(3)
                size = head[2] if head[2] < 0xFF else int.from_bytes(await self._reader.readexactly(2), "little")
                return zvt.Apdu((head[0], head[1]), await self._reader.readexactly(size))
        except (TimeoutError, OSError, EOFError) as error:
            raise TerminalLost(type(error).__name__) from None

    async def acknowledge(self) -> None:
        """Say that it was heard."""
        await self._send(zvt.Apdu(zvt.DONE))

    async def _send(self, command: zvt.Apdu) -> None:
        try:
            self._writer.write(command.wire)
            async with asyncio.timeout(REPLY_S):
                await self._writer.drain()
        except (TimeoutError, OSError) as error:
            raise TerminalLost(type(error).__name__) from None

    async def wait_for_end(self, seconds: float) -> tuple[zvt.TerminalResult | None, int | None]:
        """Listen until the terminal has done what it was told. Returns what it says of the payment, and why it gave
        up, where it did. Raises `TerminalLost`.
        """
        said: zvt.TerminalResult | None = None
        async with asyncio.timeout(seconds):
            while True:
                heard = await self.receive(STEP_S)
                if heard.code == zvt.DONE or heard.code[0] == zvt.REFUSED:
                    continue  # of what was said meanwhile: that it may give up
                await self.acknowledge()
                if heard.code == zvt.STATUS:
                    said = zvt.parse_status(heard.data)
                elif heard.code == zvt.COMPLETION:
                    return said, None
                elif heard.code == zvt.ABORTED:
                    return said, heard.data[0] if heard.data else 0xFF

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


class TerminalPort:
    """All terminals of the store, each one payment at a time."""

    name = "terminal"
    asks = True

    def __init__(
        self, terminals: Sequence[TerminalSettings], currency: str, later: Callable[[Payment], list[Payment]]
    ) -> None:
        """`later` tells of a payment which were asked for at terminals after it."""
        self._terminals = {each.id: each for each in terminals}
        self._first = terminals[0].id
        self._currency = currency
        self._work: dict[str, asyncio.Task[PortAnswer]] = {}
        self._lines: dict[str, TerminalConnection] = {}
        self._told: dict[str, asyncio.Event] = {}
        self._alone = {each.id: asyncio.Lock() for each in terminals}
        self._later = later

    def off(self) -> str:
        return "busy" if all(lock.locked() for lock in self._alone.values()) else ""

    def _of(self, payment: Payment) -> TerminalSettings | None:
        return self._terminals.get(payment.device or self._first)

    async def _connect(self, terminal: TerminalSettings) -> TerminalConnection:
        """A conversation that has begun. Raises `TerminalLost`."""
        try:
            async with asyncio.timeout(CONNECT_S):
                line = TerminalConnection(*await asyncio.open_connection(terminal.host, terminal.port))
        except (TimeoutError, OSError, ValueError) as error:  # a name of a host can be none
            raise TerminalLost(type(error).__name__) from None
        try:
            await line.send_command(zvt.register(terminal.password, self._currency))
            await line.wait_for_end(REPLY_S)
        except (TerminalLost, PermissionError, TimeoutError) as error:
            line.close()
            raise TerminalLost(f"registration: {error}") from None
        return line

    async def ask(self, payment: Payment, hand: PaymentInput) -> PortAnswer:  # noqa: ARG002 - the same for every port
        """Ends as soon as the terminal is about to ask for a card; the rest goes on by itself."""
        terminal = self._of(payment)
        if terminal is None:
            return PortAnswer(state="failed", reason="no_terminal")
        lock = self._alone[terminal.id]
        if lock.locked():
            return PortAnswer(state="failed", reason="busy")
        await lock.acquire()
        begun = False
        try:
            # Whatever cannot be said of it is found before anything is.
            command = zvt.authorise(payment.amount, payment.currency)
            line, last = await self._prepare(terminal)
            self._begin(payment, self._authorise(line, command, payment, terminal), line, lock)
            begun = True
        except (TerminalLost, PermissionError, TimeoutError, ValueError, LookupError) as error:
            log.warning("terminal.silent", terminal=terminal.id, error=repr(error))
            # It was never told of any money.
            return PortAnswer(state="failed", reason="no_answer")
        finally:
            if not begun:
                lock.release()
        return PortAnswer(state="waiting", reference=AFTER + (last.receipt if last else NONE))

    async def _prepare(self, terminal: TerminalSettings) -> tuple[TerminalConnection, zvt.TerminalResult | None]:
        """A conversation, and the last payment before it. Raises `TerminalLost`, `TimeoutError`."""
        line = await self._connect(terminal)
        try:
            return line, await _last(line, terminal)
        except BaseException:
            line.close()
            raise

    def _begin(
        self, payment: Payment, work: Coroutine[Any, Any, PortAnswer], line: TerminalConnection, lock: asyncio.Lock
    ) -> None:
        for name in [name for name, task in self._work.items() if task.done()][:-KEPT]:
            del self._work[name]
        self._lines[payment.payment], self._told[payment.payment] = line, asyncio.Event()
        task = self._work[payment.payment] = asyncio.create_task(work, name=f"terminal of {payment.payment}")
        task.add_done_callback(lambda _: lock.release())

    async def _authorise(
        self, line: TerminalConnection, command: zvt.Apdu, payment: Payment, terminal: TerminalSettings
    ) -> PortAnswer:
        """From the card to the end of it."""
        try:
            await line.send_command(command)
            self._told[payment.payment].set()
            said, given_up = await line.wait_for_end(terminal.card_s + STEP_S)
        except PermissionError as error:
            return PortAnswer(state="failed", reason=f"refused_{error}")
        except (TerminalLost, TimeoutError):
            return PortAnswer(state="unknown", reason="no_answer")
        finally:
            self._lines.pop(payment.payment, None)
            self._told.pop(payment.payment).set()
            line.close()
        if said is not None and said.result == 0:
            # Paid, and then given up: which of both holds, its last payment tells.
            return self._paid(said) if given_up is None else PortAnswer(state="unknown", reason="no_answer")
        return PortAnswer(state="failed", reason=f"terminal_{said.result if said else given_up or 0xFF:02x}")

    def _paid(self, said: zvt.TerminalResult) -> PortAnswer:
        amount = None if said.amount is None else zvt.from_cents(said.amount, self._currency)
        return PortAnswer(
            state="paid",
            reference=_reference(said),
            amount=amount,
            currency=self._currency,
            answer=digest(repr(said)),
        )

    async def query(self, payment: Payment) -> PortAnswer:
        task = self._work.get(payment.payment)
        if task is not None and not task.done():
            return PortAnswer(state="waiting")
        if task is not None and (answer := task.result()).state != "unknown":
            return answer
        return await self._look(payment)

    async def _look(self, payment: Payment) -> PortAnswer:
        """What the terminal's last payment is now, beside the one before ours."""
        terminal = self._of(payment)
        if terminal is None:
            return PortAnswer(state="unknown", reason="no_terminal")
        if self._alone[terminal.id].locked():
            return PortAnswer(state="unknown", reason="busy")
        async with self._alone[terminal.id]:
            try:
                line = await self._connect(terminal)
            except TerminalLost:
                return PortAnswer(state="unknown", reason="no_answer")
            try:
                last = await _last(line, terminal)
            except (TerminalLost, PermissionError, TimeoutError):
                return PortAnswer(state="unknown", reason="no_answer")
            finally:
                line.close()
        return self._compare(payment, last)

    def _compare(self, payment: Payment, last: zvt.TerminalResult | None) -> PortAnswer:
        if not payment.reference.startswith(AFTER):
            # It was cut short before the terminal had said what its last payment was: nobody can tell them apart.
            return PortAnswer(state="unknown", reason="no_receipt")
        before = payment.reference.removeprefix(AFTER)
        # Only a payment that it still tells of shows that none came after it. Where it tells of none, it may have
        # closed its day since, and ours, be it the first one of that day, may be among those that it has forgotten.
        if last is not None and last.receipt == before and before.strip("0"):
            return PortAnswer(state="closed", reason="never_paid")
        if last is not None and last.result == 0 and self._is_ours(payment, last):
            return self._paid(last)
        return PortAnswer(state="unknown", reason="other_payment")

    def _is_ours(self, payment: Payment, last: zvt.TerminalResult) -> bool:
        """Whether a terminal's last payment can be this one: of its amount, and no later one's, known or open still."""
        others = (each for each in self._later(payment) if self._of(each) == self._of(payment))
        if any(
            each.reference == _reference(last) or (each.is_open and each.reference == payment.reference)
            for each in others
        ):
            return False
        return last.amount is not None and zvt.from_cents(last.amount, self._currency) == payment.amount

    async def close(self, payment: Payment) -> PortAnswer:
        """Lets the terminal give up, where it still waits for a card."""
        task, line = self._work.get(payment.payment), self._lines.get(payment.payment)
        if task is None or task.done() or line is None:
            return await self.query(payment)
        # It can give up only what it was told of.
        await self._told[payment.payment].wait()
        await line._send(zvt.Apdu(zvt.ABORT))  # noqa: SLF001 - its acknowledgement is heard by who listens
        done, _ = await asyncio.wait([task], timeout=REPLY_S)
        if not done:
            return PortAnswer(state="waiting")
        answer = task.result()
        return PortAnswer(state="closed") if answer.state == "failed" else answer

    async def refund(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        """All of it, while the terminal has not closed its day; else the card is needed, and a person."""
        terminal, receipt = self._of(payment), payment.reference.partition("/")[0]
        if terminal is None or back.amount != payment.amount or not receipt.isdecimal():
            return RefundAnswer(state="abnormal", reason="card_needed")
        async with self._alone[terminal.id]:
            try:
                line = await self._connect(terminal)
            except TerminalLost:
                return RefundAnswer(state="unknown", reason="no_answer")
            try:
                await line.send_command(zvt.reverse(terminal.password, receipt))
                said, given_up = await line.wait_for_end(REPLY_S + STEP_S)
            except PermissionError:
                return RefundAnswer(state="abnormal", reason="card_needed")
            except (TerminalLost, TimeoutError):
                # Whether it went is on the terminal's paper: asked again it might give back another payment.
                return RefundAnswer(state="abnormal", reason="look_at_terminal")
            finally:
                line.close()
        done = said is not None and said.result == 0 and given_up is None
        return (
            RefundAnswer(state="done", reference=said.receipt if said else "")
            if done
            else RefundAnswer(state="abnormal", reason="card_needed")
        )

    async def refund_state(self, back: PortRefund, payment: Payment) -> RefundAnswer:  # noqa: ARG002
        return RefundAnswer(state="abnormal", reason="look_at_terminal")


def _reference(said: zvt.TerminalResult) -> str:
    """What names a payment that a terminal tells of."""
    return f"{said.receipt}/{said.trace}"


async def _last(line: TerminalConnection, terminal: TerminalSettings) -> zvt.TerminalResult | None:
    """The last payment; none where there was none since the day was closed. Raises `TerminalLost`, `TimeoutError`."""
    try:
        await line.send_command(zvt.repeat(terminal.password))
    except PermissionError:
        return None
    said, _ = await line.wait_for_end(REPLY_S)
    return said
