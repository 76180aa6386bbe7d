"""What screens prove over an outage and kills of kiosk, broker and gateway: recorded over true lies in [0.999, 1].

The hours are simulated; the kiosk's book, its agent's outbox, the gateway's journal and their files are the real ones.
`STOREKEEPER_ROUNDS` from 100 on: six hours of outage and 100 kills (`make test-all`); else half an hour and 9.
"""

from __future__ import annotations

import os
import random
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from device_drivers import ledger, outbox
from device_drivers.contract import Ack, Event, OnGlass, decode
from device_drivers.contract.topics import Channel
from device_drivers.notes import Notes
from device_drivers.outbox import Outbox
from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceEnrolled, DeviceReported
from edge.domain.displays import decisions, queries
from edge.domain.nouns import NOUNS
from edge.journal import Tx
from edge.journal.journal import Journal
from kiosk_ui.proof_of_display import LOOK_S, ProofOfDisplay

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = int(os.environ.get("STOREKEEPER_ROUNDS", "0")) >= 100
OUTAGE_S = 6 * 3600.0 if WHOLE else 1800.0
KILLS = 100 if WHOLE else 9
SCREEN = "screen-baby"
ITEMS = [OnGlass("day", f"item-{number}", f"day/item-{number}") for number in range(6)]


class World:
    """A kiosk, the way to its gateway, and the gateway; each can be killed at any moment."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.began = datetime.now(UTC) - timedelta(hours=20)
        self.now = 0.0
        self.true = 0.0
        self.boots = 0
        self.start_kiosk()
        self.journal = Journal(folder / "store.db", NOUNS)

    # --- the kiosk ---

    def start_kiosk(self) -> None:
        self.boots += 1
        self.boot = f"boot-{self.boots:012}"
        self.notes = Notes(self.folder / "kiosk" / "notes.db", ledger.SCHEMA + outbox.SCHEMA)
        self.outbox = Outbox(self.notes, self.boot)
        wall = lambda: self.began + timedelta(seconds=self.now)  # noqa: E731
        tell = lambda event: self.outbox.add(wall().isoformat(), event)  # noqa: E731
        self.book = ProofOfDisplay(self.folder / "kiosk" / "proof", self.boot, tell, lambda: self.now, wall)

    def kill_kiosk(self) -> None:
        """At any moment between two looks; it is back after some seconds."""
        early = self.chance.random() * LOOK_S
        self.true -= early
        self.now -= early
        for thread in threading.enumerate():
            if thread.name == "proof":
                thread.join()  # it would die with its process; `test_proof` kills real ones
        self.notes.close()
        os.close(self.book._now)
        self.now += 1 + self.chance.random() * 4
        self.start_kiosk()

    def shows(self, seconds: float, *, listening: bool) -> None:
        ends = self.now + seconds
        while self.now < ends:
            self.book.look(ITEMS[int(self.now // 10) % len(ITEMS)], listening=listening)
            self.now += LOOK_S
            self.true += LOOK_S

    # --- the gateway, and the way to it ---

    async def deliver(self) -> None:
        """What waits comes over; the broker may die in the middle, and the gateway before it says so."""
        for pending in self.outbox.pending():
            if self.chance.random() < 0.02:
                return  # the broker was killed: the rest comes later, again
            event = decode(Channel.EVENT, pending.at(1))
            assert isinstance(event, Event)
            taken = await self.journal.write(_taken, event=event)
            if self.chance.random() < 0.05:
                self.kill_gateway()  # committed, and not acknowledged
                continue
            ack = Ack(event.boot, taken)
            self.outbox.drop(ack)
            if self.chance.random() < 0.8:  # else the kiosk is killed before it forgets on its disk
                self.outbox.delete(ack)

    def kill_gateway(self) -> None:
        self.journal.close()
        self.journal = Journal(self.folder / "store.db", NOUNS)


def _taken(tx: Tx, *, event: Event) -> int:
    """As the gateway's intake does it: the event once, with what it means."""
    fact = DeviceReported(device=SCREEN, boot=event.boot, seq=event.seq, at=event.at, event=event.type, data=event.data)
    taken = devices.on_report(tx, fact, patient=False)
    if tx.emitted:
        decisions.record_shown(tx, SCREEN, event.type, event.data)
    return taken


def _enrol(tx: Tx) -> None:
    label: Any = {"en": "Screen"}
    devices.enrol(tx, [DeviceEnrolled(device=SCREEN, kind="screen", zone="baby", label=label, at=(1.0, 1.0))])


async def test_an_outage_and_kills_cost_next_to_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, seed=int(os.environ.get("STOREKEEPER_SEED", "12")))
    await world.journal.write(_enrol)
    world.shows(300, listening=True)
    for _ in range(KILLS):
        world.shows(OUTAGE_S / KILLS, listening=False)
        world.kill_kiosk()
    world.shows(300, listening=True)
    world.book.stop()
    for _ in range(200):
        if not world.outbox.pending():
            break
        await world.deliver()
    assert not world.outbox.pending()
    found = queries.exposure(world.journal.reads, 0, 2**53, ("item",))
    recorded = sum(each.shown_ms for each in found) / 1000
    world.notes.close()
    world.journal.close()
    assert len(found) == len(ITEMS)
    assert recorded <= world.true
    print(f"recorded {recorded:.1f} s of {world.true:.1f} s: {recorded / world.true:.5f}")
    assert recorded / world.true >= 0.999
