"""What deserves a second look in campaigns without a mistake: names that no catalogue knows, coupons that meet."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from edge.domain.orders.slips import PORTS
from edge.products.version import Version
from pricing.campaigns import Campaign, Selector, selectors


def remarks(
    campaigns: Sequence[Campaign],
    version: Version | None,
    languages: Sequence[str],
    now_ms: int,
    won: Collection[str] = (),
) -> list[str]:
    """A sentence each, in English, as the command line speaks it. `won` are campaigns that are prizes of games."""
    found: list[str] = []
    for each in campaigns:
        found += (f"{each.id}: {said}" for said in _of_one(each, languages, now_ms))
        if each.claim and each.budget.uses is None and each.id not in won:
            endless = "everybody can claim it without end: [campaigns.budget] uses says how many there are"
            found.append(f"{each.id}: {endless}")
    if version is not None:
        found += _unknown(campaigns, version)
    return [*found, *_that_meet(campaigns)]


def _of_one(campaign: Campaign, languages: Sequence[str], now_ms: int) -> Iterator[str]:
    lacking = [tag for tag in languages if not campaign.words.get(tag)]
    if lacking:
        yield f"its name is missing in {' and '.join(lacking)}: another language stands there"
    for way in campaign.when.payments:
        if way not in PORTS:
            yield f'"{way}" is none of {", ".join(PORTS)}: it holds only at a till that says so'
    until = campaign.when.until_ms
    if until is not None and until <= now_ms:
        yield "it has ended: take it out of its file"


def _unknown(campaigns: Sequence[Campaign], version: Version) -> Iterator[str]:
    kinds, brands = version.categories(), version.brands()
    for campaign in campaigns:
        for goods in selectors(campaign):
            for code in goods.products:
                if version.find(code) is None:
                    yield f"{campaign.id}: the catalogue in force has no product {code}"
            yield from (f"{campaign.id}: {said}" for said in _not_among("category", goods.categories, kinds))
            yield from (f"{campaign.id}: {said}" for said in _not_among("brand", goods.brands, brands))


def _not_among(what: str, names: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            yield f'no good of the catalogue in force has the {what} "{name}"{hint}'


def _that_meet(campaigns: Sequence[Campaign]) -> Iterator[str]:
    """Coupons that nothing keeps from being used together on the same goods."""
    free = [each for each in campaigns if each.claim and not each.alone]
    for one, other in combinations(free, 2):
        if one.group or other.group or _excluded(one, other) or not _may_share(one.when.goods, other.when.goods):
            continue
        yield f"{one.id} and {other.id} can be used together on the same goods: give both one group, or exclude one"


def _excluded(one: Campaign, other: Campaign) -> bool:
    return bool({one.id, one.group} & {*other.excludes} or {other.id, other.group} & {*one.excludes})


def _may_share(one: Selector, other: Selector) -> bool:
    if one.everything or other.everything:
        return True
    same = ((one.products, other.products), (one.categories, other.categories), (one.brands, other.brands))
    return any({*first} & {*second} for first, second in same)
