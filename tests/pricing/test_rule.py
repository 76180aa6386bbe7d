# ruff: noqa: E501 - sentences stand as they are said
"""What a campaign says in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.settings.settings import load
from pricing.campaigns import (
    Bought,
    Budget,
    Bundle,
    Campaign,
    Condition,
    Gift,
    Limits,
    Nth,
    Off,
    Part,
    Percent,
    Points,
    Price,
    Selector,
)
from pricing.rule import Speaker

MILK, BREAD = Selector(categories=("milk",)), Selector(products=("00000000000017",))
NAMES = {"milk": "fresh milk", "00000000000017": "Loaf"}
EN = Speaker("en", "CNY", NAMES)


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        (Campaign("a", Off(1000)), ["¥10.00 off"]),
        (Campaign("a", Off(1000, per=10000, times=2)), ["¥10.00 off for each ¥100.00", "2 × at most"]),
        (Campaign("a", Off(100), stage="item"), ["¥1.00 off each"]),
        (Campaign("a", Percent(1250, most=900)), ["12.5% off", "¥9.00 at most"]),
        (Campaign("a", Price(990), Condition(goods=MILK)), ["¥9.90 each", "on fresh milk"]),
        (Campaign("a", Nth(2)), ["buy one, get one free"]),
        (Campaign("a", Nth(3)), ["3 for the price of 2"]),
        (Campaign("a", Nth(5, count=2)), ["5 for the price of 3"]),
        (Campaign("a", Nth(2, 5000)), ["the second one half price"]),
        (Campaign("a", Nth(2, 3000, pairing="cheap")), ["the second one 30% off", "of mixed prices the cheapest stand together"]),
        (Campaign("a", Nth(4, 3000)), ["one of every 4 30% off"]),
        (Campaign("a", Bundle(1800, (Part(MILK), Part(BREAD, 2)))), ["together ¥18.00: 1 × fresh milk + 2 × Loaf"]),
        (Campaign("a", Gift(BREAD)), ["1 × Loaf free"]),
        (Campaign("a", Points()), ["2 × the points"]),
        (Campaign("a", Points(0, fixed=50)), ["50 points more"]),
        (Campaign("a", Off(1), Condition(min_spend=500, min_qty=2, weekdays=("fri", "sat"), hours=("22:00-02:00",))),
         ["¥0.01 off", "from ¥5.00", "from 2 items", "on Fri, Sat", "22:00–02:00"]),
        (Campaign("a", Off(1), Condition(min_spend=500, spend_of=MILK)), ["¥0.01 off", "from ¥5.00 of fresh milk"]),
        (Campaign("a", Off(1), Condition(levels=("gold",), first_order=True, month_days=(8, 18), payments=("cash",), birthday=3, bought=Bought(MILK)), claim=True),
         ["coupon", "¥0.01 off", "on days 8, 18 of the month", "Gold member only", "birthday, 3 days before and after", "first order", "for who bought fresh milk before", "paid by cash"]),
        (Campaign("a", Off(1), Condition(birthday=0)), ["¥0.01 off", "on the birthday"]),
        (Campaign("a", Off(1), Condition(member=True, tags=("baby", "pets"))),
         ["¥0.01 off", "members only", "for members with the tag baby, pets"]),
    ],
)  # fmt: skip
def test_a_rule_begins_with_what_it_gives(campaign: Campaign, said: list[str]) -> None:
    assert EN.rule(campaign) == said


def test_bounds() -> None:
    found = Campaign("a", Off(1), limits=Limits(1, 2, 3, 4), budget=Budget(5, 600), alone=True)
    assert EN.bounds(found) == [
        "1 per order", "2 per person", "3 per person and day", "4 a day", "5 in all", "¥6.00 in all", "with no other offer",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_every_example_is_said_in_every_language(language: str) -> None:
    speaker = Speaker(language, "CNY")
    store = load(Path(__file__).parents[2] / "config")
    for campaign in store.campaigns:
        said = " ".join([*speaker.rule(campaign), *speaker.bounds(campaign)])
        assert said
        assert not re.search(r"(?<!\d)–|offer_rule|\{", said)
        assert set(campaign.words) == {"zh-CN", "en", "de"}


def test_the_example_has_each_kind() -> None:
    kinds = {type(each.benefit) for each in load(Path(__file__).parents[2] / "config").campaigns}
    assert kinds == {Off, Percent, Price, Nth, Bundle, Gift, Points}
