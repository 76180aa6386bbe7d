"""When a store counts as well after a change. The views are made up; `test_applying` looks at a real store."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from operations.releases.health import (
    Before,
    DeviceHere,
    Expected,
    HealthProblem,
    Queue,
    View,
    before,
    watch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CART = DeviceHere("cart-01", online=True, boot="b1", heard=True)
OPEN = View("i2", journal=True, broker=True, devices=(CART,), queue=Queue(10, 10, "ok"))
WAS = Before("i1", frozenset({"cart-01"}), Queue(8, 8, "ok"))


def without(**change: object) -> View:
    import msgspec

    return msgspec.structs.replace(OPEN, **change)


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (OPEN, None),
        (None, HealthProblem("not_started")),
        (without(instance="i1"), HealthProblem("not_started")),
        (without(broker=False), HealthProblem("not_ready", "broker")),
        (without(journal=False), HealthProblem("not_ready", "journal")),
        (without(devices=()), HealthProblem("devices_away", "cart-01")),
        (without(devices=(DeviceHere("cart-01", online=False, heard=True),)), HealthProblem("devices_away", "cart-01")),
        (without(devices=(DeviceHere("cart-01", online=True, heard=False),)), HealthProblem("devices_away", "cart-01")),
        (without(queue=Queue(12, 8, "offline")), HealthProblem("queue_stands")),
        (without(queue=Queue(12, 9, "ok")), None),
    ],
)  # fmt: skip
def test_what_is_asked_of_a_store(view: View | None, problem: HealthProblem | None) -> None:
    assert Expected(WAS).problem(view) == problem


def test_who_was_here_within_the_last_minute_must_be_back() -> None:
    view = without(
        now_ms=100_000,
        devices=(
            CART,
            DeviceHere("cart-02", online=False, boot="b1", changed_ms=60_000),
            DeviceHere("cart-03", online=False, boot="b1", changed_ms=30_000),
            DeviceHere("cart-04", online=False, boot="", changed_ms=99_000),
        ),
    )
    assert before(view).devices == {"cart-01", "cart-02"}
    assert before(view).without(["cart-02"]).devices == {"cart-01"}


def test_nothing_is_asked_of_a_store_that_was_closed() -> None:
    assert Expected(before(None)).problem(without(devices=(), queue=Queue(3, 0, "starting"))) is None


def test_a_cloud_that_was_away_keeps_nothing_back() -> None:
    assert (
        Expected(Before("i1", frozenset(), Queue(8, 2, "offline"))).problem(without(queue=Queue(20, 2, "offline")))
        is None
    )


@pytest.fixture
def turned(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Time that passes when somebody waits, and at no other moment."""
    now = [0.0]
    monkeypatch.setattr("operations.releases.health.time.monotonic", lambda: now[0])

    def pause(seconds: float) -> None:
        now[0] += seconds

    return pause


def test_it_must_stay_well_for_a_moment(turned: Callable[[float], None]) -> None:
    found = watch(lambda: OPEN, Expected(WAS), pause=turned)
    assert found.well
    assert 2 <= found.took_s < 3


def test_one_that_comes_up_and_dies_again_is_not_well(turned: Callable[[float], None]) -> None:
    looks = itertools.cycle([None, OPEN, OPEN])
    found = watch(lambda: next(looks), Expected(WAS), pause=turned)
    assert not found.well
    assert 30 <= found.took_s < 33


def test_each_start_is_another_one(turned: Callable[[float], None]) -> None:
    starts = (without(instance=f"i{number // 3}") for number in itertools.count(6))
    assert not watch(lambda: next(starts), Expected(WAS), pause=turned).well


def test_it_can_be_stopped(turned: Callable[[float], None]) -> None:
    found = watch(lambda: None, Expected(WAS), pause=turned, stopped=lambda: True)
    assert (found.well, found.because) == (False, "stopped")


def test_an_update_asks_for_more(turned: Callable[[float], None]) -> None:
    found = watch(lambda: OPEN, Expected(WAS, more=[lambda _: HealthProblem("facts_wrong", "12")]), pause=turned)
    assert (found.because, found.which) == ("facts_wrong", "12")
