"""Games of chance as `store.toml` sets them: prizes with their chances, and what all of it may cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, model_validator

from edge.domain.games.fairness import MILLION
from edge.domain.games.rules import MAX_PLAYERS, Game, Kind, Prize
from edge.settings.forms import Identifier
from edge.settings.mistakes import File, did_you_mean
from edge.settings.model import SettingsModel
from edge.settings.sections import LARGEST
from edge.settings.texts import Text
from edge.settings.toml_files import Mistake

PPM: Final = 10_000
"""Tickets of a million for one per cent."""
TOP_PRIZE: Final = {"CN": 5_000_000}
"""What one prize may be worth at most, by country, in the smallest unit."""


def _exact(value: float) -> float:
    if abs(round(value * PPM) - value * PPM) > 1e-6:
        raise ValueError(f"expected at most four decimals; found {value:g}")
    return value


Chance = Annotated[float, Field(gt=0, le=100), AfterValidator(_exact)]


class PrizeSettings(SettingsModel):
    """What can be won: a coupon or points."""

    id: Identifier
    """Its name in facts."""
    name: Text
    """What shoppers read, short enough for a slice of a wheel."""
    percent: Chance
    """How likely it is, in per cent with at most four decimals. It stands on screen and phone as it stands here."""
    coupon: Identifier | None = None
    """The campaign or offer whose coupon it is; from then on that coupon is to be won and cannot be claimed."""
    points: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """How many points it is."""
    cost: Annotated[int, Field(ge=0, le=LARGEST)] = 0
    """What it costs the store when it is won, in the currency's smallest unit. It is kept aside in the same step."""
    stock: Annotated[int, Field(ge=0, le=LARGEST)] | None = None
    """How many there are in all; left out there is no bound but the caps."""
    art: Identifier = "gift"
    """The picture that stands for it."""

    @model_validator(mode="after")
    def _one_thing(self) -> PrizeSettings:
        if (self.coupon is None) == (self.points == 0):
            found = "neither" if self.coupon is None else "both"
            raise ValueError(f'expected "coupon" or "points" for the prize "{self.id}"; found {found}')
        return self

    def to_struct(self) -> Prize:
        """As it is drawn."""
        return Prize(
            id=self.id,
            name=dict(self.name),
            ppm=round(self.percent * PPM),
            cost=self.cost,
            stock=self.stock,
            coupon=self.coupon or "",
            points=self.points,
            art=self.art,
        )


class GameSettings(SettingsModel):
    """A game of chance that members play at screens and phones."""

    id: Identifier
    """Its name in addresses and facts. A change opens it anew, with another root; what was given counts on."""
    kind: Kind = "wheel"
    """How it is shown: a wheel that turns, boxes of which one opens (draw), or phones that are shaken."""
    name: Text
    """What shoppers read above it."""
    zones: tuple[Identifier, ...] = ()
    """Zones whose screens offer it; everywhere where it is left out."""
    cap: Annotated[int, Field(ge=0, le=LARGEST)] = 0
    """What all prizes may cost in all, in the currency's smallest unit. 0 suits prizes that cost nothing."""
    cap_day: Annotated[int, Field(ge=0, le=LARGEST)] | None = None
    """What they may cost in one day of the store; left out as much as in all."""
    chances_a_day: Annotated[int, Field(ge=1, le=100)] = 1
    """How often one member may play in a day."""
    proven: bool = False
    """Whether only members whose number is proven may play."""
    players: Annotated[int, Field(ge=1, le=MAX_PLAYERS)] = MAX_PLAYERS
    """How many phones may join at one screen. A draw falls on one of them."""
    prizes: Annotated[tuple[PrizeSettings, ...], Field(min_length=1, max_length=12)]
    """What can be won. What their chances leave to 100 per cent wins nothing."""

    @model_validator(mode="after")
    def _adds_up(self) -> GameSettings:
        names = [each.id for each in self.prizes]
        if twice := next((name for place, name in enumerate(names) if name in names[:place]), None):
            raise ValueError(f'prizes: expected each id once; found "{twice}" twice')
        whole = sum(round(each.percent * PPM) for each in self.prizes)
        if whole > MILLION:
            raise ValueError(f"prizes: expected chances of at most 100 per cent in all; found {whole / PPM:g}")
        most = min(self.cap, self._day())
        for each in self.prizes:
            if each.cost > most:
                said = f'prize_over_cap: expected "{each.id}" to cost at most what the game may ({most})'
                raise ValueError(f"{said}; found {each.cost}")
        return self

    def _day(self) -> int:
        return self.cap if self.cap_day is None else self.cap_day

    def to_struct(self) -> Game:
        """As it is played."""
        return Game(
            id=self.id,
            kind=self.kind,
            name=dict(self.name),
            prizes=tuple(each.to_struct() for each in self.prizes),
            zones=self.zones,
            cap=self.cap,
            cap_day=self._day(),
            per_day=self.chances_a_day,
            proven=self.proven,
            players=self.players,
        )


def mistakes_in(store: File[Any], coupons: Iterable[str], region: str) -> Iterator[Mistake]:
    """What does not fit to the rest of the settings: zones, coupons, ids, and prizes above what a country allows.

    `coupons` are the campaigns and offers that can be a prize.
    """
    zones = {table["id"] for _, table in store.tables("zones") if isinstance(table.get("id"), str)}
    known, most, seen = set(coupons), TOP_PRIZE.get(region), set[str]()
    for index, game in store.tables("games"):
        name = game.get("id")
        if isinstance(name, str) and name in seen:
            yield store.mistake(("games", index, "id"), f'id: "{name}" is taken; every game needs its own')
        seen |= {name} if isinstance(name, str) else set()
        for zone in _texts(game.get("zones")):
            if zones and zone not in zones:
                text = f'zones: expected a zone of this store; found "{zone}"{did_you_mean(zone, sorted(zones))}'
                yield store.mistake(("games", index, "zones"), text)
        for place, prize in enumerate(_tables(game.get("prizes"))):
            where = ("games", index, "prizes", place)
            coupon, cost = prize.get("coupon"), prize.get("cost")
            if isinstance(coupon, str) and coupon not in known:
                near = did_you_mean(coupon, sorted(known))
                text = f'prizes.coupon: expected a coupon or a campaign with "claim"; found "{coupon}"{near}'
                yield store.mistake((*where, "coupon"), text)
            if most is not None and isinstance(cost, int) and cost > most:
                text = f"prizes.cost: expected at most {most}, which is what a prize may be worth here; found {cost}"
                yield store.mistake((*where, "cost"), text)


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _tables(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
