"""A game from the screen's side: the kiosk's own flow and jobs against a running store, phones beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_drivers.contract import Service
from kiosk_ui.places import Games
from kiosk_ui.screens.games.handlers import RETRY_S, SPIN_S
from tests.web.glass import Glass
from tests.web.test_games import _screens_stay, member, send

if TYPE_CHECKING:
    from tests.web.running import RunningStore

__all__ = ["_screens_stay"]


def test_from_the_list_to_the_prize(store: RunningStore) -> None:
    glass = Glass(store)
    glass.open(Games())
    glass.until(lambda: glass.memory.games)
    assert [each.game for each in glass.view.choices] == ["family", "wheel"]
    glass.touch("choose", "wheel")
    glass.until(lambda: glass.view.join)
    assert (
        sum(float(each.percent) for game in glass.memory.games or () for each in game.odds if game.id == "wheel") == 100
    )
    assert glass.view.key == ""  # nobody has joined
    name = glass.view.join.rpartition("/")[2]
    anna = member(store)
    send(anna, store, name, do="join")
    glass.until(lambda: glass.view.key)
    assert [seat.art for seat in glass.view.seats] == ["strawberry", "", "", ""]
    glass.touch("draw")
    glass.until(lambda: glass.view.turning)
    assert glass.view.result is None  # it turns
    glass.pass_s(SPIN_S)
    result = glass.view.result
    assert result is not None
    assert glass.view.winner >= 0
    assert f"/fair/wheel?run=1&number={result.url.partition('number=')[2].partition('#')[0]}" in result.url
    glass.touch("again")
    glass.until(lambda: glass.view.stage == "play")
    glass.touch("draw")
    glass.until(lambda: glass.memory.round is not None and glass.memory.round.refused)
    assert "明天再来" in glass.view.note


def test_the_screen_does_not_idle_while_phones_play_and_does_afterwards(store: RunningStore) -> None:
    glass = Glass(store)
    glass.open(Games())
    glass.until(lambda: glass.memory.games)
    glass.touch("choose", "family")
    glass.until(lambda: glass.view.join)
    send(member(store), store, glass.view.join.rpartition("/")[2], do="join")
    glass.until(lambda: glass.view.seats)
    glass.pass_s(100)
    assert glass.state.question is None
    glass.pass_s(30)
    glass.pass_s(61)
    assert glass.state.stack == () or glass.state.question is not None


def test_without_the_store_it_says_so_and_comes_back(store: RunningStore) -> None:
    glass = Glass(store)
    good = glass.state.backdrop.message.service
    glass.served_by(Service("http://127.0.0.1:9", "nobody's"))
    glass.open(Games())
    glass.until(lambda: glass.memory.problem)
    assert glass.view.stage == "empty"
    glass.served_by(good)
    glass.pass_s(RETRY_S)
    glass.until(lambda: glass.memory.games)
    assert glass.view.stage == "list"
