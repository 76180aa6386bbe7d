"""Token buckets: who is refused, for how long, and who is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import Refusal
from edge.gateway import bounds as bounds_module
from edge.gateway.bounds import Bounds, Requester, network_of
from edge.settings.bounds import ActBounds, Bound, BoundsSettings
from words.sentences import has

LOOSE = Bound(burst=1000, per_minute=1000)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def registering(clock: Clock, **sides: Bound) -> Bounds:
    loose = dict.fromkeys(("browser", "address", "touchpoint", "store"), LOOSE)
    return Bounds(BoundsSettings(registering=ActBounds(**{**loose, **sides})), clock)


def refused(bounds: Bounds, who: Requester) -> int:
    """Seconds to wait; 0 when it was allowed."""
    try:
        bounds.take("registering", who)
    except Refusal as refusal:
        seconds: int = refusal.details["seconds"]
        return seconds
    return 0


def test_a_burst_then_a_rate(clock: Clock) -> None:
    bounds = registering(clock, address=Bound(burst=3, per_minute=6))
    who = Requester("10.0.0.1", "b1")
    assert [refused(bounds, who) for _ in range(4)] == [0, 0, 0, 10]
    clock.now += 9
    assert refused(bounds, who) == 1
    clock.now += 1
    assert refused(bounds, who) == 0
    clock.now += 3600
    assert [refused(bounds, who) for _ in range(4)] == [0, 0, 0, 10], "never more than the burst"


def test_what_is_refused_uses_nothing_up(clock: Clock) -> None:
    bounds = registering(clock, browser=Bound(burst=1, per_minute=1), address=Bound(burst=2, per_minute=1))
    assert refused(bounds, Requester("10.0.0.1", "b1")) == 0
    for _ in range(50):
        assert refused(bounds, Requester("10.0.0.1", "b1")) > 0
    assert refused(bounds, Requester("10.0.0.1", "b2")) == 0, "the other browser's share is still there"


def test_a_new_name_for_each_request_meets_the_address(clock: Clock) -> None:
    bounds = registering(clock, browser=Bound(burst=1, per_minute=1), address=Bound(burst=5, per_minute=1))
    assert sum(refused(bounds, Requester("10.0.0.1", f"b{n}")) == 0 for n in range(100)) == 5
    assert refused(bounds, Requester("10.0.0.2", "c1")) == 0, "others are not its business"


def test_browsers_that_keep_no_name_share_one_where_only_named_ones_ask(clock: Clock) -> None:
    bounds = Bounds(BoundsSettings(asking=ActBounds(browser=Bound(burst=2, per_minute=1))), clock)
    for _ in range(2):
        bounds.take("asking", Requester("10.0.0.1"))
    with pytest.raises(Refusal, match="too_many_scans"):
        bounds.take("asking", Requester("10.0.0.1"))
    bounds.take("asking", Requester("10.0.0.2"))
    assert [
        refused(registering(clock, browser=Bound(burst=1, per_minute=1)), Requester("10.0.0.1")) for _ in range(3)
    ] == [
        0,
        0,
        0,
    ]


def test_a_flood_of_names_resets_nobody(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds_module, "MAX_KNOWN", 10)
    bounds = registering(clock, browser=Bound(burst=1, per_minute=1))
    assert refused(bounds, Requester("a", "owner")) == 0
    allowed = sum(refused(bounds, Requester("a", f"b{n}")) == 0 for n in range(500))
    assert allowed == 10, "nine that are known, and one that all others share"
    assert refused(bounds, Requester("a", "owner")) > 0
    clock.now += 61
    assert sum(refused(bounds, Requester("a", f"c{n}")) == 0 for n in range(10)) == 10, (
        "whoever is full again is forgotten"
    )


def test_who_came_once_is_forgotten_when_the_bucket_is_full_again(clock: Clock) -> None:
    bounds = registering(clock, browser=Bound(burst=1, per_minute=6))
    (buckets,) = [buckets for side, _, buckets in bounds._sides["registering"] if side == "browser"]
    for number in range(2000):
        assert refused(bounds, Requester("a", f"b{number}")) == 0
        clock.now += 0.1
        assert len(buckets.full_at) <= 101, "as many as come within the ten seconds, and one"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.168.1.5", "192.168.1.5"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.168.1.5", "192.168.1.5"),
        ("", ""),
        ("nonsense:", "nonsense:"),
    ],
)
def test_an_ipv6_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_staff_is_told_in_one_line_while_it_goes_on(clock: Clock) -> None:
    bounds = registering(clock, touchpoint=Bound(burst=5, per_minute=1))
    clock.now = 60_000.0
    assert bounds.needs(1_000_000) == []
    for number in range(40):
        refused(bounds, Requester("a", f"b{number}", "poster-door"))
    refused(bounds, Requester("a", "b", "poster-side"))
    clock.now += 10
    (need,) = bounds.needs(1_000_000)
    assert (need.kind, need.device, need.details["rate"]) == ("bounds_registering", "poster-door", 40)
    assert need.since_ms == 990_000
    assert bounds.refused["registering", "touchpoint"] == 35
    clock.now += 120
    assert bounds.needs(1_000_000) == []


@pytest.mark.parametrize("act", bounds_module.REFUSED)
def test_staff_is_told_in_words_whatever_is_bounded(act: str) -> None:
    assert has(f"needs.bounds_{act}")


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 3)), max_size=200))
def test_never_more_than_burst_and_rate(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    bounds = registering(clock, address=Bound(burst=5, per_minute=30))
    began, taken = clock.now, 0
    for pause, browser in steps:
        clock.now += pause
        taken += refused(bounds, Requester("a", f"b{browser}")) == 0
        assert taken <= 5 + (clock.now - began) * 0.5 + 1e-6
