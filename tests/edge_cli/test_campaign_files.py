# ruff: noqa: E501 - messages stand as they are printed
"""The files of `campaigns/`: what they become, and what a person reads who made a mistake in one."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.settings.settings import SettingsError, load
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

EXAMPLE = Path(__file__).parents[2] / "config"
MILK = "06901234567892"
HEAD = """
[[campaigns]]
id = "spring-1"
name = { zh-CN = "春天", en = "Spring", de = "Frühling" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return without_campaigns(tmp_path)


def without_campaigns(tmp_path: Path) -> Path:
    """The example store without its campaigns, and without what names one: games and playlists."""
    left_out = shutil.ignore_patterns("campaigns", "playlists.toml")
    made = Path(shutil.copytree(EXAMPLE, tmp_path / "config", ignore=left_out))
    (made / "campaigns").mkdir()
    store = made / "store.toml"
    store.write_text(store.read_text("utf-8").partition("\n[[games]]")[0] + "\n", "utf-8")
    return made


def one(folder: Path, text: str) -> Campaign:
    (folder / "campaigns" / "spring.toml").write_text(HEAD + text, "utf-8")
    (found,) = load(folder).campaigns
    return found


def mistakes(folder: Path, text: str, file: str = "spring.toml") -> list[str]:
    (folder / "campaigns" / file).write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(folder)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "benefit", "stage"),
    [
        ('benefit = { kind = "off", amount = 1000 }', Off(1000), "basket"),
        ('benefit = { kind = "off", amount = 1000, per = 10000, times = 2 }', Off(1000, 10000, 2), "basket"),
        ('stage = "item"\nbenefit = { kind = "off", amount = 100 }', Off(100), "item"),
        ('benefit = { kind = "percent", percent = 12.5, most = 900 }', Percent(1250, 900), "basket"),
        ('goods = { categories = ["milk"] }\nbenefit = { kind = "price", price = 990, times = 2 }', Price(990, 2), "item"),
        ('benefit = { kind = "nth", n = 2, percent = 50 }', Nth(2, 5000), "item"),
        ('benefit = { kind = "nth", n = 3, pairing = "cheap" }', Nth(3, 10000, pairing="cheap"), "item"),
        ('benefit = { kind = "gift", categories = ["bag"] }', Gift(Selector(categories=("bag",))), "item"),
        ('benefit = { kind = "points", multiplier = 2 }', Points(bp=10000), "basket"),
        ('benefit = { kind = "points", fixed = 50 }', Points(bp=0, fixed=50), "basket"),
    ],
)  # fmt: skip
def test_each_kind_of_benefit(folder: Path, text: str, benefit: object, stage: str) -> None:
    found = one(folder, text)
    assert (found.benefit, found.stage) == (benefit, stage)


def test_everything_that_a_campaign_may_say(folder: Path) -> None:
    found = one(
        folder,
        """
about = { zh-CN = "好", en = "good", de = "gut" }
priority = 3
group = "dairy"
claim = true
on_return = "reprice"
funded_by = "Dairy Ltd"
goods = { products = ["6901234567892"], categories = ["milk"], brands = ["Mengniu"] }
limits = { order = 1, member = 3, member_day = 2, store_day = 50 }
budget = { uses = 100, amount = 50000 }
benefit = { kind = "off", amount = 100 }

[campaigns.when]
min_spend = 5000
spend_of = { categories = ["milk", "yoghurt"] }
zones = ["dairy"]
touchpoints = ["poster-door", "screen-fresh"]
screens = ["screen-fresh"]
weekdays = ["fri", "sat"]
month_days = [8, 18]
hours = ["07:00-09:00", "22:00-02:00"]
levels = ["gold"]
tags = ["baby"]
members_only = true
birthday = 3
first_order = true
bought = { categories = ["milk"], days = 30 }
paid_by = ["wechat"]
""",
    )
    assert found == Campaign(
        id="spring-1",
        benefit=Off(100),
        when=Condition(
            goods=Selector((MILK,), ("milk",), ("Mengniu",)),
            spend_of=Selector(categories=("milk", "yoghurt")),
            min_spend=5000,
            zones=("dairy",),
            touchpoints=("poster-door", "screen-fresh"),
            screens=("screen-fresh",),
            weekdays=("fri", "sat"),
            month_days=(8, 18),
            hours=("07:00-09:00", "22:00-02:00"),
            member=True,
            levels=("gold",),
            tags=("baby",),
            birthday=3,
            first_order=True,
            bought=Bought(Selector(categories=("milk",)), 30),
            payments=("wechat",),
        ),
        priority=3,
        group="dairy",
        claim=True,
        limits=Limits(1, 3, 2, 50),
        budget=Budget(100, 50000),
        on_return="reprice",
        funded_by="Dairy Ltd",
        words={"zh-CN": "春天", "en": "Spring", "de": "Frühling"},
        subtitle={"zh-CN": "好", "en": "good", "de": "gut"},
        tint="#EFE7DA",
    )


