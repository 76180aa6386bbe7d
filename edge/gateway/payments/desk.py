"""Asks ports for money, goes on asking how it ended, and settles what was paid; money that goes back it sees home.

Each payment is on record before its port is told, and its port is told once. Whatever happens in between, silence or a
restart, is answered by asking the port how it stands, never by asking for the money again.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol

import msgspec
import structlog

from edge.domain.orders.rules import Settled
from edge.domain.payments import decisions as payments
from edge.domain.payments import queries
from edge.domain.payments.queries import Settling
from edge.domain.payments.rules import Evidence, Payment, PaymentRequest
from edge.errors import JournalError, Refusal
from edge.gateway.decide import Decide
from edge.gateway.payments import pace
from edge.gateway.payments.port import PaymentInput, Port, PortAnswer, answer_or_doubt
from edge.gateway.payments.refund_queue import RefundQueue, RefundSource, Work
from edge.gateway.supervision import supervised
from edge.journal import Reads, Tx

log = structlog.get_logger(__name__)

_DOUBT: Final = PortAnswer(state="unknown", reason="port_error")
AT_ONCE: Final = 8
"""So many payments are asked for at a time."""
LONGEST_S: Final = 30.0
"""The desk looks at everything that is open so often, whatever it is waiting for."""
PATIENCE_S: Final = 15.0
"""How long a port may take for one answer; a terminal, which waits for a card, says itself how long."""


class Settle(Protocol):
    """The decision that a basket is paid, with everything that belongs to it."""

    __name__: str

    def __call__(self, tx: Tx, *, payment: str, evidence: Evidence) -> Settling | Settled:
        """State it. Refuses: payment_gone."""


class PaymentDesk:
    """One for the store. Make it inside the event loop, then `start`; `stop` before the journal closes."""

    def __init__(
        self,
        decide: Decide,
        reads: Reads,
        ports: Mapping[str, Port],
        key: bytes,
        settle: Settle = payments.settle,
        backs: Sequence[RefundSource] = (),
        clock: Callable[[], float] | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` is the store's time in seconds, by which payments are over; `elapsed` says when to ask again."""
        self._decide = decide
        self._reads = reads
        self.ports = ports
        self._key = key
        self._settle = settle
        self._refunds = RefundQueue(decide, reads, ports, backs)
        self._clock = clock or (lambda: reads.now / 1000)
        self._elapsed = elapsed
        self._locks: dict[str, asyncio.Lock] = {}
        self._due: dict[str, tuple[int, float]] = {}
        self._wake = asyncio.Event()
        self._next = 0.0
        """When it looks around again, by the loop's clock."""
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with everything that is open: after a restart each is asked for first."""
        self._loop = supervised(self._run, "payments")

    async def stop(self) -> None:
        """Ask nothing more. What is open is asked for after the next start."""
        tasks = [*self._running, *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self) -> None:
        """Look at everything that is open now."""
        self._wake_in(0.0)

    def on_offer(self) -> list[Port]:
        """The ports that take a payment now, in the order of the settings."""
        return [port for port in self.ports.values() if not port.off()]

    async def pay(self, wanted: PaymentRequest, hand: PaymentInput | None = None) -> Payment:
        """Put an attempt on record and tell its port. Returns how it stands once the port has answered.

        Sent twice with one request, it is one attempt. Raises `Refusal`: payment_off, and what `payments.ask` says.
        """
        known = queries.of_request(self._reads, wanted.request)
        if known is not None and known.basket == wanted.basket:
            return known
        port = self.ports.get(wanted.port)
        if port is None or (why := port.off()):
            raise Refusal("payment_off", port=wanted.port, why=why if port else "not_set_up")
        asked = await self._decide(payments.ask, msgspec.structs.replace(wanted, waits=not port.asks))
        name = asked.payment.payment
        if asked.payment.state == "waiting" and asked.new:
            return asked.payment
        if asked.new:
            # Shielded: the port was told, or is about to be, and its answer counts even if nobody waits for it.
            await asyncio.shield(self._begin(self._ask(port, asked.payment, hand or PaymentInput())))
        return queries.payment(self._reads, name) or asked.payment

    async def look(self, payment: str) -> Payment:
        """Ask the port now. Raises `Refusal` payment_gone."""
        known = self._existing(payment)
        if known.is_open:
            await asyncio.shield(self._begin(self._query(known)))
        return self._existing(payment)

    def hint(self, payment: str) -> None:
        """Somebody says that there are news: ask soon, also of what had ended here. Nothing for what is paid."""
        known = queries.payment(self._reads, payment)
        if known is not None and known.state != "paid":
            self._in_background(partial(self._query, known))

    async def close(self, payment: str, reason: str) -> Payment:
        """Take an attempt back, as far as its port agrees. Returns how it stands then: it may be paid, or unknown.

        Raises `Refusal` payment_gone.
        """
        known = self._existing(payment)
        if known.is_open:
            await asyncio.shield(self._begin(self._close(known, reason)))
        return self._existing(payment)

    async def paid(self, payment: str, evidence: Evidence) -> Settling | Settled:
        """A till or staff took the money; sent again by whoever did, it counts once. Raises `Refusal`: payment_gone,
        payment_differs for another amount, and basket_changed where nothing waits for it: they give it back at once.
        """
        known = self._existing(payment)
        if not (known.by == evidence.by if known.state == "paid" else queries.is_wanted(self._reads, known)):
            raise Refusal("basket_changed", expected="a basket that waits for this payment", found="none")
        if evidence.currency != known.currency:
            raise Refusal(
                "payment_differs",
                reason="currency",
                expected=known.amount,
                currency=known.currency,
                taken=evidence.currency,
            )
        if evidence.amount != known.amount:
            raise Refusal("payment_differs", expected=known.amount, found=evidence.amount, currency=known.currency)
        return await self._decide(self._settle, payment=payment, evidence=evidence)

    def _existing(self, payment: str) -> Payment:
        known = queries.payment(self._reads, payment)
        if known is None:
            raise Refusal("payment_gone", payment=payment)
        return known

    def _begin(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def _lock(self, payment: str) -> asyncio.Lock:
        return self._locks.setdefault(payment, asyncio.Lock())

    async def _ask(self, port: Port, payment: Payment, hand: PaymentInput) -> None:
        async with self._lock(payment.payment):
            self._due[payment.payment] = (0, self._elapsed() + pace.STEPS_S[0])
            await self._take(payment, await answer_or_doubt(port.ask(payment, hand), _DOUBT, port.name))
        self._wake_in(pace.STEPS_S[0])

    async def _query(self, payment: Payment) -> None:
        port = self.ports.get(payment.port)
        async with self._lock(payment.payment):
            answer = (
                await answer_or_doubt(port.query(payment), _DOUBT, port.name)
                if port
                else PortAnswer(state="unknown", reason="no_port")
            )
            await self._take(payment, answer)

    async def _close(self, payment: Payment, reason: str) -> None:
        port = self.ports.get(payment.port)
        async with self._lock(payment.payment):
            answer = (
                await answer_or_doubt(port.close(payment), _DOUBT, port.name)
                if port
                else PortAnswer(state="unknown", reason="no_port")
            )
            if answer.state == "closed":
                answer = msgspec.structs.replace(answer, reason=reason)
            await self._take(payment, answer)

    async def _take(self, payment: Payment, answer: PortAnswer) -> None:
        """Record what a port says."""
        name = payment.payment
        match answer.state:
            case "waiting":
                said = {"shows": answer.shows, "reference": answer.reference, "answer": answer.answer}
                await self._decide(payments.record_answer, payment=name, **said)
            case "paid":
                evidence = Evidence(
                    amount=payment.amount if answer.amount is None else answer.amount,
                    currency=answer.currency or payment.currency,
                    by="port",
                    reference=answer.reference,
                    payer=self._payer_hash(payment.port, answer.payer),
                    answer=answer.answer,
                )
                await self._decide(self._settle, payment=name, evidence=evidence)
            case "failed":
                await self._decide(payments.record_failure, payment=name, reason=answer.reason, answer=answer.answer)
            case "closed":
                await self._decide(
                    payments.record_closure, payment=name, reason=answer.reason or "port", answer=answer.answer
                )
            case "unknown":
                await self._decide(payments.record_doubt, payment=name, reason=answer.reason, answer=answer.answer)

    def _payer_hash(self, port: str, payer: str) -> str:
        return hmac.digest(self._key, f"{port}|{payer}".encode(), "sha256").hex()[:32] if payer else ""

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            wait_s = self._query_all_due()
            self._next = loop.time() + min(max(wait_s, 0.05), LONGEST_S)
            while loop.time() < self._next:
                self._wake.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(self._next):
                        await self._wake.wait()

    def _wake_in(self, wait_s: float) -> None:
        """Something is due in so many seconds: look around then, and not once more for each that was asked for."""
        at = asyncio.get_running_loop().time() + wait_s
        if at < self._next:
            self._next = at
            self._wake.set()

    def _query_all_due(self) -> float:
        """Begin what is due. Returns in how many seconds the next is."""
        now, next_s = self._elapsed(), LONGEST_S
        open_now = queries.all_open(self._reads)
        living = {each.payment for each in open_now}
        self._due = {name: due for name, due in self._due.items() if name in living}
        self._locks = {name: lock for name, lock in self._locks.items() if name in living or lock.locked()}
        for payment in open_now:
            next_s = min(next_s, self._query_if_due(payment, now))
        for work in self._refunds.due(now):
            self._in_background(work)
        return min(next_s, self._refunds.next_s(now))

    def _query_if_due(self, payment: Payment, now: float) -> float:
        """Begin what is due of it at `now`, of the time that elapses. Returns in how many seconds it is looked at."""
        port, now_ms = self.ports.get(payment.port), int(self._clock() * 1000)
        over = now_ms > payment.until_ms
        if port is not None and not port.asks and payment.state == "waiting":
            if over:
                self._in_background(partial(self._close, payment, "time"))
                return LONGEST_S
            return (payment.until_ms - now_ms) / 1000
        tries, due = self._due.get(payment.payment, (0, now))
        if due > now or self._lock(payment.payment).locked():
            return max(due - now, pace.STEPS_S[0])
        wait = pace.query_delay_s(tries, now_ms, payment.until_ms)
        if wait is None or payment.reason == "wrong_amount":
            return LONGEST_S
        self._due[payment.payment] = (tries + 1, now + wait)
        late = over and payment.state == "waiting"
        self._in_background(partial(self._close, payment, "time") if late else partial(self._query, payment))
        return wait

    def _in_background(self, work: Work) -> None:
        self._begin(self._guarded(work))

    async def _guarded(self, work: Work) -> None:
        """One of a few at a time; what the journal does not take now is asked again."""
        async with self._slots:
            try:
                await work()
            except (JournalError, Refusal) as error:
                log.warning("payment.later", error=str(error))
