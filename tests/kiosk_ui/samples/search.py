"""Search without a keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk_ui import places
from kiosk_ui.screens.search.asking import Answer, Asked, Category, Known
from tests.kiosk_ui.samples.sample import Sample

WAYS: Final = tuple(
    Category(name, name.capitalize(), art) for name, art in (("dairy", "milk"), ("bakery", "bread"), ("fruit", "apple"))
)


def _knows(answer: Answer, *, lost: bool = False) -> Callable[[float], Known]:
    asked = Asked(answer.typed)
    return lambda at: Known(asked, answer, answered=True, lost=lost, tried_at=at)


SAMPLES: Final = (
    Sample(name="search", message=places.Search(), memory=_knows(Answer(lit="abcmnz", categories=WAYS))),
    Sample(name="search-empty", message=places.Search(), memory=_knows(Answer(typed="zzz", lit="")), covers=("empty",)),
    Sample(name="search-lost", message=places.Search(), memory=_knows(Answer(), lost=True), offline=True),
)
