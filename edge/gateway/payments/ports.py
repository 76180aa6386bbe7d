"""The ports of one store, made of its settings, in the order in which shoppers are offered them."""

from __future__ import annotations

from edge.gateway.payments.counter import Counter
from edge.gateway.payments.port import Port
from edge.gateway.payments.simulated import Simulated
from edge.settings.settings import Settings


def ports_of(settings: Settings) -> dict[str, Port]:
    """By name. A part that is not installed leaves its port out, and says so in the log."""
    paying, box = settings.gateway.payments, settings.gateway
    found: list[Port] = []
    if box.demo if paying.simulated is None else paying.simulated:
        found.append(Simulated(box.data / "simulated_payments.jsonl"))
    if paying.counter:
        found.append(Counter())
    return {port.name: port for port in found}
