"""Where the cards of a page go. One is a poster, two are wide, three are a wide one over two, four are two by two; on a
page that is wider than high all of them stand beside each other.
"""

from __future__ import annotations

import itertools
from typing import Final

import msgspec

PER_PAGE: Final = 4
PER_PAGE_LARGE: Final = 2
"""Cards on a page with large text: each gets twice the room, so that nothing is cut."""


WIDE: Final = 2
"""So many stand beside each other with room for a picture beside the words of each."""


class CardBox(msgspec.Struct, frozen=True):
    """A card's rectangle, from the lower left corner, and how it is set."""

    x: float
    y: float
    width: float
    height: float
    tall: bool
    """Picture above the words, rather than beside them."""
    scale: float
    """Of letters and gaps, against a card of a page of four."""


def pages(coupons: int, per_page: int) -> list[int]:
    """How many cards each page shows, spread evenly: seven are four and three, five are three and two."""
    count = max(1, -(-coupons // per_page))
    least, more = divmod(coupons, count)
    return [least + (1 if page < more else 0) for page in range(count)]


def card_boxes(cards: int, width: float, height: float, gap: float) -> list[CardBox]:
    """The rectangles of one page's cards in reading order. At most `PER_PAGE` of them."""
    if width > height:
        return _beside(cards, width, height, gap)
    half, row = round((width - gap) / 2), round((height - gap) / 2)
    upper, right = height - row, width - half

    def small(x: float, y: float) -> CardBox:
        return CardBox(x, y, half, row, tall=True, scale=1.0)

    def wide(y: float) -> CardBox:
        return CardBox(0, y, width, row, tall=False, scale=1.3)

    layouts = {
        0: [],
        1: [CardBox(0, 0, width, height, tall=True, scale=1.85)],
        2: [wide(upper), wide(0)],
        3: [wide(upper), small(0, 0), small(right, 0)],
        4: [small(0, upper), small(right, upper), small(0, 0), small(right, 0)],
    }
    return layouts[cards]


def _beside(cards: int, width: float, height: float, gap: float) -> list[CardBox]:
    """In one row; where there is room for it the picture stands beside the words."""
    each = (width - gap * (cards - 1)) / max(1, cards)
    scale = {1: 1.6, 2: 1.2}.get(cards, 1.0)
    places = [round((each + gap) * place) for place in range(cards + 1)]
    return [
        CardBox(left, 0, after - gap - left, height, tall=cards > WIDE, scale=scale)
        for left, after in itertools.pairwise(places)
    ]
