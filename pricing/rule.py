"""A campaign in plain words, in any language: what it gives, on what, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pricing.campaigns import (
    Benefit,
    Bundle,
    Campaign,
    Gift,
    Nth,
    Off,
    Percent,
    Points,
    Price,
    Selector,
)
from words.money import format_money
from words.sentences import has, say

HALF, WHOLE = 5000, 10_000


class Speaker:
    """Says the rules of campaigns in one language."""

    def __init__(self, language: str, currency: str, names: Mapping[str, str] | None = None) -> None:
        """`names` are those of categories and products, by id and GTIN; what has none is called by its id."""
        self._language = language
        self._currency = currency
        self._names = names or {}

    def rule(self, campaign: Campaign) -> list[str]:
        """What a shopper wants to know of it, the benefit first."""
        return [*self._benefit(campaign), *self._goods(campaign), *self._condition(campaign)]

    def bounds(self, campaign: Campaign) -> list[str]:
        """How often it may be used, and what it may cost."""
        limits, budget = campaign.limits, campaign.budget
        counted = (
            ("per_order", limits.per_order),
            ("per_member", limits.per_member),
            ("per_member_day", limits.per_member_day),
            ("per_store_day", limits.per_store_day),
            ("budget_uses", budget.uses),
        )
        found = [self._say(key, count=most) for key, most in counted if most is not None]
        if budget.amount is not None:
            found.append(self._say("budget_amount", money=self._money(budget.amount)))
        return [*found, *([self._say("alone")] if campaign.alone else [])]

    def goods(self, selector: Selector) -> str:
        """The goods that a selector names."""
        named = [*selector.products, *selector.categories, *selector.brands]
        return self._listed(named) if named else self._say("everything")

    def _benefit(self, campaign: Campaign) -> Iterator[str]:
        if campaign.claim:
            yield self._say("coupon")
        found = campaign.benefit
        yield self._benefit_text(found, each=campaign.of_items)
        if isinstance(found, Percent) and found.most:
            yield self._say("most", money=self._money(found.most))
        if isinstance(found, Nth) and found.pairing == "cheap":
            yield self._say("cheap")
        if times := getattr(found, "times", 0):
            yield self._say("times", count=times)

    def _benefit_text(self, found: Benefit, *, each: bool) -> str:
        match found:
            case Off() | Percent():
                return self._taken_off(found, each=each)
            case Price():
                return self._say("price", money=self._money(found.amount))
            case Nth():
                return self._nth(found)
            case Bundle():
                parts = [self._say("part", count=part.count, goods=self.goods(part.goods)) for part in found.parts]
                return self._say("bundle", money=self._money(found.price), parts=" + ".join(parts))
            case Gift():
                return self._say("gift", count=found.count, goods=self.goods(found.goods))
            case Points():
                return self._points(found)

    def _taken_off(self, found: Off | Percent, *, each: bool) -> str:
        if isinstance(found, Percent):
            return self._say("percent_each" if each else "percent", percent=found.bp / 100)
        if found.per:
            return self._say("off_per", money=self._money(found.amount), per=self._money(found.per))
        return self._say("off_each" if each else "off", money=self._money(found.amount))

    def _nth(self, found: Nth) -> str:
        if found.bp == WHOLE:
            return self._say("nth_2_free" if found.n == 2 else "nth_free", n=found.n, less=found.n - found.count)
        if found.n == 2:
            return self._say("nth_half" if found.bp == HALF else "nth_2", percent=found.bp / 100)
        return self._say("nth", n=found.n, percent=found.bp / 100)

    def _points(self, found: Points) -> str:
        if found.fixed:
            return self._say("points_fixed", count=found.fixed)
        return self._say("points", times=(found.bp + WHOLE) / WHOLE)

    def _goods(self, campaign: Campaign) -> Iterator[str]:
        if not campaign.when.goods.everything:
            yield self._say("on", goods=self.goods(campaign.when.goods))

    def _condition(self, campaign: Campaign) -> Iterator[str]:
        when = campaign.when
        of = "_of" if when.spend_of is not None else ""
        goods = self.goods(campaign.scope)
        if when.min_spend:
            yield self._say(f"min_spend{of}", money=self._money(when.min_spend), goods=goods)
        if when.min_qty:
            yield self._say(f"min_qty{of}", count=when.min_qty, goods=goods)
        if when.weekdays:
            days = self._listed([say(self._language, f"weekdays.{day}") for day in when.weekdays])
            yield self._say("days", days=days)
        if when.month_days:
            yield self._say("month_days", days=self._listed(list(map(str, when.month_days))))
        if when.hours:
            yield self._say("hours", hours=self._listed([each.replace("-", "–") for each in when.hours]))
        yield from self._who(campaign)

    def _who(self, campaign: Campaign) -> Iterator[str]:
        when = campaign.when
        if when.levels:
            keys = {each: f"points.level_{each}" for each in when.levels}
            called = [say(self._language, key) if has(key) else each for each, key in keys.items()]
            yield self._say("levels", levels=self._listed(called))
        elif when.member:
            yield self._say("member")
        if when.tags:
            yield self._say("tags", tags=self._listed(when.tags))
        if when.birthday is not None:
            yield self._say("birthday" if when.birthday else "birthday_itself", days=when.birthday)
        if when.first_order:
            yield self._say("first_order")
        if when.bought is not None:
            yield self._say("bought", goods=self.goods(when.bought.goods))
        if when.payments:
            yield self._say("payments", ways=self._listed(when.payments))

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, f"offer_rule.{key}", **values)

    def _money(self, amount: int) -> str:
        return format_money(amount, self._currency, self._language)

    def _listed(self, names: Sequence[str]) -> str:
        mark = "、" if self._language.startswith("zh") else ", "
        return mark.join(self._names.get(name, name) for name in names)
