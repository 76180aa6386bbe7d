"""The devices as the tables know them, and what a foreign one could do at the broker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from device_drivers.broker import BrokerAddress
from edge.bus.rights import Rights
from edge.domain.devices import queries
from edge.journal import Reads
from operations.diagnosis.findings import Finding, Health, found

NAMED: Final = 6
"""How many devices one line names."""


def devices(reads: Reads) -> Iterator[Finding]:
    """Says how many are connected, and which are not."""
    known = queries.devices(reads)
    away = [device.id for device in known if not device.online]
    said = {"here": len(known) - len(away), "of": len(known)}
    if not known:
        yield found(Health.NOTE, "devices", "devices_none")
    elif away:
        yield found(Health.NOTE, "devices", "devices_away", **said, away=listed(away))
    else:
        yield found(Health.WELL, "devices", "devices_all", **said)


def broker_rights(broker: BrokerAddress, tried: Rights, *, loopback: bool) -> Iterator[Finding]:
    """Says what a foreign device could do. A broker on loopback that knows no rights serves a demo alone."""
    said = {"broker": f"{broker.host}:{broker.port}"}
    open_to_all = tried.stranger or tried.hears or tried.speaks
    if open_to_all and loopback and tried.stranger:
        yield found(Health.NOTE, "broker_rights", "rights_loopback", **said)
        return
    if tried.stranger:
        yield found(Health.ILL, "broker_rights", "rights_stranger", **said)
    if tried.refused is not None:
        yield found(Health.NOTE, "broker_rights", "rights_untried", **said, reason=tried.refused)
        return
    if tried.hears:
        yield found(Health.ILL, "broker_rights", "rights_hears", **said, topics=listed(tried.hears))
    if tried.speaks:
        yield found(Health.ILL, "broker_rights", "rights_speaks", **said, topics=listed(tried.speaks))
    if not open_to_all:
        yield found(Health.WELL, "broker_rights", "rights_held", **said)


def listed(names: Sequence[str]) -> str:
    """Returns the first few, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" … (+{more})" if more > 0 else "")
