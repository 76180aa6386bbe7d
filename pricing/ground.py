"""What any set of offers leaves of each position at least: from it follows which differences between offers last."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.campaigns import Bundle, Off, Percent
from pricing.offers import Offer, of_basket, worth


class Ground:
    """Bounds that hold whatever set of these offers takes part."""

    def __init__(self, offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int]) -> None:
        self.offers, self.counts = offers, counts
        self.left = [unit * count for unit, count in zip(units, counts, strict=True)]
        self.values = {id(offer): worth(offer, units, counts, self.left) for offer in offers}
        self.most = self._most()
        self.taken = self._taken()
        offs = [offer for offer in offers if not offer.of_items and isinstance(offer.campaign.benefit, Off)]
        self.tight = frozenset(
            at for offer in offs if self.least(offer) < min(offer.amount, offer.cap) for at in offer.places
        )
        """Positions where money off may find less than it could give: what one offer gives there another may lose."""
        self.restless = [offer for offer in offs if self._may_be_lost(offer)]
        """Coupons that others may bring to be mostly lost."""
        self.keeps = self._keeps()
        self.slack = 2 * sum(not offer.of_items for offer in offers) + 2

    def risk(self, offer: Offer) -> int:
        """What coupons may lose in all because this offer gives more."""
        return sum(
            min(other.amount, other.cap) for other in self.restless if not other.touched.isdisjoint(offer.touched)
        )

    def least(self, offer: Offer) -> int:
        """What is left of a basket offer's goods, whatever else takes part."""
        return int(sum(self.left[at] - self.taken[at] for at in offer.places))

    def clearly_more(self, rival: Offer, offer: Offer, *, same_units: bool) -> bool:
        """Whether the rival gives so much more that nothing which follows takes it back."""
        if not offer.of_items:
            more = self._more_of_basket(rival, offer)
        elif same_units:
            more = min((much - less for much, less in zip(rival.offs, offer.offs, strict=True)), default=0)
        else:
            more = self.values[id(rival)] - self.values[id(offer)] if self._undisturbed(offer) else 0
        return more > 0 and more * self._kept(offer) * self._loose(offer) > self.slack + self.risk(offer)

    def _more_of_basket(self, rival: Offer, offer: Offer) -> int:
        least = self.least(rival)
        if least <= 0:
            return 0
        if isinstance(rival.campaign.benefit, type(offer.campaign.benefit)) and rival.cap >= offer.cap:
            return of_basket(rival, least) - of_basket(offer, least)
        return of_basket(rival, least) - self.values[id(offer)]

    def _undisturbed(self, offer: Offer) -> bool:
        """Whether no other group's item offer looks at its units, and each basket offer at all of its goods or none."""
        for other in self.offers:
            if other.touched.isdisjoint(offer.touched):
                continue
            if other.of_items and other.campaign.group != offer.campaign.group:
                return False
            if not other.of_items and not offer.touched <= other.touched:
                return False
        return True

    def _kept(self, offer: Offer) -> float:
        return min((self.keeps[at] for at in offer.touched), default=1.0)

    def _loose(self, offer: Offer) -> float:
        """The share of what it gives that no money off can lose again."""
        if self.tight.isdisjoint(offer.touched):
            return 1.0
        if offer.of_items:
            return 0.0
        there = self.least(offer)
        tight = sum(self.left[at] for at in offer.places if at in self.tight)
        return max(0.0, 1 - tight / there) if there > 0 else 0.0

    def _may_be_lost(self, offer: Offer) -> bool:
        return bool(offer.coupon) and not offer.pinned and self.least(offer) * 2 < min(offer.amount, offer.cap)

    def _most(self) -> int:
        """The most that all offers together could take off: of each group its best."""
        found: dict[str, int] = {}
        for offer in self.offers:
            name = _group(offer)
            found[name] = max(found.get(name, 0), self.values[id(offer)])
        return sum(found.values())

    def _taken(self) -> list[float]:
        """The most that may be taken off each position."""
        groups: dict[str, dict[int, float]] = {}
        for offer in self.offers:
            found = groups.setdefault(_group(offer), {})
            for at, money in self._shares(offer):
                if money > found.get(at, 0.0):
                    found[at] = money
        taken = [0.0] * len(self.left)
        for found in groups.values():
            for at, money in found.items():
                taken[at] += money
        return [min(money, float(whole)) for money, whole in zip(taken, self.left, strict=True)]

    def _shares(self, offer: Offer) -> list[tuple[int, float]]:
        if isinstance(offer.campaign.benefit, Bundle):
            return [(at, float(self.left[at])) for at in offer.touched]
        if offer.of_items:
            pairs = zip(offer.places, offer.offs, strict=True)
            return [(at, float(off * self.counts[at])) for at, off in pairs]
        spend = sum(self.left[at] for at in offer.places)
        if isinstance(offer.campaign.benefit, Percent):
            share = offer.campaign.benefit.bp / 10_000
        else:
            share = self.values[id(offer)] / max(1, spend - self.most)
        return [(at, share * self.left[at] + 1) for at in offer.places]

    def _keeps(self) -> list[float]:
        """Of each unit of money off a position, what percentages that follow leave of it at least."""
        groups: dict[str, dict[int, int]] = {}
        for offer in self.offers:
            benefit = offer.campaign.benefit
            if isinstance(benefit, Percent) and not offer.of_items:
                found = groups.setdefault(_group(offer), {})
                for at in offer.places:
                    found[at] = max(found.get(at, 0), benefit.bp)
        keeps = [1.0] * len(self.left)
        for found in groups.values():
            for at, bp in found.items():
                keeps[at] *= 1 - bp / 10_000
        return keeps


def _group(offer: Offer) -> str:
    return f"group:{offer.campaign.group}" if offer.campaign.group else offer.name
