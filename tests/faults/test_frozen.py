"""A process that stands still and goes on later, as after a suspended machine or a radio that was out of reach."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from edge.journal import Entry
from tests.faults.floor import lines
from tests.faults.house import CARTS, House, until
from tests.faults.invariants import SLACK_MS, History, locks_move_for_a_grant_once_and_in_time
from tests.faults.shoppers import Crowd

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["gateway", "sync", "cloud", "broker", "floor"])
def test_no_lock_opens_late_because_something_stood_still(name: str, tmp_path: Path) -> None:
    with House(tmp_path / "house") as house:
        until(house.open, what=house.last_words)
        shopper, other = Crowd(house, seed=1).idle(2)
        assert shopper.register()
        assert other.register()
        pid = house.parts[name].pid
        os.kill(pid, signal.SIGSTOP)
        asking = threading.Thread(target=shopper.unlock, args=("cart-01",))
        asking.start()
        time.sleep((house.ttl_ms + SLACK_MS) / 1000 + 1)  # the time it stands still, no waiting for anything
        os.kill(pid, signal.SIGCONT)
        asking.join(60)
        until(house.open, what=house.last_words)
        # Another lock opens, so whatever was still on its way has come, and all of it works again.
        until(lambda: other.unlock("cart-02") is not None and _opened(house, "cart-02"))
        ground = {cart: lines(house.ground(cart)) for cart in CARTS}  # first: what moves later has its grant later
        rows = house.rows("SELECT * FROM entries ORDER BY sequence")
        history = History([], [Entry(**row) for row in rows], [], ground, [], house.ttl_ms)
    late = list(locks_move_for_a_grant_once_and_in_time(history))
    assert not late, late


def _opened(house: House, cart: str) -> bool:
    return any(line["what"] == "actuated" for line in lines(house.ground(cart)))
