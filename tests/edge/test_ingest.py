"""What devices say, as far as it needs no journal."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from device_drivers.contract import Channel, DeviceId, Event, encode
from edge.bus import Received
from edge.domain.devices.facts import DeviceEventRejected
from edge.errors import JournalBroken
from edge.gateway.ingest import FAILS, Ingest


class EmptyJournal:
    """Takes every decision with nothing in its tables."""

    scarce = False

    def __init__(self) -> None:
        self.emitted: list[Any] = []
        self.broken = False

    async def write(self, decision: Callable[[Any], Any]) -> Any:
        if self.broken:
            raise JournalBroken("its disk is gone")
        emitted: list[Any] = []
        found = decision(SimpleNamespace(one=lambda *_: None, emit=emitted.append, emitted=emitted))
        self.emitted += emitted
        return found


def fails(*_: Any) -> None:
    raise ZeroDivisionError


async def test_an_event_that_fails_each_time_is_committed_as_rejected_and_acknowledged() -> None:
    acks: list[Any] = []
    journal: Any = EmptyJournal()
    quotas: Any = SimpleNamespace(wrote=lambda *_: None)
    noun: Any = SimpleNamespace(on_state={}, on_charge={}, on_event=(fails,))
    none: Any = None
    ingest = Ingest(journal, [noun], lambda *ack: acks.append(ack), fails, none, quotas, none)
    event = Event("b1", 1, "2026-11-27T12:00:00Z", "docked", {})
    payload = encode(event)
    message = Received(DeviceId("cart-01"), Channel.EVENT, event, False, len(payload), payload=payload)
    for _ in range(FAILS - 1):
        with pytest.raises(ZeroDivisionError):
            await ingest._write_event(message)
    journal.broken = True
    with pytest.raises(JournalBroken):
        await ingest._write_event(message)
    journal.broken = False
    assert not acks
    assert not journal.emitted
    await ingest._write_event(message)
    assert acks == [("cart-01", "b1", 1)]
    (fact,) = journal.emitted
    assert isinstance(fact, DeviceEventRejected)
    assert (fact.seq, fact.length) == (1, len(payload))
