"""kill -9 of every process of the store at random moments, under load; afterwards every invariant must hold.

`STOREKEEPER_ROUNDS` says how many rounds, `STOREKEEPER_SEED` repeats victims and moments of an earlier run.
"""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

import pytest

from edge.bootstrap.journal import verify_journal
from edge.journal import Entry
from tests.faults.floor import HOLD, lines
from tests.faults.house import CARTS, House, until
from tests.faults.invariants import Acked, History, complaints
from tests.faults.shoppers import Crowd
from tests.faults.tap import Tap
from tests.rounds import rounds, seed

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = rounds(10)
SEED = seed()
SHARE = {"mosquitto": 0.7, "embedded": 0.3}
VICTIMS = {"gateway": 6, "floor": 3, "broker": 3, "sync": 3, "cloud": 3, "all": 1}
"""How often each is chosen; `all` is a power cut."""
SETTLE_S = 600.0
"""The gateway may take a minute to try a broker again that was killed over and over."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 + 30 * ROUNDS)]


class Run:
    """A store under load, and what has been seen of it."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house, self.chance = house, chance
        self.faults: list[str] = []
        until(house.open, what=house.last_words)
        self.crowd = Crowd(house, SEED)
        self.tap = Tap(house.broker_port)

    def round(self, number: int) -> None:
        """One kill: mostly once the store serves again, sometimes while it is still coming up."""
        served, moves = self.crowd.served(), self.house.moves()
        if self.chance.random() < 0.75:
            until(
                lambda: self.crowd.served() >= served + 3 and self.house.moves() > moves,
                SETTLE_S,
                lambda: f"no shopper is served in round {number}\n{self.house.last_words()}",
            )
        time.sleep(self.chance.uniform(0, 0.4))  # the random moment itself, no waiting for anything
        victim = self.chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        self._look_for_the_dead()
        if (acked := self.house.acknowledged()) > (arrived := self.house.arrived()):
            self.faults.append(f"round {number}: sync says that {acked} facts have arrived; the cloud has {arrived}")
        self.restart(*(self.house.parts if victim == "all" else [victim]))

    def restart(self, *names: str) -> None:
        for name in names:
            self.house.parts[name].kill()
        for name in names:
            self.house.parts[name].start()

    def _look_for_the_dead(self) -> None:
        for part in self.house.parts.values():
            if (code := part.ended_by_itself) is not None:
                self.faults.append(f"{part.name} ended by itself with {code}\n{self.house.last_words()}")
                self.restart(part.name)

    def settle(self, out: int = 0) -> None:
        """Until nothing moves any more, with `out` carts under way."""
        until(lambda: self._settled(out), SETTLE_S, lambda: f"{self._standing()}\n{self.house.last_words()}")

    def _settled(self, out: int) -> bool:
        return self.house.open() and self._standing()[:4] == (0, out, 0, 0)

    def _standing(self) -> tuple[object, ...]:
        """Open grants, carts that are out or look so, events still with the devices, facts that the cloud lacks."""
        rows = self.house.rows
        told = {(cart, line["n"]) for cart in CARTS for line in self._ground(cart) if line["what"] == "told"}
        reported = [json.loads(row["body"]) for row in rows("SELECT body FROM entries WHERE type='device.reported.v1'")]
        told -= {(body["device"], body["data"]["n"]) for body in reported}
        last = rows("SELECT max(sequence) AS n FROM entries")[0]["n"]
        away = rows("SELECT * FROM carts WHERE state<>'docked' OR NOT docked OR lock<>'locked' OR docked IS NULL")
        open_ = len(rows("SELECT 1 FROM grants WHERE state='granted'"))
        return open_, len(away), len(told), last - self.house.arrived(), away

    def _ground(self, cart: str) -> list[dict[str, object]]:
        return lines(self.house.ground(cart))

    def history(self) -> History:
        columns = "sequence, {} AS stream, id, type, wall_ms, mono_ms, boot, body, hash FROM entries"
        ours = self.house.rows(f"SELECT {columns.format('stream')} ORDER BY sequence")
        # The store goes on meanwhile: what it wrote until here, and no more, is awaited in the cloud.
        last = ours[-1]["sequence"]
        until(lambda: self.house.arrived() >= last, SETTLE_S, lambda: f"{self._standing()}\n{self.house.last_words()}")
        stream = "(SELECT s.stream FROM streams s WHERE s.key=entries.stream)"
        theirs = self.house.received(
            f"SELECT {columns.format(stream)} WHERE sequence <= {last} ORDER BY entries.stream, sequence"
        )
        faults = [*self.faults, *self.crowd.odd, *verify_journal(self.house.settings).faults]
        return History(
            told=self.crowd.told,
            entries=[Entry(**row) for row in ours],
            received=[Entry(**row) for row in theirs],
            ground={cart: self._ground(cart) for cart in CARTS},
            carts=self.house.rows("SELECT * FROM carts"),
            ttl_ms=self.house.ttl_ms,
            acked=[Acked(*seen) for seen in self.tap.acks],
            faults=faults,
        )


@pytest.mark.parametrize("broker", ["mosquitto", "embedded"])
def test_kill_at_any_moment(broker: str, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {broker}")
    rounds = max(1, round(ROUNDS * SHARE[broker]))
    print(f"\nSTOREKEEPER_SEED={SEED} STOREKEEPER_ROUNDS={ROUNDS}: {rounds} rounds on {broker}")
    with House(tmp_path, broker, seed=str(SEED)) as house:
        run = Run(house, chance)
        with run.tap:
            run.crowd.start()
            for number in range(rounds):
                run.round(number)
            leave_two_carts_out(run)
        told = run.crowd.told
        history = run.history()
        print(
            f"{len(history.entries)} facts, {len(told)} answers ({run.crowd.unanswered} times none),"
            f" {run.house.moves()} unlockings, {len(history.acked)} acknowledgements seen"
        )
        assert len(told) >= rounds
        assert run.house.moves() >= rounds // 5
    found = complaints(history)
    assert not found, "\n".join([f"STOREKEEPER_SEED={SEED}", *found[:20]])


def leave_two_carts_out(run: Run) -> None:
    """The end of a run: a power cut with carts out and a grant under way. Nothing may open by itself afterwards."""
    run.crowd.leave()
    run.settle()
    (run.house.floor / HOLD).touch()
    run.crowd.stop.clear()
    for shopper, cart in zip(run.crowd.idle(3), CARTS, strict=False):
        assert shopper.register()
        for _ in range(20):  # a stuck lock is tried again
            told = shopper.unlock(cart)
            if told and told.status == 200:
                break
    run.settle(out=3)
    moves = run.house.moves()
    run.restart(*run.house.parts)
    run.settle(out=3)
    assert run.house.moves() == moves
