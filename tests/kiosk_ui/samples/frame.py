"""Home and what lies around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk_ui import places
from kiosk_ui.screens.help.calling import Known as Call
from kiosk_ui.screens.home.loading import Answer, Basket, Known
from tests.kiosk_ui.samples.sample import Sample, wall

EVERYWHERE: Final = frozenset({"offers", "scan", "search", "map", "basket", "mine", "lockers", "games", "help"})
FULL: Final = Answer(EVERYWHERE, Basket(5, 11_151), free_doors=17)


def _knows(answer: Answer = FULL, *, away: bool = False) -> Callable[[float], Known]:
    return lambda at: Known(answer, away=away, answered_clock="10:29", asked_at=at)


def _called(state: str = "", name: str = "") -> Callable[[float], Call]:
    return lambda at: Call(state, name, asked_at=at)


SAMPLES: Final = (
    Sample(name="offers", message=places.Offers(), covers=("normal",)),
    Sample(name="offers-pages", message=places.Offers(), wall=wall(7)),
    Sample(name="help", message=places.Help(), memory=_called(), covers=("normal",)),
    Sample(name="help-called", message=places.Help(), memory=_called("open")),
    Sample(name="help-taken", message=places.Help(), memory=_called("taken", "Li")),
    Sample(name="help-away", message=places.Help(), memory=_called("away"), offline=True, covers=("offline",)),
    Sample(name="still-there", message=places.StillThere(0), covers=("normal",)),
)
