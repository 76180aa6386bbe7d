"""One running store for all tests of the web front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.bounds_settings import Bound, BoundsSettings, ClaimBounds, OpenBounds, RegisterBounds
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper

if TYPE_CHECKING:
    from collections.abc import Iterator


WIDE = Bound(burst=100_000, per_minute=100_000)
SIDES = {"address": WIDE, "touchpoint": WIDE, "store": WIDE}
MANY = BoundsSettings(registering=RegisterBounds(**SIDES), claiming=ClaimBounds(**SIDES), opening=OpenBounds(**SIDES))
"""All the tests' shoppers come from one address within minutes; one browser is bounded as ever."""

DEVICES = ("cart-01", "cart-02", "cart-03", "cart-04", "cart-05", "locker-a", "printer-1")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    # A broker of its own: two gateways of one name on one broker would throw each other out.
    folder = tmp_path_factory.mktemp("web")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = RunningStore(broker, folder, DEVICES, bounds=MANY)
    running.start()
    yield running
    running.stop()
    broker.stop()


@pytest.fixture
def shopper(store: RunningStore) -> Shopper:
    return Shopper(store)


@pytest.fixture
def member(store: RunningStore) -> Shopper:
    known = Shopper(store)
    assert known.register(store.code("poster-door")).ok
    return known
