"""What screens showed is counted once, in the hour and the place where it was; what a look finds is a need."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from device_drivers.contract import OnGlass, Stood
from edge.domain.devices import decisions as devices
from edge.domain.displays import decisions, queries, sheet
from edge.domain.displays.facts import DisplayShown
from edge.domain.displays.noun import NOUN
from edge.domain.displays.rules import HOUR_MS, PLACES, DisplayRules

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal

SCREEN = "screen-baby"


def stood(n: int, at: str, ms: int, item: str = "milk", boot: str = "b1", **more: Any) -> Stood:
    return Stood(boot, n, OnGlass("day", item, f"day/{item}", "picture", more.pop("owner", "")), at, ms, **more)


async def tell(store: Journal, *intervals: Stood, device: str = SCREEN) -> int:
    data = msgspec.to_builtins({"stood": intervals})
    return await store.write(decisions.record_shown, device, "displayed", data)


def moment(unix_ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat()


def everything(store: Journal, *by: Any) -> list[queries.Exposure]:
    return queries.exposure(store.reads, 0, 2**53, by or queries.USUAL)


def now_of(store: Journal) -> int:
    return store.after(0, 10_000)[-1].wall_ms


async def test_the_same_interval_counts_once(store: Journal) -> None:
    at = moment(now_of(store) - 60_000)
    first, second = stood(1, at, 10_000), stood(2, at, 5000, "bread")
    assert await tell(store, first) == 1
    assert await tell(store, first, second) == 1
    assert await tell(store, first, second) == 0
    assert await tell(store, stood(1, at, 7000, boot="b2")) == 1, "another start has numbers of its own"
    assert [(each.item, each.shown_ms, each.times) for each in everything(store, "item")] == [
        ("milk", 17_000, 2), ("bread", 5000, 1),
    ]  # fmt: skip


async def test_what_lies_across_the_hour_is_counted_in_both(store: Journal) -> None:
    now = now_of(store)
    hour = now - now % HOUR_MS
    await tell(store, stood(1, moment(hour - 4000), 10_000))
    found = everything(store, "hour")
    assert sorted((each.hour_ms, each.shown_ms, each.times) for each in found) == [
        (hour - HOUR_MS, 4000, 1), (hour, 6000, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("Asia/Kolkata", "2026-11-20T10:00:00Z"),
        ("Asia/Kathmandu", "2026-11-20T10:00:00Z"),
        ("America/St_Johns", "2026-11-01T04:30:00Z"),
        ("Pacific/Chatham", "2026-09-26T14:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:00:00Z"),
        ("Europe/Berlin", "2027-03-28T01:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z"),
        ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ],
)
async def test_hours_are_those_on_the_stores_wall(store: Journal, zone: str, around: str) -> None:
    """Counted second by second, whatever the zone stands off UTC and while its clocks are set."""
    where, middle = ZoneInfo(zone), round(datetime.fromisoformat(around).timestamp() * 1000)
    wanted: Counter[tuple[str, timedelta | None]] = Counter()
    intervals = []
    for place in range(-360, 360):  # an item stands for 40 s: eight hours in all
        at = middle + place * 40_000
        told = stood(place + 361, moment(at), 40_000)
        intervals.append(decisions.interval_of(as_told(told), at, where))
        for second in range(40):
            wall = datetime.fromtimestamp(at / 1000 + second, where)
            wanted[f"{wall:%Y-%m-%d %H}:00", wall.utcoffset()] += 1000
    await store.write(emit, DisplayShown(device=SCREEN, zone="baby", boot="b1", intervals=tuple(intervals)))
    found = queries.exposure(store.reads, 0, 2**53, ("hour",), where)
    counted = {
        (sheet.hour_of(each.hour_ms, where), datetime.fromtimestamp(each.hour_ms / 1000, where).utcoffset()):
        each.shown_ms for each in found
    }  # fmt: skip
    assert len(counted) == len(found)
    assert counted == wanted
    assert sum(each.times for each in found) == len(intervals)
    day = round(datetime(*map(int, around[:10].split("-")), tzinfo=where).timestamp() * 1000)  # type: ignore[misc]
    later = queries.exposure(store.reads, day, 2**53, ())
    assert sum(each.shown_ms for each in later) == sum(ms for (hour, _), ms in wanted.items() if hour >= around[:10])


def emit(tx: Tx, fact: DisplayShown) -> None:
    tx.emit(fact)


def as_told(told: Stood) -> decisions.ShownInterval:
    return msgspec.convert(msgspec.to_builtins(told), decisions.ShownInterval)


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "2199-01-01T00:00:00Z", "soon", "2026-13-99"])
async def test_a_screen_with_a_wrong_clock_is_believed_its_length_alone(store: Journal, at: str) -> None:
    await tell(store, stood(1, at, 9000))
    (fact,) = [each for each in store.after(0, 10_000) if each.type == "display.shown.v1"]
    (interval,) = msgspec.json.decode(fact.body, type=DisplayShown).intervals
    assert (interval.from_ms, interval.ms) == (fact.wall_ms - 9000, 9000)


async def test_nonsense_is_passed_by(store: Journal) -> None:
    at = moment(now_of(store))
    assert await tell(store, stood(1, at, 0), stood(2, at, 2 * HOUR_MS)) == 0
    assert await tell(store, stood(3, at, 1000), device="cart-01") == 0
    assert await tell(store, stood(3, at, 1000), device="nobody") == 0
    assert await store.write(decisions.record_shown, SCREEN, "touched", {}) == 0
    assert not everything(store)


async def test_lit_and_dark_are_told_apart(store: Journal) -> None:
    at = moment(now_of(store) - 60_000)
    await tell(store, stood(1, at, 1000, lit="yes"), stood(2, at, 2000, lit="no"), stood(3, at, 4000))
    (found,) = everything(store)
    assert (found.shown_ms, found.lit_ms, found.dark_ms, found.zone) == (7000, 1000, 2000, "baby")


async def test_the_report_is_cut_as_asked(store: Journal) -> None:
    at = moment(now_of(store) - 60_000)
    await tell(store, stood(1, at, 1000, "a", owner="Qinghe"), stood(2, at, 3000, "b"))
    assert [(each.owner, each.item, each.shown_ms) for each in everything(store, "owner")] == [
        ("", "", 3000), ("Qinghe", "", 1000),
    ]  # fmt: skip
    assert [each.shown_ms for each in everything(store, "screen")] == [4000]
    assert queries.exposure(store.reads, 0, 1) == []
    assert queries.rows_of(everything(store, "screen"), ("screen",)) == [
        {"screen": SCREEN, "times": 2, "shown_ms": 4000, "lit_ms": 0, "dark_ms": 0}
    ]


@pytest.mark.parametrize("trouble", ["white", "black", "frozen", "upside_down", "wrong_size"])
async def test_what_a_screen_finds_of_itself_is_a_need(store: Journal, trouble: str) -> None:
    await store.write(devices.on_presence, device=SCREEN, online=True, boot="b1")
    await store.write(devices.on_state, device=SCREEN, state={"glass": {"trouble": trouble}})
    assert [(need.device, need.kind) for need in queries.needs(store.reads, 0)] == [(SCREEN, f"screen_{trouble}")]
    await store.write(devices.on_state, device=SCREEN, state={"glass": {"width": 1080}})
    assert queries.needs(store.reads, 0) == []


async def test_how_a_screen_was_used_is_counted(store: Journal) -> None:
    first = {"ms": 40_000, "end": "done", "touches": 7, "places": {"home": 2, "search": 1}}
    for data in (first, {"ms": 5000, "end": "done", "places": {"home": 1}}, {"ms": 90_000, "end": "idle"}):
        await store.write(decisions.end_session, SCREEN, "session_ended", data)
    await store.write(decisions.end_session, SCREEN, "displayed", first)
    await store.write(decisions.end_session, "lock-1", "session_ended", first)
    found = {metric.name.removeprefix("storekeeper_kiosk_"): metric.samples for metric in NOUN.metrics[0](store.reads)}
    assert found["sessions"] == {(SCREEN, "done"): 2, (SCREEN, "idle"): 1}
    assert found["session_seconds"] == {(SCREEN, "done"): 45, (SCREEN, "idle"): 90}
    assert found["places"] == {(SCREEN, "home"): 3, (SCREEN, "search"): 1}


@pytest.mark.parametrize("why", ["no_player", "unreadable"])
async def test_stills_in_place_of_films_are_a_need(store: Journal, why: str) -> None:
    await store.write(devices.on_presence, device=SCREEN, online=True, boot="b1")
    await store.write(devices.on_state, device=SCREEN, state={"glass": {"films": why}})
    assert [(need.device, need.kind) for need in queries.needs(store.reads, 0)] == [(SCREEN, f"screen_films_{why}")]
    await store.write(devices.on_state, device=SCREEN, state={"glass": {"width": 1080}})
    assert queries.needs(store.reads, 0) == []


async def test_a_look_that_found_something_else_is_a_need_until_one_is_good(store: Journal) -> None:
    for verdict in ("good", "good", "unlike"):
        await store.write(decisions.sample, device=SCREEN, verdict=verdict, distance=3)
    now = now_of(store)
    assert [need.kind for need in queries.needs(store.reads, now)] == ["screen_unlike"]
    (look,) = queries.spot_check_results(store.reads, now)
    assert (look.good, look.bad, look.at_least) == (2, 1, 0.0)
    await store.write(decisions.sample, device=SCREEN, verdict="no_answer")
    assert [need.kind for need in queries.needs(store.reads, now_of(store))] == ["screen_unlike"], "it said nothing"
    await store.write(decisions.sample, device=SCREEN, verdict="good")
    assert queries.needs(store.reads, now_of(store)) == []


async def test_nobody_looks_after_a_screen_that_the_store_has_no_more(store: Journal) -> None:
    await store.write(decisions.sample, device=SCREEN, verdict="unlike", distance=30)
    await store.write(devices.enrol, [])
    assert queries.needs(store.reads, now_of(store)) == []


def test_how_sure_looks_make() -> None:
    assert queries.SpotCheckResults("s", 60, 0, 0, "good").at_least == pytest.approx(0.951, abs=0.001)
    assert queries.SpotCheckResults("s", 300, 0, 0, "good").at_least == pytest.approx(0.990, abs=0.001)


def test_hours_that_are_none_are_explained() -> None:
    assert DisplayRules(panel_hours=("07:30-20:00", "20:00-22:30 40%"))
    for wrong in ("7:30-20:00", "07:30-20:00 0%", "07:30-20:00 101%", "always"):
        with pytest.raises(ValueError, match=f'found "{wrong}"'):
            DisplayRules(panel_hours=(wrong,))


async def test_a_screen_that_invents_places_fills_no_table(store: Journal) -> None:
    """Each of its events brought more of them, for ever, and so did the figures."""
    for turn in range(4):
        said = {"ms": 1, "end": "done", "touches": 1, "places": {f"{turn}-{n}": 1 for n in range(40)} | {"0-1": 1}}
        await store.write(decisions.end_session, SCREEN, "session_ended", said)
    found = {metric.name: metric.samples for metric in NOUN.metrics[0](store.reads)}["storekeeper_kiosk_places"]
    assert len(found) == PLACES
    assert found[SCREEN, "0-1"] == 4


async def test_what_screens_have_shown_in_all_costs_no_more_for_each_hour(store: Journal) -> None:
    at = now_of(store)
    for n in range(1, 4):
        await tell(store, stood(n, moment(at - n * HOUR_MS), 10_000))
    found = {metric.name: metric.samples for metric in NOUN.metrics[0](store.reads)}
    assert found["storekeeper_display_shown_seconds"] == {(SCREEN,): 30.0}


@pytest.mark.parametrize("wrong", [{"ms": 2**63 - 1}, {"ms": 1, "places": {"home": 2**53}}])
async def test_a_session_that_nobody_can_have_had_spoils_no_sum(store: Journal, wrong: dict[str, Any]) -> None:
    """Two of them were more than the table holds, and no session of that screen was counted any more."""
    for said in (wrong, wrong, {"ms": 1000}):
        more = {"end": "done", **said}
        await store.write(decisions.end_session, SCREEN, "session_ended", more)
    found = {metric.name: metric.samples for metric in NOUN.metrics[0](store.reads)}
    assert found["storekeeper_kiosk_session_seconds"] == {(SCREEN, "done"): 1.0}
