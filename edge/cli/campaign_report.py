"""What `storekeeper campaigns check` finds: each campaign in words with an example, and what a change would cost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from edge.domain.campaigns import queries
from edge.domain.catalogue import queries as catalogue_queries
from edge.gateway.campaign_example import Example, Shelf, example
from edge.gateway.campaign_remarks import remarks
from edge.gateway.campaign_trial import CampaignSum, CampaignTrial, TrialResult, paid_baskets
from edge.journal import Reader
from edge.journal.queries import has_tables
from edge.products.build import path_of
from edge.products.version import BadVersion, Version
from edge.products.versions import folder_of
from edge.settings.settings import Settings
from pricing.campaigns import Campaign, selectors
from pricing.rule import Speaker
from words.money import format_money

LANGUAGE: Final = "en"
"""The command line's."""


class StoreData:
    """What lies in a store's data folder, as far as it is there."""

    def __init__(self, reader: Reader | None, version: Version | None) -> None:
        self.reader = reader
        self.version = version

    def close(self) -> None:
        """Give the journal back."""
        if self.reader is not None:
            self.reader.close()

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        """Those in force."""
        has = self.reader is not None and has_tables(self.reader, "campaigns")
        return queries.in_force(self.reader) if has and self.reader is not None else ()


def opened(data: Path) -> StoreData:
    """The store of a data folder. Nothing is written."""
    path = data / "storekeeper.db"
    try:
        reader = Reader(path) if path.exists() else None
    except sqlite3.Error:
        reader = None
    return StoreData(reader, _version(reader, data) if reader is not None else None)


def _version(reader: Reader, data: Path) -> Version | None:
    row = catalogue_queries.in_force(reader) if has_tables(reader, "catalogue_versions") else None
    try:
        return Version(path_of(folder_of(data), row.version)) if row is not None else None
    except (BadVersion, OSError, sqlite3.Error):
        return None


class CampaignSummary(msgspec.Struct, frozen=True):
    """One campaign in words."""

    id: str
    coupon: bool
    name: str
    rule: str
    example: str = ""
    remark: str = ""
    """What is strange about the example."""


class CostComparison(msgspec.Struct, frozen=True):
    """What two sets of campaigns came to on the same baskets."""

    baskets: int
    first_ms: int
    last_ms: int
    now: TrialResult
    new: TrialResult
    dearer: int
    """Baskets that would have cost more."""
    cheaper: int


class CampaignReport(msgspec.Struct, frozen=True):
    """All of it."""

    currency: str
    campaigns: list[CampaignSummary]
    remarks: list[str]
    cost: CostComparison | None = None
    none_why: str = ""
    """Why nothing can be said of the cost."""

    def document(self) -> dict[str, Any]:
        """For programs."""
        found: dict[str, Any] = {"good": True, **msgspec.to_builtins(self)}
        if self.cost is not None:
            for side in ("now", "new"):
                del found["cost"][side]["totals"]
        return found

    def lines(self) -> Iterator[str]:
        """For people."""
        width = max((len(each.id) for each in self.campaigns), default=0)
        for each in self.campaigns:
            yield f"  {each.id:<{width}}  {each.name}: {each.rule}"
            if each.example:
                yield f"  {'':<{width}}  {each.example}"
        for remark in self.remarks:
            yield f"  Look again: {remark}"
        yield from self._cost(self.cost) if self.cost is not None else [self.none_why]

    def _cost(self, cost: CostComparison) -> Iterator[str]:
        first, last = (datetime.fromtimestamp(each / 1000, UTC) for each in (cost.first_ms, cost.last_ms))
        shelf = self._money(cost.now.shelf)
        yield f"On the last {cost.baskets:,} paid baskets ({first:%Y-%m-%d} to {last:%Y-%m-%d}, {shelf} on the shelf):"
        yield f"  {'':<26}{'in force':>14}{'these':>14}{'change':>14}"
        yield self._row("taken off", cost.now.discount, cost.new.discount)
        yield self._row("paid, before points", cost.now.paid, cost.new.paid)
        was, now = cost.now.with_offers, cost.new.with_offers
        yield f"  {'baskets with an offer':<26}{was:>14,}{now:>14,}{now - was:>+14,}"
        yield f"  {cost.cheaper:,} baskets would have been cheaper, {cost.dearer:,} dearer."
        names = sorted({*cost.now.by_campaign, *cost.new.by_campaign})
        for name in names:
            before, after = (side.by_campaign.get(name, CampaignSum()) for side in (cost.now, cost.new))
            row = self._row(f"  {name}", before.amount, after.amount)
            yield f"{row}   {before.baskets:,} → {after.baskets:,} baskets"

    def _row(self, what: str, was: int, now: int) -> str:
        change = self._money(now - was) if now <= was else f"+{self._money(now - was)}"
        return f"  {what:<26}{self._money(was):>14}{self._money(now):>14}{change:>14}"

    def _money(self, amount: int) -> str:
        return format_money(amount, self.currency, LANGUAGE)


