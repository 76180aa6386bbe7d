"""What is wrong with campaigns although each of their values is well formed: what does not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final, NamedTuple

from edge.domain.ledger.rules import LEVELS
from edge.settings.campaign_benefits import (
    BundleSettings,
    GiftSettings,
    NthSettings,
    OffSettings,
    PercentSettings,
    PriceSettings,
)
from edge.settings.campaign_tables import CampaignSettings
from edge.settings.mistakes import unknown

OF_THE_SUM: Final = (OffSettings, PercentSettings)
"""Benefits that can be taken off the sum of a basket."""

Place = tuple[str | int, ...]
Wrong = tuple[Place, str]
"""Below the campaign's table, and what is wrong there."""


class CampaignNames(NamedTuple):
    """What campaigns may name; none where it cannot be told."""

    zones: frozenset[str] | None
    touchpoints: frozenset[str] | None
    screens: frozenset[str] | None
    tags: frozenset[str] | None
    """What some code says of who scans it."""
    campaigns: frozenset[str]
    """Ids and groups of all campaigns."""


def mistakes_in(campaign: CampaignSettings, known: CampaignNames) -> Iterator[Wrong]:
    """Everything that does not fit together in one campaign."""
    yield from _names(campaign, known)
    yield from _times(campaign)
    yield from _stage(campaign)
    yield from _benefit(campaign)
    yield from _thresholds(campaign)


def _names(campaign: CampaignSettings, known: CampaignNames) -> Iterator[Wrong]:
    when = campaign.when
    for key, what, names, there in (
        ("zones", "zone", when.zones, known.zones),
        ("touchpoints", "code", when.touchpoints, known.touchpoints),
        ("screens", "screen", when.screens, known.screens),
        ("tags", "code that gives the tag", when.tags, known.tags),
        ("levels", "level", when.levels, frozenset(LEVELS)),
    ):
        yield from unknown(("when", key), what, names, there)
    own = {campaign.id, campaign.group}
    for name in campaign.excludes:
        if name in own:
            said = "itself" if name == campaign.id else "its own group, of which only one is used anyhow"
            yield ("excludes",), f'excludes: expected other campaigns or groups; found {said} ("{name}")'
    yield from unknown(("excludes",), "campaign or group", campaign.excludes, known.campaigns)


def _times(campaign: CampaignSettings) -> Iterator[Wrong]:
    first, until = campaign.when.from_, campaign.when.until
    if first is not None and until is not None and first >= until:
        said = f"found {first:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}"
        yield ("when", "until"), f"when.until: expected an end after the beginning; {said}: it would never hold"


def _stage(campaign: CampaignSettings) -> Iterator[Wrong]:
    kind = campaign.benefit.kind
    if campaign.stage == "basket" and not isinstance(campaign.benefit, OF_THE_SUM) and kind != "points":
        yield (
            ("stage",),
            f'stage: expected "item", as "{kind}" is taken off each piece; found "basket"',
        )
    if isinstance(campaign.benefit, PercentSettings) and campaign.benefit.times and campaign.stage != "item":
        yield ("benefit", "times"), 'benefit.times: counts pieces; expected stage = "item" beside it'
    if isinstance(campaign.benefit, OffSettings) and campaign.benefit.per and campaign.stage == "item":
        yield ("stage",), 'stage: expected "basket", as `per` counts the sum of one; found "item"'


def _benefit(campaign: CampaignSettings) -> Iterator[Wrong]:
    found = campaign.benefit
    if isinstance(found, OffSettings) and found.per and found.amount > found.per:
        yield ("benefit", "amount"), f"benefit.amount: expected at most per ({found.per}); found {found.amount}"
    if isinstance(found, OffSettings) and not found.per and campaign.stage != "item" and found.times > 1:
        yield (
            ("benefit", "times"),
            "benefit.times: counts how often `per` is reached; there is no `per`",
        )
    if isinstance(found, GiftSettings) and found.everything:
        yield ("benefit",), "benefit: which goods are the gift? Name products, categories or brands"
    if isinstance(found, PriceSettings) and campaign.goods.everything:
        yield (
            ("benefit", "price"),
            "benefit.price: one price for all goods; say which in [campaigns.goods]",
        )
    if isinstance(found, BundleSettings):
        yield from _bundle(campaign, found)


def _bundle(campaign: CampaignSettings, bundle: BundleSettings) -> Iterator[Wrong]:
    if not campaign.goods.everything:
        yield ("goods",), "goods: the parts of a bundle say which goods belong to it; leave goods out"
    for index, part in enumerate(bundle.parts):
        if part.everything:
            yield (
                ("benefit", "parts", index),
                f"benefit.parts[{index}]: name products, categories or brands",
            )
    if len(bundle.parts) == 1 and bundle.parts[0].count == 1:
        yield (
            ("benefit", "parts"),
            'benefit.parts: expected two pieces at least; for one there is kind = "price"',
        )
    for (one, first), (two, second) in combinations(enumerate(bundle.parts), 2):
        for key in ("products", "categories", "brands"):
            both = sorted({*getattr(first, key)} & {*getattr(second, key)})
            if both:
                said = f'"{both[0]}" stands in part {one} and in part {two}; no good may fit two parts of a bundle'
                yield ("benefit", "parts", two), f"benefit.parts[{two}].{key}: {said}"


def _thresholds(campaign: CampaignSettings) -> Iterator[Wrong]:
    when, found = campaign.when, campaign.benefit
    budget = campaign.budget
    if budget.shared and budget.uses is None and campaign.claim:
        yield (
            ("budget", "shared"),
            "budget.shared: coupons are leased by their number; expected uses, how many there are",
        )
    elif budget.shared and budget.uses is None and budget.amount is None:
        yield ("budget", "shared"), "budget.shared: expected uses or amount, which the stores share"
    if when.spend_of is not None and not (
        when.min_spend or when.min_qty or (isinstance(found, OffSettings) and found.per)
    ):
        yield ("when", "spend_of"), "when.spend_of: counts for min_spend, min_qty or per; none of them stands there"
    if isinstance(found, NthSettings) and 0 < when.min_qty < found.n:
        said = f"{found.n} pieces are needed anyhow; found {when.min_qty}: leave it out"
        yield ("when", "min_qty"), f"when.min_qty: {said}"
    if (
        isinstance(found, OffSettings)
        and campaign.stage != "item"
        and not found.per
        and 0 < when.min_spend < found.amount
    ):
        said = f"expected at most min_spend ({when.min_spend}); found {found.amount}"
        yield ("benefit", "amount"), f"benefit.amount: {said}: the store would give away whole baskets"
