"""One running store for all tests of the web front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.domain.staff import decisions as staff_decisions
from edge.secrets import operators
from edge.secrets.staff_pins import put
from edge.settings.bounds import ActBounds, Bound, BoundsSettings, ThingBounds
from edge.web import login_attempts
from tests.conftest import new_broker
from tests.web.running import Colleague, RunningStore, Shopper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


WIDE = Bound(burst=100_000, per_minute=100_000)
SIDES = {"address": WIDE, "touchpoint": WIDE, "store": WIDE}
SHARED = (
    "registering", "claiming", "opening", "finding", "changing", "calling", "guessing", "shopping", "visiting",
    "proving", "confirming",
)  # fmt: skip
MANY = BoundsSettings(
    **{act: ActBounds(**SIDES) for act in SHARED},
    things=ThingBounds(carts_waiting=1000, doors_waiting=1000, new_share=1.0),
)
"""All the tests' shoppers come from one address within minutes, and which tests share a store is chance; one browser is
bounded as ever."""

STAFF_PIN, MANAGER_PIN, PASSWORD = "402719", "618394", "eight words fewer than that"
"""Of the team of a store that is no demo."""

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
def li(store: RunningStore) -> Iterator[Colleague]:
    """Somebody of the staff."""
    with Colleague(store) as colleague:
        assert colleague.come().status_code == 200
        yield colleague


@pytest.fixture
def wang(store: RunningStore) -> Iterator[Colleague]:
    """A manager."""
    with Colleague(store) as colleague:
        assert colleague.come("wang", "1470").status_code == 200
        yield colleague


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store that is no demo, its inside on the one listener."""
    yield from serving(tmp_path_factory.mktemp("real"), demo=False)


@pytest.fixture(scope="session")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store that is no demo, its inside on a listener of its own."""
    yield from serving(tmp_path_factory.mktemp("apart"), demo=False, apart=True)


def serving(folder: Path, **how: bool) -> Iterator[RunningStore]:
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    put(folder / "secrets" / "staff.toml", "li", "小李", "staff", STAFF_PIN)
    put(folder / "secrets" / "staff.toml", "wang", "Wang", "manager", MANAGER_PIN)
    operators.put(operators.file_of(folder), "chen", "Chen", PASSWORD)
    running = RunningStore(broker, folder, (), **how)
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


@pytest.fixture
def long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong PINs make the next try wait for longer than a slow machine takes for a few of them."""
    for module in (staff_decisions, login_attempts):
        for pace in ("HERE", "EVERYWHERE"):
            longer = msgspec.structs.replace(getattr(module, pace), first_ms=600_000)
            monkeypatch.setattr(module, pace, longer)