def report(store: StoreData, settings: Settings, now_ms: int, *, most: int, everybody: bool) -> CampaignReport:
    """What is to be said of the campaigns of some settings, beside a store that works now."""
    zone, currency = settings.store.zone.key, settings.store.currency
    speaker = Speaker(LANGUAGE, currency, _names(store.version, settings.campaigns))
    shelf = Shelf(store.version) if store.version is not None else None
    said = []
    for each in settings.campaigns:
        shown = example(each, shelf, now_ms=now_ms, timezone=zone, currency=currency) if shelf is not None else None
        said.append(_summary(each, speaker, shown, currency, catalogue=shelf is not None))
    won = {prize.coupon for game in settings.games for prize in game.prizes if prize.coupon}
    found = remarks(settings.campaigns, store.version, settings.store.languages, now_ms, won)
    found += [f"{each.id}: {each.remark}" for each in said if each.remark]
    if store.version is None:
        found.append("no catalogue is in force here: names of goods were not looked at, and there are no examples")
    cost, why = _cost(store, settings, most=most, everybody=everybody)
    return CampaignReport(currency, said, found, cost, why)


def _names(version: Version | None, campaigns: Iterable[Campaign]) -> dict[str, str]:
    if version is None:
        return {}
    found = version.category_names(LANGUAGE)
    for code in {code for each in campaigns for goods in selectors(each) for code in goods.products}:
        product = version.find(code)
        if product is not None:
            found[code] = product.title(LANGUAGE)
    return found


def _summary(
    campaign: Campaign, speaker: Speaker, shown: Example | None, currency: str, *, catalogue: bool
) -> CampaignSummary:
    rule = " · ".join([*speaker.rule(campaign), *speaker.bounds(campaign)])
    name = campaign.words.get(LANGUAGE) or next(iter(campaign.words.values()), campaign.id)
    remark, text = "", ""
    if shown is not None:
        text = _example(shown, currency)
        remark = "" if shown.gives else "it gives nothing beyond the shelf price"
    elif catalogue:
        remark = "this store sells nothing that it could be used for"
    return CampaignSummary(campaign.id, campaign.claim, name, rule, text, remark)


def _example(shown: Example, currency: str) -> str:
    quote = shown.quote
    goods = ", ".join(_line_text(shown, line.gtin, line.quantity, line.grams) for line in quote.lines)
    shelf, total = (format_money(each, currency, LANGUAGE) for each in (quote.shelf, quote.total))
    points = sum(each.points for each in quote.used)
    more = f", {points:,} points more" if points else ""
    return f"e.g. {goods}: {shelf} → {total}{more}"


def _line_text(shown: Example, gtin: str, quantity: int, grams: int | None) -> str:
    names = shown.goods[gtin].names
    name = names.get(LANGUAGE) or next(iter(names.values()), gtin)
    return f"{quantity} × {name}" if grams is None else f"{quantity} × {grams / 1000:g} kg {name}"


def _cost(store: StoreData, settings: Settings, *, most: int, everybody: bool) -> tuple[CostComparison | None, str]:
    has = store.reader is not None and has_tables(store.reader, "orders")
    baskets = paid_baskets(store.reader, most) if has and store.reader is not None and most else []
    if not baskets:
        return None, "No basket was paid here yet: nothing can be said of the cost."
    find = store.version.find if store.version is not None else lambda _: None
    trial = CampaignTrial(baskets, find, settings.store.zone.key, settings.store.currency)
    now = trial.run(store.campaigns, everybody=everybody)
    new = trial.run(settings.campaigns, everybody=everybody)
    times = [each.at_ms for each in baskets]
    changes = [new.totals[order] - total for order, total in now.totals.items()]
    dearer, cheaper = sum(each > 0 for each in changes), sum(each < 0 for each in changes)
    return CostComparison(len(baskets), min(times), max(times), now, new, dearer, cheaper), ""