def test_a_bundle_has_parts(folder: Path) -> None:
    found = one(
        folder,
        """
[campaigns.benefit]
kind = "bundle"
price = 1800

[[campaigns.benefit.parts]]
products = ["6901234567892"]

[[campaigns.benefit.parts]]
categories = ["bread"]
count = 2
""",
    )
    assert found.benefit == Bundle(1800, (Part(Selector((MILK,))), Part(Selector(categories=("bread",)), 2)))


@pytest.mark.parametrize(
    ("zone", "key", "value", "moment"),
    [
        ("Asia/Shanghai", "until", "2026-12-31", "2026-12-31T16:00"),
        ("Asia/Shanghai", "from", "2026-12-31", "2026-12-30T16:00"),
        ("Asia/Shanghai", "until", '"2026-12-31"', "2026-12-31T16:00"),
        ("Asia/Shanghai", "until", "2026-12-31T22:00:00", "2026-12-31T14:00"),
        ("Asia/Shanghai", "until", "2026-12-31T22:00:00Z", "2026-12-31T22:00"),
        ("Europe/Berlin", "until", "2026-10-25T02:30:00", "2026-10-25T01:30"),
        ("Europe/Berlin", "from", "2026-10-25T02:30:00", "2026-10-25T00:30"),
        ("Europe/Berlin", "from", "2026-03-29T02:30:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "until", "2026-03-29T02:30:00", "2026-03-29T01:00"),
        ("America/Santiago", "from", "2026-09-06", "2026-09-06T04:00"),
    ],
)
def test_days_and_times_are_the_store_s(folder: Path, zone: str, key: str, value: str, moment: str) -> None:
    store = folder / "store.toml"
    text = store.read_text("utf-8").replace('# timezone = "Asia/Shanghai"', f'timezone = "{zone}"')
    store.write_text(text, "utf-8")
    found = one(folder, f'benefit = {{ kind = "off", amount = 1 }}\nwhen = {{ {key} = {value} }}')
    wanted = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)
    assert (found.when.from_ms if key == "from" else found.when.until_ms) == wanted


