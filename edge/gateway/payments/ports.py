"""The ports of one store, made of its settings, in the order in which shoppers are offered them."""

from __future__ import annotations

from functools import partial

import structlog

from edge.domain.payments import decisions, queries
from edge.domain.payments.rules import Payment
from edge.gateway.decide import Decide
from edge.gateway.payments import wechat_library, zvt
from edge.gateway.payments.counter import CounterPort
from edge.gateway.payments.port import Port
from edge.gateway.payments.simulated import SimulatedPort
from edge.gateway.payments.terminal import TerminalPort
from edge.gateway.payments.wechat import WechatPort
from edge.journal import Reads
from edge.settings.settings import Settings

log = structlog.get_logger(__name__)


class _Records:
    """What terminals ask of the journal."""

    def __init__(self, decide: Decide, reads: Reads) -> None:
        self._decide = decide
        self.open = partial(queries.all_open, reads)
        self.later = partial(queries.asked_after, reads)

    async def remember(self, payment: Payment, reference: str) -> None:
        await self._decide(decisions.record_answer, payment=payment.payment, reference=reference)


def ports_of(settings: Settings, reads: Reads, decide: Decide) -> dict[str, Port]:
    """By name. A part that is not installed leaves its port out, and says so in the log."""
    paying, box = settings.gateway.payments, settings.gateway
    found: list[Port] = []
    if box.demo if paying.simulated is None else paying.simulated:
        found.append(SimulatedPort(box.data / "simulated_payments.jsonl"))
    if paying.wechat is not None and _may_wechat(settings):
        found.append(WechatPort(paying.wechat, box.data / "wechat"))
    if paying.terminals and _may_terminal(settings):
        found.append(TerminalPort(paying.terminals, settings.store.currency, _Records(decide, reads)))
    if paying.counter:
        found.append(CounterPort())
    return {port.name: port for port in found}


def _may_wechat(settings: Settings) -> bool:
    if settings.store.currency != "CNY":
        log.error("wechat.left_out", why="it takes yuan alone", currency=settings.store.currency)
        return False
    if not wechat_library.is_installed():
        log.error("wechat.left_out", why="its library is not installed", install="storekeeper[wechat]")
        return False
    return True


def _may_terminal(settings: Settings) -> bool:
    known = settings.store.currency in zvt.NUMERIC
    if not known:
        log.error("terminals.left_out", why="they do not know this currency", currency=settings.store.currency)
    return known
