"""The terms of baskets: whose they are, what lies in them, how long one is held."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from edge.domain.setting import Setting

HOLD_MS: Final = 10 * 60_000
"""How long a quote that was held may be paid as it is."""
PARK_MS: Final = 30 * 60_000
"""How long a basket can be taken with its code, and how long what a screen gathered is kept without a touch."""
FRESH_MS: Final = 5 * 60_000
"""A code that was given out less long ago is not given out anew."""
HOUR_MS: Final = 3_600_000
MAX_LINES: Final = 200
"""More lines are no shopper's basket."""
MAX_PAIRED: Final = 40
"""Goods of a basket up to which it says what goes together: a larger one is a household's month."""
MAX_PIECES: Final = 999
"""Of one line."""
HEAVIEST_G: Final = 100_000
"""Of one weighed bag."""

State = Literal["open", "held", "paid", "merged", "dropped"]
"""`held`: a quote stands, coupons and points are reserved for it. `merged`: its goods lie in another basket."""
UNPAID: Final = ("open", "held")

How = Literal["camera", "scanner", "digits", "search", "page", "till"]
"""How a good came in: by the phone's camera, a scanner of the store, typed digits, the search, its page, a till."""

Away = Literal["", "room", "elsewhere"]
"""Where a good lies that is not on the shelf: in this store's stock room, or in another store or warehouse."""
Collect = Literal["counter", "locker", "later"]
"""How whoever buys such goods gets them: staff bring them to the collection point, put them into a locker, or keep them
for another day.
"""

Why = Literal["cancelled", "edited", "timed_out", "merged"]
"""Why a hold ended without payment."""


class BasketRules(msgspec.Struct, frozen=True):
    """The store's agreement about baskets."""

    screens: Annotated[tuple[str, ...], Setting()] = ()
    """Screens whose scanner fills a basket (self-checkout): what is held to it goes into the basket of whoever showed a
    member's code there, or into one of the screen's own. At other screens a product is only shown."""
    tax_percent: Annotated[float, Setting(ge=0, le=99)] = 0.0
    """The tax within the prices of goods whose line in the catalogue names none (13 in much of China)."""
    idle_hours: Annotated[float, Setting(gt=0, le=720)] = 48.0
    """After so many hours without a change a basket that nobody paid is emptied."""


class Owner(msgspec.Struct, frozen=True):
    """Whose basket it is: a person's, a guest's included, or that of a session at a screen or till."""

    member: str = ""
    session: str = ""
    """`screen/<device>` or `till/<name>`."""


class Good(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is put into a basket, as its code and the catalogue told it."""

    gtin: str
    """14 digits."""
    quantity: int = 1
    """Pieces. 1 for what is weighed: each bag is a line."""
    grams: int | None = None
    label_price: int | None = None
    """What its own label says that is to be paid for it."""
    price: int | None = None
    """What one of it (or a kilogram) cost on the shelf at that moment; none where this store has set no price."""
    age: int = 0
    """From which age on it may be sold; 0 for everybody."""
    how: How = "page"
    at: str = ""
    """The touchpoint or device where it was scanned, where one is known."""
    away: Away = ""
    """Empty where whoever buys it has it in hand, or takes it from the shelf."""

    @property
    def alone(self) -> bool:
        """Whether each of it is a line of its own."""
        return self.grams is not None or self.label_price is not None


class BasketLine(Good, frozen=True, omit_defaults=True, kw_only=True):
    """A line of a basket."""

    line: str
    """Its id: the request that put it in, a UUID."""
    added_ms: int = 0


class Choices(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the shopper chose of offers and points."""

    pins: tuple[str, ...] = ()
    """Coupons to use in any case."""
    without: tuple[str, ...] = ()
    """Coupons to keep for another time."""
    burn: int | None = None
    """Points to use at most; none is as many as may be."""
    paid_by: str = ""
    """The way of paying that the price is for, and that it is paid by; empty where no offer shall ask for one."""


class HoldResult(msgspec.Struct, frozen=True):
    """The answer to a hold."""

    basket: str
    revision: int
    total: int
    until_ms: int
    already: bool = False
