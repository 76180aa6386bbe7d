"""What happens to baskets: every fact. Scans that found nothing and quotes while browsing are none."""

from __future__ import annotations

from edge.domain.baskets.rules import BasketLine, BasketRules, Collect, Why
from edge.journal.entry import Fact
from pricing.quote import Quote


class BasketRulesSet(Fact, frozen=True, tag="basket.rules_set.v1"):
    """The store's agreement about baskets is this from now on."""

    rules: BasketRules


class BasketOpened(Fact, frozen=True, tag="basket.opened.v1"):
    """Somebody has a basket: a person, or a session at a screen or till."""

    basket: str
    member: str = ""
    session: str = ""


class BasketLineAdded(Fact, frozen=True, tag="basket.line_added.v1"):
    """A good was put into a basket."""

    basket: str
    line: BasketLine


class BasketLineChanged(Fact, frozen=True, tag="basket.line_changed.v1"):
    """There are more or fewer pieces of a line now."""

    basket: str
    line: str
    quantity: int
    request: str = ""


class BasketLineRemoved(Fact, frozen=True, tag="basket.line_removed.v1"):
    """A line was taken out."""

    basket: str
    line: str
    scanned: bool = False
    """Whether it had been scanned, and was taken out without a scan."""


class BasketMerged(Fact, frozen=True, tag="basket.merged.v1"):
    """What lay in another basket lies in this one: its owner turned out to be the same person."""

    basket: str
    other: str
    lines: tuple[BasketLine, ...]
    """The goods that came over."""


class BasketChosen(Fact, frozen=True, tag="basket.chosen.v1"):
    """The shopper chose coupons to use or to keep, how many points to use, or a way of paying."""

    basket: str
    pins: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    burn: int | None = None
    paid_by: str = ""


class BasketCollectChosen(Fact, frozen=True, tag="basket.collect_chosen.v1"):
    """The shopper chose how to get what is not on the shelf."""

    basket: str
    collect: Collect


class BasketHeld(Fact, frozen=True, tag="basket.held.v1"):
    """A quote stands: what it names is reserved, and it may be paid as it is until then."""

    basket: str
    revision: int
    quote: Quote
    until_ms: int
    fees: int = 0
    """Late fees that its owner owes and pays along, beside what the quote says."""


class BasketReleased(Fact, frozen=True, tag="basket.released.v1"):
    """A hold ended without payment: what it had reserved is free again."""

    basket: str
    why: Why


class BasketParked(Fact, frozen=True, tag="basket.parked.v1"):
    """A basket can be taken with a code until then: by a phone, at another screen, at a till."""

    basket: str
    seed: str
    """Names the code; what proves it is made with the store's key, and stands in no fact."""
    until_ms: int
    place: str = ""
    """The screen that shows it; empty where a phone does."""


class BasketTaken(Fact, frozen=True, tag="basket.taken.v1"):
    """Somebody took a basket with its code: its goods lie in theirs, and nobody else takes it any more."""

    basket: str
    into: str
    by: str
    """A member's random id, or the session at a screen or till."""


class BasketPaid(Fact, frozen=True, tag="basket.paid.v1"):
    """A basket was paid. It never changes again."""

    basket: str
    order: str


class BasketDropped(Fact, frozen=True, tag="basket.dropped.v1"):
    """A basket that nobody paid was emptied: by whoever's it was, or after a long time."""

    basket: str
    idle: bool = False


class BasketAgeAsked(Fact, frozen=True, tag="basket.age_asked.v1"):
    """Somebody wants to buy what is not for everybody: staff is called to look at their age."""

    basket: str
    age: int
    at: str = ""
    """The touchpoint that the buyer's browser scanned last; empty where nobody knows."""


class AgeConfirmed(Fact, frozen=True, tag="age.confirmed.v1"):
    """Staff looked: this basket's buyer is old enough for what lies in it, or is not."""

    basket: str
    age: int
    """What was asked for: goods with a higher age ask again."""
    staff: str
    enough: bool = True
