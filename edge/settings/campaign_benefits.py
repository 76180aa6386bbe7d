"""What a campaign gives, as a table of a file: its kind, and what belongs to that (`edge.settings.campaign_tables`)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from edge.settings.model import SettingsModel
from edge.settings.sections import LARGEST
from gs1.trade import gtin14
from pricing.campaigns import Bundle, Gift, Nth, Off, Part, Percent, Points, Price, Selector

Money = Annotated[int, Field(ge=0, le=LARGEST)]
SomeMoney = Annotated[int, Field(gt=0, le=LARGEST)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Times = Annotated[int, Field(ge=0, le=1_000_000)]


def _gtin(text: str) -> str:
    found = gtin14(text)
    if found is None:
        raise ValueError(f'expected the digits below a bar code, 8 to 14 with the right check digit; found "{text}"')
    return found


def _hundredths(value: float) -> float:
    if round(value * 100) != value * 100 and abs(round(value * 100) - value * 100) > 1e-9:
        raise ValueError(f"expected at most two decimals; found {value:g}")
    return value


Gtin = Annotated[str, AfterValidator(_gtin)]
Percentage = Annotated[float, Field(gt=0, le=100), AfterValidator(_hundredths)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]


def basis_points(percent: float) -> int:
    """A percentage of the file as campaigns hold it."""
    return round(percent * 100)


class GoodsSettings(SettingsModel):
    """Which goods. What fits any of the lists belongs to them; empty lists are everything."""

    products: tuple[Gtin, ...] = ()
    """Bar code numbers."""
    categories: tuple[Name, ...] = ()
    """Categories of the catalogue, by their ids."""
    brands: tuple[Name, ...] = ()
    """Brands, as the catalogue writes them in any language."""

    @property
    def everything(self) -> bool:
        """Whether it names nothing."""
        return not (self.products or self.categories or self.brands)

    def selector(self) -> Selector:
        """As prices are worked out by it."""
        return Selector(self.products, self.categories, self.brands)


class PartSettings(GoodsSettings):
    """One part of a bundle."""

    count: Annotated[int, Field(ge=1, le=100)] = 1
    """How many of these goods belong to one bundle."""


class OffSettings(SettingsModel):
    """Money off: of the sum of a basket, or of each piece."""

    kind: Literal["off"]
    """`off`."""
    amount: SomeMoney
    """How much."""
    per: Money = 0
    """Again for each such sum: 1000 per 10000 is 10.00 off each 100.00. 0 is once."""
    times: Times = 0
    """How often at most; 0 is without bound."""

    def to_struct(self) -> Off:
        """As prices are worked out by it."""
        return Off(self.amount, per=self.per, times=self.times)


class PercentSettings(SettingsModel):
    """Percent off: of the sum of a basket, or of each piece."""

    kind: Literal["percent"]
    """`percent`."""
    percent: Percentage
    """How much: 15 is 15 % off, 8.5折 in Chinese."""
    most: Money = 0
    """How much money at most; 0 is without bound."""
    times: Times = 0
    """Of how many pieces at most, where it is taken off each piece; 0 is without bound."""

    def to_struct(self) -> Percent:
        """As prices are worked out by it."""
        return Percent(basis_points(self.percent), most=self.most, times=self.times)


class PriceSettings(SettingsModel):
    """Another price for each piece: flash sale, members' price, add-on for little money."""

    kind: Literal["price"]
    """`price`."""
    price: Money
    """For one piece; for one kilogram of goods that are weighed."""
    times: Times = 0
    """For how many pieces at most, the dearest first; the others cost as always. 0 is without bound."""

    def to_struct(self) -> Price:
        """As prices are worked out by it."""
        return Price(self.price, times=self.times)


class NthSettings(SettingsModel):
    """Every n-th piece for less: buy one get one, second for half, three for two."""

    kind: Literal["nth"]
    """`nth`."""
    n: Annotated[int, Field(ge=2, le=100)]
    """Which piece: 2 is every second one."""
    percent: Percentage = 100
    """What is taken off it: 100 is free."""
    times: Times = 0
    """How often at most; 0 is without bound."""
    pairing: Literal["dear", "cheap"] = "dear"
    """Of goods at different prices: `dear` groups the dearest together, the best for the shopper, and is what a card
    at the shelf is read as; `cheap` groups the cheapest together. Say so in `terms`."""

    def to_struct(self) -> Nth:
        """As prices are worked out by it."""
        return Nth(self.n, basis_points(self.percent), times=self.times, pairing=self.pairing)


class BundleSettings(SettingsModel):
    """Several goods together for one price."""

    kind: Literal["bundle"]
    """`bundle`."""
    price: Money
    """For one of each part."""
    parts: Annotated[tuple[PartSettings, ...], Field(min_length=1, max_length=8)]
    """What belongs to it. A good that fits two parts is of the one that has it in `products`, else of the first."""
    times: Times = 0
    """How often at most; 0 is without bound."""

    def to_struct(self) -> Bundle:
        """As prices are worked out by it."""
        return Bundle(self.price, tuple(Part(part.selector(), part.count) for part in self.parts), times=self.times)


class GiftSettings(GoodsSettings):
    """Something for nothing; it must lie in the basket."""

    kind: Literal["gift"]
    """`gift`."""
    count: Annotated[int, Field(ge=1, le=100)] = 1
    """How many of these goods."""

    def to_struct(self) -> Gift:
        """As prices are worked out by it."""
        return Gift(self.selector(), self.count)


class PointsSettings(SettingsModel):
    """More points for what is bought."""

    kind: Literal["points"]
    """`points`."""
    multiplier: Annotated[float, Field(gt=1, le=100), AfterValidator(_hundredths)] | None = None
    """Points times this: 2 doubles them."""
    fixed: Count | None = None
    """Or so many points more."""

    @model_validator(mode="after")
    def _one_of_both(self) -> PointsSettings:
        if (self.multiplier is None) == (self.fixed is None):
            raise ValueError("expected either multiplier or fixed")
        return self

    def to_struct(self) -> Points:
        """As prices are worked out by it."""
        more = 0 if self.multiplier is None else basis_points((self.multiplier - 1) * 100)
        return Points(bp=more, fixed=self.fixed or 0)


BENEFITS: Final[dict[str, type[SettingsModel]]] = {
    "off": OffSettings, "percent": PercentSettings, "price": PriceSettings, "nth": NthSettings,
    "bundle": BundleSettings, "gift": GiftSettings, "points": PointsSettings,
}  # fmt: skip
"""By `kind`."""
Benefit = Annotated[
    OffSettings | PercentSettings | PriceSettings | NthSettings | BundleSettings | GiftSettings | PointsSettings,
    Field(discriminator="kind"),
]
