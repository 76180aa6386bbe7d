"""Money that goes back: its port is asked under one name until it is there, and whoever sent it hears how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from edge.domain.payments import decisions as payments
from edge.domain.payments import queries
from edge.domain.payments.rules import PortRefund, RefundAnswer
from edge.gateway.decide import Decide
from edge.gateway.payments import pace
from edge.gateway.payments.port import Port, answer_or_doubt
from edge.journal import Reads

_DOUBT: Final = RefundAnswer(state="unknown", reason="port_error")
NEVER_S: Final = 3600.0

Work = Callable[[], Awaitable[None]]


class RefundSource(msgspec.Struct, frozen=True):
    """Who has money go back: which, and whom to tell how far it is."""

    due: Callable[[Reads], Sequence[PortRefund]]
    tell: Callable[[PortRefund, RefundAnswer], Awaitable[None]]


class RefundQueue:
    """Belongs to the desk, which says when."""

    def __init__(self, decide: Decide, reads: Reads, ports: Mapping[str, Port], backs: Sequence[RefundSource]) -> None:
        self._decide = decide
        self._reads = reads
        self._ports = ports
        self._backs = (RefundSource(queries.surplus, self._tell_surplus), *backs)
        self._due: dict[str, tuple[int, float]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def due(self, now: float) -> Iterator[Work]:
        """What is to be asked now."""
        backs = [(each, back) for each in self._backs for back in each.due(self._reads)]
        living = {back.refund for _, back in backs}
        self._due = {name: due for name, due in self._due.items() if name in living}
        self._locks = {name: lock for name, lock in self._locks.items() if name in living or lock.locked()}
        for whose, back in backs:
            tries, due = self._due.get(back.refund, (0, now))
            if due <= now:
                self._due[back.refund] = (tries + 1, now + pace.refund_delay_s(tries))
                yield partial(self._give, whose, back)

    def next_s(self, now: float) -> float:
        """In how many seconds the next is due."""
        return min((due - now for _, due in self._due.values()), default=NEVER_S)

    async def _give(self, whose: RefundSource, back: PortRefund) -> None:
        async with self._locks.setdefault(back.refund, asyncio.Lock()):
            if all(each.refund != back.refund for each in whose.due(self._reads)):
                return  # while it stood in line, staff found another way
            payment = queries.payment(self._reads, back.payment)
            port = self._ports.get(payment.port) if payment else None
            if payment is None or port is None:
                answer = RefundAnswer(state="abnormal", reason="no_port")
            else:
                ask = port.refund if back.state == "decided" else port.refund_state
                answer = await answer_or_doubt(ask(back, payment), _DOUBT, port.name)
            await whose.tell(back, answer)

    async def _tell_surplus(self, back: PortRefund, answer: RefundAnswer) -> None:
        await self._decide(payments.record_surplus_refund, payment=back.payment, answer=answer)
