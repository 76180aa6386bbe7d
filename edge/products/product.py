"""A product as the catalogue has it. Every part that a store may not know is optional, and is then not shown."""

from __future__ import annotations

from typing import Literal

import msgspec

from words.languages import Words, in_language

Unit = Literal["g", "kg", "ml", "cl", "l", "m", "piece"]
"""What a size is counted in."""

SoldBy = Literal["piece", "kg"]
"""What the price is for: one of it, or a kilogram of it."""


class Size(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How much is in it: `packs` times `amount` of `unit`."""

    amount: str
    """A decimal number, as it stands on the package: `950`, `1.5`."""
    unit: Unit
    packs: int = 1
    counter: str = ""
    """What Chinese counts these pieces with, as it stands on the package: 枚 for eggs, 片 for slices."""


class Promotion(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is cheaper, from when until when. Money in the smallest unit, times in Unix milliseconds."""

    price: int | None = None
    """Instead of the usual price."""
    buy: int = 0
    """So many for the price of `pay`; 0 is no such offer."""
    pay: int = 0
    words: Words = {}
    """The store's own words for it; without them there are plain ones."""
    from_ms: int | None = None
    until_ms: int | None = None

    def on(self, now_ms: int) -> bool:
        """Whether it holds now."""
        return (self.from_ms or 0) <= now_ms and (self.until_ms is None or now_ms < self.until_ms)


class Review(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one buyer said."""

    stars: int
    """1 to 5."""
    words: str
    """In the language it was written in."""
    by: str = ""


class Reviews(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What buyers said in all."""

    stars: float
    """Mean, 1 to 5."""
    count: int
    said: tuple[Review, ...] = ()


class Step(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A station on the way to the shelf."""

    words: Words
    on: str = ""
    """ISO date, or date and time of the store: `2026-11-23T06:20`."""


class Trace(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where this batch comes from."""

    batch: str = ""
    made: str = ""
    """ISO date of harvest, catch or making."""
    steps: tuple[Step, ...] = ()
    best_before: str = ""
    """ISO date: the last good day."""
    report: str = ""
    """Address of what a laboratory found."""


class Stock(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How much of it another store of the chain has, or the web shop."""

    store: Words
    """What shoppers call it."""
    count: int
    price: int | None = None
    """What it costs there, in the currency's smallest unit; none where that is not known."""


class Product(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One product. Money in the smallest unit of the store's currency."""

    gtin: str
    """14 digits."""
    name: Words
    """In one language at least."""
    price: int | None = None
    """Usual price; none where this store has not set one."""
    sold_by: SoldBy = "piece"
    size: Size | None = None
    promotion: Promotion | None = None
    category: str = ""
    """Its id, such as `milk`."""
    category_name: Words = {}
    brand: Words = {}
    origin: Words = {}
    trace: Trace | None = None
    reviews: Reviews | None = None
    picture: str = ""
    """Name of a file in the catalogue's `pictures` folder."""
    art: str = ""
    """Drawing that stands where there is no picture; one of the store's own."""
    shelves: tuple[str, ...] = ()
    """Touchpoints of the purpose `shelf` where it stands."""
    level: int = 0
    """On which board of the shelf, counted from below; 0 where nobody knows."""
    stock: int | None = None
    """How many there were when the catalogue was made; none where nobody counts."""
    elsewhere: tuple[Stock, ...] = ()
    """The same of other stores, the nearest first."""
    goes_with: tuple[str, ...] = ()
    """What is often in the same basket: GTIN-14, the closest first."""
    here: bool = True
    """Whether this store has it now."""
    tax_bp: int | None = None
    """Tax within its price, in hundredths of a percent; none is the store's usual rate."""
    no_offers: bool = False
    """Whether it takes part in no offer: tobacco, value cards, deposits."""
    age: int = 0
    """From which age on it may be sold; 0 for everybody."""

    def title(self, language: str) -> str:
        """Its name in a language, or in the nearest there is."""
        return in_language(self.name, language)

    @property
    def href(self) -> str:
        """Its page."""
        return f"/p/{self.gtin}"