OFF = 'benefit = { kind = "off", amount = 1 }'
NTH = 'benefit = { kind = "nth", n = 2 }'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('benefit = { kind = "of", amount = 1 }', 5, 'benefit: expected one of off, percent, price, nth, bundle, gift, points; found "of"; did you mean "off"?'),
        ("benefit = { amount = 1 }", 5, 'benefit: "kind" is missing; known: off, percent, price, nth, bundle, gift, points'),
        ("benefit = 5", 5, "benefit: expected a table; found 5"),
        ("priority = 1", 2, '"benefit" is missing in [[campaigns]]'),
        ('benefit = { kind = "off" }', 5, '"amount" is missing in [campaigns.benefit]'),
        ('benefit = { kind = "off", amount = 1, per = 5, tims = 1 }', 5, 'unknown key "tims"; did you mean "times"?'),
        ('benefit = { kind = "off", amount = 12.90 }', 5, "benefit.amount: expected a whole number; found 12.9; amounts stand in the smallest unit, did you mean 1290?"),
        ('benefit = { kind = "off", amount = "500" }', 5, 'benefit.amount: expected a whole number; found "500"; did you mean 500, without quotes?'),
        ('benefit = { kind = "percent", percent = 150 }', 5, "benefit.percent: expected less than or equal to 100; found 150"),
        ('benefit = { kind = "percent", percent = 12.345 }', 5, "benefit.percent: expected at most two decimals; found 12.345"),
        ('benefit = { kind = "points" }', 5, "benefit: expected either multiplier or fixed"),
        (f"{OFF}\nwen = {{ zones = [] }}", 6, 'unknown key "wen"; did you mean "when"?'),
        (f'{OFF}\nwhen = {{ weekdays = ["friday"] }}', 6, 'when.weekdays[0]: expected one of mon, tue, wed, thu, fri, sat, sun; found "friday"; did you mean "fri"?'),
        (f'{OFF}\nwhen = {{ hours = "9-17" }}', 6, 'when.hours[0]: expected hours such as "22:00-06:00"; found "9-17"'),
        (f'{OFF}\nwhen = {{ hours = "09:00-09:00" }}', 6, 'when.hours[0]: expected two different times such as "17:00-21:00"; found "09:00-09:00": leave it out for all day'),
        (f"{OFF}\nwhen = {{ frm = 2026-01-01 }}", 6, 'unknown key "frm"; did you mean "from"?'),
        (f'{OFF}\nwhen = {{ until = "tomorrow" }}', 6, 'when.until: expected a day such as 2026-12-31, or a time such as 2026-12-31T22:00:00; found "tomorrow"'),
        (f'{OFF}\nwhen = {{ zones = ["diary"] }}', 6, 'when.zones: there is no zone "diary"; did you mean "dairy"?'),
        (f'{OFF}\nwhen = {{ screens = ["cart-01"] }}', 6, 'when.screens: there is no screen "cart-01"; known: screen-baby, screen-entrance, screen-fresh'),
        (f'{OFF}\nwhen = {{ touchpoints = ["poster-dor"] }}', 6, 'when.touchpoints: there is no code "poster-dor"; did you mean "poster-door"?'),
        (f"{OFF}\nwhen = {{ from = 2026-02-01, until = 2026-01-01 }}", 6, "when.until: expected an end after the beginning; found 2026-02-01 00:00 to 2026-01-02 00:00: it would never hold"),
        (f'{OFF}\nexcludes = ["spring-1"]', 6, 'excludes: expected other campaigns or groups; found itself ("spring-1")'),
        (f'{OFF}\nwhen = {{ tags = ["babi"] }}', 6, 'when.tags: there is no code that gives the tag "babi"; did you mean "baby"?'),
        (f'{OFF}\nexcludes = ["spring-2"]', 6, 'excludes: there is no campaign or group "spring-2"; did you mean "spring-1"?'),
        (f'{OFF}\ngoods = {{ products = ["6901234567890"] }}', 6, 'goods.products[0]: expected the digits below a bar code, 8 to 14 with the right check digit; found "6901234567890"'),
        (f'{OFF}\nwhen = {{ levels = ["golden"] }}', 6, 'when.levels: there is no level "golden"; did you mean "gold"?'),
        ('benefit = { kind = "percent", percent = 20, times = 1 }', 5, 'benefit.times: counts pieces; expected stage = "item" beside it'),
        (f"{OFF}\nbudget = {{ shared = true }}", 6, "budget.shared: expected uses or amount, which the stores share"),
        (f"{OFF}\nclaim = true\nbudget = {{ amount = 5000, shared = true }}", 7, "budget.shared: coupons are leased by their number; expected uses, how many there are"),
        (f'{NTH}\nstage = "basket"', 6, 'stage: expected "item", as "nth" is taken off each piece; found "basket"'),
        (f"{NTH}\nwhen = {{ min_qty = 1 }}", 6, "when.min_qty: 2 pieces are needed anyhow; found 1: leave it out"),
        (f'{OFF}\nwhen = {{ spend_of = {{ categories = ["milk"] }} }}', 6, "when.spend_of: counts for min_spend, min_qty or per; none of them stands there"),
        ('benefit = { kind = "off", amount = 600, per = 500 }', 5, "benefit.amount: expected at most per (500); found 600"),
        ('benefit = { kind = "off", amount = 600 }\nwhen = { min_spend = 500 }', 5, "benefit.amount: expected at most min_spend (500); found 600: the store would give away whole baskets"),
        ('benefit = { kind = "price", price = 990 }', 5, "benefit.price: one price for all goods; say which in [campaigns.goods]"),
        ('benefit = { kind = "gift" }', 5, "benefit: which goods are the gift? Name products, categories or brands"),
        ('benefit = { kind = "bundle", price = 5, parts = [{ categories = ["a"] }, { categories = ["a"] }] }', 5, 'benefit.parts[1].categories: "a" stands in part 0 and in part 1; no good may fit two parts of a bundle'),
        ('benefit = { kind = "bundle", price = 5, parts = [{ categories = ["a"] }] }', 5, 'benefit.parts: expected two pieces at least; for one there is kind = "price"'),
        ('benefit = { kind = "bundle", price = 5, parts = [{ count = 2 }] }', 5, "benefit.parts[0]: name products, categories or brands"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_line_and_says_what_was_meant(folder: Path, text: str, line: int, said: str) -> None:
    assert mistakes(folder, HEAD + text) == [f"campaigns/spring.toml:{line}: {said}"]


@pytest.mark.parametrize(
    ("currency", "amount", "meant"), [("JPY", "500.0", 500), ("KWD", "1.5", 1500), ("CNY", "1.5", 150)]
)
def test_an_amount_with_decimals_is_meant_as_its_currency_has_them(
    folder: Path, currency: str, amount: str, meant: int
) -> None:
    store = folder / "store.toml"
    store.write_text(store.read_text("utf-8").replace('currency = "CNY"', f'currency = "{currency}"'), "utf-8")
    (found,) = mistakes(folder, HEAD + f'benefit = {{ kind = "off", amount = {amount} }}')
    assert found.endswith(f"found {amount}; amounts stand in the smallest unit, did you mean {meant}?")


def test_all_mistakes_of_all_files_come_at_once(folder: Path) -> None:
    (folder / "campaigns" / "a.toml").write_text("[[campaigns]\n", "utf-8")
    two = HEAD + OFF + HEAD.replace("Frühling", "") + NTH + '\nwhen = { zones = ["moon"] }'
    found = mistakes(folder, two.replace('id = "spring-1"', 'id = "Spring 1"', 1))
    assert found == [
        "campaigns/a.toml:1: not valid TOML: expected ']]' at the end of an array declaration (column 12)",
        'campaigns/spring.toml:3: id: expected 2 to 39 of a-z, 0-9 and "-", not starting with "-"; found "Spring 1"; did you mean "spring-1"?',
        'campaigns/spring.toml:10: when.zones: there is no zone "moon"; known: baby, checkout, dairy, entrance, fresh',
    ]


def test_a_name_is_taken_once_in_all_files_and_by_no_old_coupon(folder: Path) -> None:
    (folder / "campaigns" / "a.toml").write_text(HEAD + OFF, "utf-8")
    again = HEAD + OFF + HEAD.replace("spring-1", "welcome-gift") + OFF
    line = 1 + (folder / "store.toml").read_text("utf-8")[:].split("\n").index('id = "welcome-gift"')
    assert mistakes(folder, again) == [
        'campaigns/spring.toml:3: id: "spring-1" is taken by line 3 of campaigns/a.toml; every campaign needs its own',
        f'campaigns/spring.toml:7: id: "welcome-gift" is taken by line {line} of store.toml; every campaign needs its own',
    ]


def test_names_are_needed_in_the_languages_of_the_store(folder: Path) -> None:
    text = HEAD.replace(', en = "Spring"', "") + OFF
    assert mistakes(folder, text) == ["campaigns/spring.toml:4: name: text missing in en"]


def test_a_store_without_campaigns_opens(folder: Path) -> None:
    (folder / "campaigns").rmdir()
    assert load(folder).campaigns == ()
