"""Goods: a tile in a list, and all there is of one."""

from __future__ import annotations

import msgspec


class ProductPrice(msgspec.Struct, frozen=True):
    """What it costs now, in the currency's minor unit."""

    now: int
    was: int | None = None
    """Usual price, where it is cheaper now."""
    of: str = ""
    """What it is for, where it is not one piece: `/kg`."""
    off: int = 0
    """Whole per cent off, rounded down; 0 for none."""


class ShelfSpot(msgspec.Struct, frozen=True):
    """Where it stands."""

    shelf: str
    label: str = ""
    zone: str = ""
    level: int = 0
    metres: float | None = None
    """As the crow flies from the screen."""
    at: tuple[float, float] = (0.0, 0.0)


class ProductTile(msgspec.Struct, frozen=True):
    """A product in a list."""

    gtin: str
    name: str
    size: str = ""
    art: str = ""
    tint: str = "#E7E3D8"
    picture: str = ""
    """Path at the gateway; empty where there is none."""
    cost: ProductPrice | None = None
    per_unit: str = ""
    here: bool = True
    buyable: bool = False
    """Whether it can go into a basket from here: it has a price, and is no matter of weighing."""
    spot: ShelfSpot | None = None


class Station(msgspec.Struct, frozen=True):
    """A step on its way to the shelf."""

    words: str
    when: str = ""


class Trace(msgspec.Struct, frozen=True):
    """Where this batch comes from."""

    steps: tuple[Station, ...] = ()
    batch: str = ""
    made: str = ""
    best_before: str = ""
    days_left: int | None = None
    """Whole days that it is still good, today not counted; none where the day is past or unknown."""
    report: str = ""


class BuyerReview(msgspec.Struct, frozen=True):
    """What a buyer said."""

    stars: int
    words: str
    by: str = ""


class Rating(msgspec.Struct, frozen=True):
    """What buyers said in all."""

    stars: float
    count: int
    said: tuple[BuyerReview, ...] = ()


class ComparedProduct(msgspec.Struct, frozen=True):
    """Another by the price of a unit."""

    gtin: str
    name: str
    size: str = ""
    per_unit: str = ""
    share: float = 0.0
    """Of the dearest one's unit price: the length of a bar."""
    own: bool = False
    less: int = 0
    same: bool = False
    """It is the same in another size."""


class StoreStock(msgspec.Struct, frozen=True):
    """How many another store has."""

    store: str
    count: int


class StockLevels(msgspec.Struct, frozen=True):
    """How many there are, and when that was known."""

    here: int | None = None
    elsewhere: tuple[StoreStock, ...] = ()
    when: str = ""


class PlanArea(msgspec.Struct, frozen=True):
    """A zone, in metres from the upper left corner."""

    plan: tuple[float, float, float, float]
    lit: bool = False
    """It stands there."""


class Plan(msgspec.Struct, frozen=True):
    """The store, small."""

    width: float
    height: float
    areas: tuple[PlanArea, ...] = ()
    you: tuple[float, float] | None = None
    way: tuple[tuple[float, float], ...] = ()
    """From you to it, around what stands on the floor; empty where nobody knows one."""


class ProductDetails(msgspec.Struct, frozen=True):
    """Everything that a screen shows of one product."""

    tile: ProductTile
    code: str = ""
    """As it stands under the bars."""
    currency: str = "CNY"
    brand: str = ""
    origin: str = ""
    age: int = 0
    promotion: str = ""
    until: str = ""
    points: int = 0
    """That a member gets for it; 0 where there are none."""
    lowest: str = ""
    """The sentence about the lowest price of 30 days beside a reduced one, where somebody must or wants to read it."""
    rating: Rating | None = None
    trace: Trace | None = None
    compared: tuple[ComparedProduct, ...] = ()
    together: tuple[ProductTile, ...] = ()
    alike: tuple[ProductTile, ...] = ()
    stock: StockLevels | None = None
    plan: Plan | None = None
    page: str = ""
    """Address of its page for phones."""
    ready: str = ""
    """By when it would be there, where it does not stand on a shelf."""
