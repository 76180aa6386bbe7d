"""The home of this place."""

from __future__ import annotations

from typing import Final

from kiosk_ui import places
from kiosk_ui.screens.home.handlers import BasketSummary, HomeAnswer, Memory
from tests.kiosk_ui.samples.around_home import LONG_OFFER, sixty
from tests.kiosk_ui.samples.sample import Sample, wall

EVERYTHING: Final = frozenset(
    {"offers", "search", "map", "mine", "lockers", "games", "help", "basket", "scan", "hours"}
)


def known(at: float, *, away: bool = False) -> Memory:
    """What the gateway said last."""
    return Memory(
        HomeAnswer(EVERYTHING, BasketSummary(5, 11_151), "CNY", 17), away, "10:29", asked_at=at, language="zh-CN"
    )


def gone(at: float) -> Memory:
    """It does not answer."""
    return known(at, away=True)


SAMPLES: Final = (
    Sample(name="home", message=places.Home(), memory=known, covers=("normal",)),
    Sample(name="home-empty", message=places.Home(), memory=known, wall=wall(0), covers=("empty",)),
    Sample(name="home-one", message=places.Home(), memory=known, wall=wall(1), covers=("one",)),
    Sample(name="home-sixty", message=places.Home(), memory=known, wall=sixty(), covers=("sixty",)),
    Sample(name="home-long", message=places.Home(), memory=known, wall=sixty(**LONG_OFFER), covers=("long",)),
    Sample(name="home-offline", message=places.Home(), memory=gone, offline=True, covers=("offline",)),
)
