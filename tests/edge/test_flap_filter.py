"""What flaps is counted, and what is true comes through."""

from __future__ import annotations

from typing import Any

from edge.gateway.flap_filter import BOUNCE, PRESENCE, SILENCE_S, FlapFilter

CLOSED = {"lock": "locked", "door": "closed", "occupied": False}
OPEN = {"lock": "unlocked", "door": "open", "occupied": False}
UNKNOWN = {"lock": "unknown", "door": "unknown", "occupied": None}
BANK = [f"{n:02d}" for n in range(1, 25)]


class Hand:
    """A clock and what is said by it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.now = 1000.0
        self.steady = FlapFilter(*args, **more, clock=lambda: self.now)
        self.writes = 0
        """How often what is told changed: facts come of no more."""
        self._told: dict[str, Any] = {}

    def say(self, parts: dict[str, Any], after: float = 0.0, *, anew: bool = False) -> bool:
        self.wait(after)
        if anew:
            self.steady.starts()
        told = self.steady.say(parts)
        self._count()
        return told

    def _count(self) -> None:
        self.writes += self._told != self.steady.told
        self._told = dict(self.steady.told)

    def wait(self, seconds: float) -> None:
        """Time passes, and what waits comes through when it is due, as the gateway's timers do."""
        end = self.now + seconds
        while (due := self.steady.due()) is not None and self.now + due <= end:
            self.now += due
            self.steady.settle()
            self._count()
        self.now = end


def bank(**other: dict[str, Any]) -> dict[str, Any]:
    return {door: other.get("d" + door, CLOSED) for door in BANK}


def blank() -> dict[str, Any]:
    return dict.fromkeys(BANK, UNKNOWN)


def test_a_bank_whose_doors_come_back_as_they_were_says_nothing() -> None:
    hand = Hand(BOUNCE)
    hand.say(bank())
    for _ in range(400):
        assert not hand.say(blank(), after=1, anew=True)
        hand.say(bank(), after=1)
        assert hand.steady.told == bank()
    assert hand.steady.flapped >= 390


def test_a_door_that_opens_while_its_bank_reconnects_is_told_at_once() -> None:
    hand = Hand(BOUNCE)
    hand.say(bank())
    for _ in range(50):
        hand.say(blank(), after=1, anew=True)
        hand.say(bank(), after=1)
    hand.say(blank(), anew=True)
    assert hand.say(bank(d05=OPEN)), "a door opened"
    assert hand.steady.told["05"] == OPEN
    hand.say(blank(), anew=True)
    assert hand.steady.told["05"] == OPEN, "that nobody knows for a moment is no news"
    assert hand.say(bank()), "and it closed"


def test_silence_that_lasts_is_told() -> None:
    hand = Hand(BOUNCE)
    hand.say(bank())
    hand.say(blank(), anew=True)
    hand.wait(SILENCE_S + 0.1)
    assert hand.steady.told == blank()
    assert hand.writes == 2
    assert hand.say(bank()), "it is heard again"


def test_a_board_that_goes_mute_under_a_driver_that_runs_is_told_at_once_and_bounded() -> None:
    hand = Hand(BOUNCE)
    hand.say(bank())
    hand.steady.starts()
    hand.say(bank(d01=OPEN))
    assert hand.say(blank()), "it knew its doors since its start"
    assert hand.say(bank())
    for _ in range(300):
        hand.say(blank(), after=1)
        hand.say(bank(), after=1)
    assert hand.writes < 20 + 2 * 10


def test_slow_silences_are_bounded_too() -> None:
    hand = Hand(BOUNCE)
    hand.say(bank())
    for _ in range(200):
        hand.say(blank(), after=8)
        hand.say(bank(), after=8)
    minutes = 200 * 16 / 60
    assert hand.writes < 20 + 2 * minutes


def test_presence_in_a_loop_comes_through_once_a_minute_and_ends_true() -> None:
    hand = Hand(PRESENCE, weight=lambda said: int(said[0]))
    for boot in range(400):
        hand.say({"": (True, f"b{boot}", "")}, after=1)
        hand.say({"": (False, "", "")}, after=1)
    assert hand.writes <= 6 + 800 / 60 + 1
    assert 395 <= hand.steady.flapped <= 400
    hand.say({"": (True, "last", "")}, after=1)
    hand.wait(PRESENCE.every_s)
    assert hand.steady.told[""] == (True, "last", "")
    assert not hand.steady.held
    assert hand.say({"": (False, "", "")}, after=600), "after a quiet time everything is at once again"


def test_a_bouncing_sensor_is_bounded_and_the_others_are_not_held() -> None:
    hand = Hand(BOUNCE)
    hand.say(bank())
    for n in range(600):
        hand.say(bank(d07=CLOSED if n % 2 else OPEN), after=0.1)
    assert hand.writes <= BOUNCE.most + 60 / BOUNCE.every_s + 1
    assert hand.say(bank(d07=OPEN, d08=OPEN)), "another door"
    hand.wait(BOUNCE.every_s)
    assert hand.steady.told["07"] == OPEN, "the newest"


def test_a_cart_that_leaves_while_its_lock_is_unknown_is_told() -> None:
    hand = Hand(BOUNCE)
    hand.say({"": {"lock": "locked", "docked": True}})
    assert not hand.say({"": {"lock": "unknown", "docked": None}}, anew=True)
    assert hand.say({"": {"lock": "unknown", "docked": False}})


def test_known_again_counts_as_something_to_tell() -> None:
    hand = Hand(BOUNCE)
    hand.say({"": {"lock": "locked", "docked": True}})
    hand.say({"": {"lock": "unknown", "docked": None}}, anew=True)
    assert hand.steady.held
    assert hand.say({"": {"lock": "locked", "docked": True}}), "what it shows now is newer than what was done meanwhile"


def test_names_that_a_device_invents_are_bounded() -> None:
    hand = Hand(BOUNCE)
    for n in range(5000):
        hand.say({f"x{n}": CLOSED})
    assert len(hand.steady.told) < 600
