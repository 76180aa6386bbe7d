"""What plays when in a week of two clock changes: cases that were worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from device_drivers.contract.playlists import PictureItem, Playlist, Window
from signage.playing import Programme, plays

MON_SAT, FRI, SAT, SUN = 0b011_1111, 1 << 4, 1 << 5, 1 << 6


def item(name: str, seconds: int = 10) -> PictureItem:
    return PictureItem(id=name, ms=seconds * 1000, media={"en": "0" * 64})


def rule(name: str, priority: int, *windows: Window, day: date | None = None) -> Playlist:
    return Playlist(id=name, priority=priority, items=(item("a"),), windows=windows, first_day=day, last_day=day)


RULES = Programme(
    (
        rule("closed", 0),
        rule("day", 10, Window(MON_SAT, 8 * 60, 20 * 60)),
        rule("breakfast", 20, Window(MON_SAT, 8 * 60, 10 * 60 + 30)),
        rule("late", 20, Window(FRI | SAT, 22 * 60, 3 * 60)),
        rule("gap", 30, Window(SUN, 2 * 60 + 15, 2 * 60 + 45)),
        rule("recall", 100, Window(127, 9 * 60, 9 * 60 + 5), day=date(2026, 3, 28)),
    ),
    "Europe/Berlin",
)


def at(text: str) -> int:
    return round(datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("instant", "playlist"),
    [
        ("03-27T06:59:59", "closed"),
        ("03-27T07:00:00", "breakfast"),
        ("03-27T09:30:00", "day"),
        ("03-27T19:00:00", "closed"),
        ("03-27T21:00:00", "late"),
        ("03-28T01:59:59", "late"),
        ("03-28T02:00:00", "closed"),
        ("03-28T08:02:00", "recall"),
        ("03-29T00:59:59", "late"),
        ("03-29T01:00:00", "closed"),
        ("03-29T07:00:00", "closed"),
        ("10-25T00:30:00", "gap"),
        ("10-25T01:30:00", "late"),
        ("10-25T01:59:59", "late"),
        ("10-25T02:00:00", "closed"),
    ],
)
def test_plays(instant: str, playlist: str) -> None:
    assert plays(RULES, None, at(instant)).playlist == playlist


@pytest.mark.parametrize(
    ("instant", "name", "into"),
    [
        ("03-27T07:00:00", "a", 0),
        ("03-27T07:00:10", "b", 0),
        ("03-27T07:00:24.900", "b", 14_900),
        ("03-27T07:00:25", "c", 0),
    ],
)
def test_position_is_the_clock(instant: str, name: str, into: int) -> None:
    loop = Playlist(id="loop", items=(item("a", 10), item("b", 15), item("c", 5)))
    moment = at(instant)
    play = plays(Programme((loop,), "Europe/Berlin"), None, moment)
    assert (play.item.id, moment - play.since_ms) == (name, into)


def test_a_share_comes_between_in_even_slots() -> None:
    loop = Playlist(id="loop", priority=10, items=(item("a", 10),))
    brand = Playlist(id="brand", priority=10, share=300, items=(item("b", 15),))
    recall = Playlist(id="recall", priority=90, items=(item("r", 10),), windows=(Window(127, 9 * 60, 9 * 60 + 5),))
    programme = Programme((loop, brand, recall), "UTC")
    hour = at("03-27T12:00:00")
    shown = [plays(programme, None, hour + second * 1000).playlist for second in range(3600)]
    assert shown.count("brand") == 300
    assert sum(one == "brand" != before for before, one in zip(["", *shown], shown, strict=False)) == 20
    covered = [plays(programme, None, at("03-27T09:00:00") + second * 1000).playlist for second in range(300)]
    assert set(covered) == {"recall"}, "nothing comes between what has a higher priority"


def test_equal_priorities_are_one_loop_in_the_order_of_the_list() -> None:
    programme = Programme((rule("x", 5), rule("y", 5), rule("z", 1)), "UTC")
    begin = at("03-27T00:00:00")
    assert [plays(programme, None, begin + second * 1000).playlist for second in (0, 9, 10, 19)] == ["x", "x", "y", "y"]
    verdicts = {each.playlist: each.verdict for each in plays(programme, None, begin).why}
    assert verdicts == {"x": "plays", "y": "merged", "z": "covered"}


def test_what_is_withdrawn_is_in_no_loop_and_silence_calls_back() -> None:
    sha = "0" * 64
    loop = Playlist(
        id="loop",
        items=(item("a"), PictureItem(id="b", recall=True, ms=10_000, media={"en": "1" * 64})),
    )
    begin = at("03-27T00:00:00")

    def shown(**more: object) -> set[str]:
        programme = Programme((loop,), "UTC", **more)  # type: ignore[arg-type]
        found = [plays(programme, None, begin + second * 1000) for second in range(0, 60, 5)]
        return {f"{play.playlist}/{play.item.id}" for play in found}

    assert shown() == {"loop/a", "loop/b"}
    assert shown(withdrawn=frozenset({sha})) == {"loop/b"}
    assert shown(withdrawn=frozenset({"loop/b"})) == {"loop/a"}
    assert shown(withdrawn=frozenset({"loop"})) == {"house/today", "house/offers"}
    assert shown(leased_until=begin + 60_000) == {"loop/a", "loop/b"}
    assert shown(leased_until=begin) == {"loop/a"}


def test_every_until_is_when_something_else_plays_or_the_same_begins_anew() -> None:
    moment, end = at("03-27T19:30:00"), at("03-29T02:00:00")
    while moment < end:
        play = plays(RULES, None, moment)
        assert play.since_ms <= moment < play.until_ms <= moment + play.item.ms
        assert plays(RULES, None, play.until_ms - 1).playlist == play.playlist
        moment = play.until_ms
