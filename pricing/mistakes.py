"""What a campaign says that cannot be meant, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pricing.campaigns import Benefit, Bundle, Campaign, Gift, Nth, Off, Percent, Points, Price
from pricing.instants import BOUNDS
from pricing.moments import window

WHOLE = 10_000


def mistakes(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Each mistake: the field, and what was expected and found there."""
    if not campaign.id:
        yield "id", 'expected a name; found ""'
    if not 0 <= campaign.priority <= 9:
        yield "priority", f"expected 0 to 9; found {campaign.priority}"
    yield from _at_least("claim_days", campaign.claim_days, 0)
    if campaign.id in campaign.excludes:
        yield "excludes", f'"{campaign.id}" cannot exclude itself'
    yield from (("benefit." + field, said) for field, said in _benefit(campaign.benefit))
    yield from _stage(campaign)
    yield from (("when." + field, said) for field, said in _condition(campaign))
    yield from _counted(campaign)


def _benefit(benefit: Benefit) -> Iterator[tuple[str, str]]:
    match benefit:
        case Off():
            yield from _at_least("amount", benefit.amount, 1)
            yield from _at_least("per", benefit.per, 0)
        case Percent():
            yield from _share("bp", benefit.bp)
            yield from _at_least("most", benefit.most, 0)
        case Nth():
            yield from _nth(benefit)
        case Bundle():
            yield from _bundle(benefit)
        case Price() | Gift() | Points():
            yield from _plain(benefit)
    if not isinstance(benefit, Gift | Points):
        yield from _at_least("times", benefit.times, 0)


def _plain(benefit: Price | Gift | Points) -> Iterator[tuple[str, str]]:
    for name, least in (("amount", 0), ("count", 1), ("bp", 0), ("fixed", 0)):
        yield from _at_least(name, getattr(benefit, name, least), least)


def _nth(benefit: Nth) -> Iterator[tuple[str, str]]:
    yield from _share("bp", benefit.bp)
    yield from _at_least("n", benefit.n, 2)
    if not 1 <= benefit.count < max(2, benefit.n):
        yield "count", f"expected 1 to {max(1, benefit.n - 1)}, fewer than n; found {benefit.count}"


def _bundle(benefit: Bundle) -> Iterator[tuple[str, str]]:
    yield from _at_least("price", benefit.price, 0)
    if not benefit.parts:
        yield "parts", "expected at least one part; found none"
    named: set[str] = set()
    for number, part in enumerate(benefit.parts):
        yield from _at_least(f"parts[{number}].count", part.count, 1)
        if part.goods.everything and len(benefit.parts) > 1:
            yield (
                f"parts[{number}].goods",
                "expected products, categories or brands: a good may belong to one part only",
            )
        names = {*part.goods.products, *part.goods.categories, *part.goods.brands}
        for name in sorted(names & named):
            yield f"parts[{number}].goods", f'"{name}" stands in two parts; a good may belong to one part only'
        named |= names


def _stage(campaign: Campaign) -> Iterator[tuple[str, str]]:
    benefit = campaign.benefit
    if campaign.stage == "basket":
        if isinstance(benefit, Percent) and benefit.times:
            yield "benefit.times", 'a percentage of the basket is given once; say stage = "item" for so many units'
        if isinstance(benefit, Off) and benefit.times and not benefit.per:
            yield "benefit.times", 'money off the basket is given once; say "per", or stage = "item" for so many units'
    elif isinstance(benefit, Off) and benefit.per:
        yield "benefit.per", 'money off per spend is reckoned on the basket; say stage = "basket"'


def _condition(campaign: Campaign) -> Iterator[tuple[str, str]]:
    when = campaign.when
    yield from _at_least("min_spend", when.min_spend, 0)
    yield from _at_least("min_qty", when.min_qty, 0)
    if when.from_ms is not None and when.until_ms is not None and when.until_ms <= when.from_ms:
        yield "until", f"expected a moment after from, {_written(when.from_ms)}; found {_written(when.until_ms)}"
    for number, hours in enumerate(when.hours):
        try:
            window(hours)
        except ValueError as error:
            yield f"hours[{number}]", str(error)
    for number, day in enumerate(when.month_days):
        if not 1 <= day <= 31:
            yield f"month_days[{number}]", f"expected a day from 1 to 31; found {day}"
    if when.birthday is not None and not 0 <= when.birthday <= 183:
        yield "birthday", f"expected 0 to 183 days around it; found {when.birthday}"
    if when.bought is not None:
        yield from _at_least("bought.days", when.bought.days, 0)


def _written(at_ms: int) -> str:
    if at_ms not in BOUNDS:
        return str(at_ms)
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _counted(campaign: Campaign) -> Iterator[tuple[str, str]]:
    for name in campaign.limits.__struct_fields__:
        value = getattr(campaign.limits, name)
        if value is not None and value < 0:
            yield f"limits.{name}", f"expected 0 or more; found {value}"
    for name in campaign.budget.__struct_fields__:
        value = getattr(campaign.budget, name)
        if value is not None and value < 0:
            yield f"budget.{name}", f"expected 0 or more; found {value}"


def _at_least(field: str, value: int, least: int) -> Iterator[tuple[str, str]]:
    if value < least:
        yield field, f"expected {least} or more; found {value}"


def _share(field: str, bp: int) -> Iterator[tuple[str, str]]:
    if not 1 <= bp <= WHOLE:
        yield field, f"expected 1 to {WHOLE}, basis points: 1500 is 15 %; found {bp}"
