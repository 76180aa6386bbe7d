"""The document of `storekeeper offers price`: its examples, its schema, its mistakes."""

from __future__ import annotations

import json
import random
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from pricing.document import answer, printed, schema
from pricing.parsing import Unreadable
from pricing.reading import read

_DOCS = Path(__file__).parents[2] / "docs"
_GOOD: dict[str, Any] = {
    "products": [{"gtin": "M", "price": 1290}, {"gtin": "A", "price": 1280, "per_kg": True}],
    "basket": {"lines": [{"gtin": "M", "quantity": 2}]},
    "campaigns": [{"id": "half", "benefit": {"kind": "nth", "n": 2, "bp": 5000}}],
    "now": 1,
}


def _mistakes(**changed: Any) -> list[str]:
    with pytest.raises(Unreadable) as caught:
        read(json.dumps(_GOOD | changed).encode())
    return caught.value.mistakes


def test_the_documented_example_costs_what_the_text_says() -> None:
    text = (_DOCS / "offers.md").read_text(encoding="utf-8")
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert example is not None
    quote = answer(read(example[1].encode())).quote
    assert (quote.total, [each.amount for each in quote.used], quote.points.burned) == (2025, [645, 500], 300)


def test_the_schema_in_the_docs_is_the_one_that_is_printed() -> None:
    kept = json.loads((_DOCS / "schemas" / "offers-document.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(schema())), "storekeeper offers schema > docs/schemas/offers-document.json"


def test_every_code_that_is_given_stands_in_the_docs() -> None:
    text = (_DOCS / "offers.md").read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in Path("pricing").glob("*.py"))
    codes = set(re.findall(r'code="(\w+)"', source)) | set(re.findall(r'_no\(\w+, "(\w+)"', source))
    assert codes
    assert {code for code in codes if f"`{code}`" not in text} == set()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"products": None}, "products: expected a list; found null"),
        (
            {"xyz": 1},
            'the document: there is no field "xyz"; expected one that `storekeeper offers schema` names',
        ),
        ({"campains": []}, 'the document: there is no field "campains"; did you mean "campaigns"?'),
        ({"now": "soon"}, 'now: expected a moment such as 2026-12-31 or 2026-12-31T22:00; found "soon"'),
        ({"now": 1.5}, "now: expected a whole number; found 1.5"),
        ({"products": [{"gtin": "M", "price": 1.5}]}, "price: expected a whole number of the smallest unit; found 1.5"),
        *[({"now": now}, f"now: expected Unix ms of a moment from 1970 to 8999; found {now}")
          for now in (253402300800000, -1, -10**14)],
        ({"now": 1 << 63}, f"now: expected at most 9007199254740991; found {1 << 63}"),
        ({"now": "0001-01-01"}, 'now: expected a moment from 1970 to 8999; found "0001-01-01"'),
        (
            {"wallet": [{"coupon": "c", "campaign": "half", "until": "9999-12-31"}]},
            'until: expected a moment from 1970 to 8999; found "9999-12-31"; leave it out where there is no end',
        ),
        ({"versions": {"catalogue": "\ud800"}}, "versions.catalogue: expected text; found half of a pair"),
        ({"\ud800": 1}, "the document: expected text; found half of a pair of UTF-16 in "),
        ({"products": [{"gtin": "M", "price": 1 << 53}]}, "products[0].price: expected at most 9007199254740991"),
        (
            {"campaigns": [{"id": "a", "benefit": {"kind": "points", "fixed": 1 << 60}}]},
            "campaigns[0].benefit.fixed: expected at most 9007199254740991; found",
        ),
        (
            {"campaigns": [{"id": "a", "benefit": {"kind": "percent", "bp": 1, "stage": "item"}}]},
            'campaigns[0].benefit: there is no field "stage" here; it stands in campaign',
        ),
        (
            {"campaigns": [{"id": "a", "benefit": {"kind": "off", "amount": 1}, "when": {"weekdays": ["Mon"]}}]},
            'when.weekdays[0]: expected one of mon, tue, wed, thu, fri, sat, sun; found "Mon"; did you mean "mon"?',
        ),
        ({"burn": "all"}, 'burn: expected one of most, a whole number; found "all"'),
        ({"burn": None}, "burn: expected one of most, a whole number; found null"),
        ({"counters": {"b": {}, "half": {"uses": 1.5}}}, "counters.half.uses: expected a whole number; found 1.5"),
        ({"member": {"bought": {"A": 1, "M": "1"}}}, 'member.bought.M: expected a whole number; found "1"'),
        ({"products": [{"gtin": "M", "price": 1, "names": {"de": 5}}]}, "products[0].names.de: expected text; found 5"),
        (
            {"wallet": [{"coupon": "", "campaign": "half"}]},
            'wallet[0].coupon: expected a name; found ""',
        ),
        ({"basket": {"lines": [{"gtin": "M", "id": ""}]}}, 'basket.lines[0].id: expected a name; found ""'),
        ({"pins": ["a\nb"]}, 'pins[0]: expected the id of a campaign or coupon; found "a\\nb"'),
        ({"pins": ["a" * 5000]}, "pins[0]: expected text of at most 4000 letters; found 5000: "),
        ({"a" * 5000: 1}, "the document: expected text of at most 4000 letters; found 5000: "),
        (
            {"basket": {"lines": [{"gtin": "M", "grams": 100}]}},
            "basket.lines[0]: M is sold by the piece; expected a quantity, found grams",
        ),
        (
            {"products": [{"gtin": "M", "price": 1290, "promo_price": 99999}]},
            "products[0].promo_price: expected at most price, 1290; found 99999",
        ),
        ({"products": [{"gtin": "M", "price": 1, "promo_buy": 3}]}, "1 or more, and fewer than promo_buy, 3; found 0"),
        ({"products": [{"gtin": "M", "price": 1, "tax_bp": 10_001}]}, "products[0].tax_bp: expected 0 to 10000"),
        ({"member": {"birthday": "02-30"}}, 'member.birthday: expected month and day such as 05-17; found "02-30"'),
        ({"place": {"timezone": "Mars"}}, 'place.timezone: expected a name such as Asia/Shanghai; found "Mars"'),
        ({"basket": {"lines": [{"gtin": "X"}]}}, 'basket.lines[0].gtin: expected a gtin of products; found "X"'),
        ({"basket": {"lines": [{"gtin": "M", "quantity": 0}]}}, "lines[0].quantity: expected 1 to 999999; found 0"),
        (
            {"basket": {"lines": [{"gtin": "A"}]}},
            "basket.lines[0]: A is sold by weight; expected grams or a label_price, found neither",
        ),
        (
            {"campaigns": [{"id": "a", "benefit": {"kind": "of", "amount": 1}}]},
            'expected one of off, percent, price, nth, bundle, gift, points; found "of"; did you mean "off"?',
        ),
        (
            {"campaigns": [{"id": "a", "benefit": {"kind": "percent", "bp": 15_000}}]},
            "campaigns[0].benefit.bp: expected 1 to 10000, basis points: 1500 is 15 %; found 15000",
        ),
        (
            {"campaigns": [{"id": "a", "benefit": {"kind": "off", "amount": 1}, "when": {"hours": ["9-5"]}}]},
            'campaigns[0].when.hours[0]: expected a time such as "09:30"; found "9"',
        ),
        (
            {"wallet": [{"coupon": "c", "campaign": "gone"}]},
            'wallet[0].campaign: expected the id of one of campaigns; found "gone"',
        ),
        (
            {
                "campaigns": [
                    {
                        "id": "a",
                        "benefit": {"kind": "off", "amount": 1},
                        "when": {"from": "2026-12-24T18:00", "until": "2026-12-23"},
                    }
                ]
            },
            "when.until: expected a moment after from, 2026-12-24T18:00:00Z; found 2026-12-24T00:00:00Z",
        ),
        (
            {"campaigns": [{"id": "a", "claim": True, "claim_days": -1, "benefit": {"kind": "off", "amount": 1}}]},
            "campaigns[0].claim_days: expected 0 or more; found -1",
        ),
        (
            {"products": [{"gtin": "M", "price": 1 << 52}]},
            "basket.lines: expected at most 9007199254740991 for all of them; found 9007199254740992",
        ),
        ({"pins": ["halve"]}, 'pins[0]: expected the id of a campaign or coupon; found "halve"; did you mean "half"?'),
        ({"without": ["x"]}, 'without[0]: expected the id of a campaign or coupon; found "x"'),
        ({"counters": {"x": {}}}, 'counters.x: expected the id of one of campaigns; found "x"'),
        ({"counters": {"half": {"amount": -1}}}, "counters.half.amount: expected 0 or more; found -1"),
        ({"terms": {"burn_most_bp": 10_001}}, "terms.burn_most_bp: expected at most 10000, all that is to be paid"),
        ({"terms": {"currency": "RMB"}}, 'expected three capital letters such as CNY (ISO 4217); found "RMB"'),
        ({"returns": [{"line": "1", "units": 3}]}, "returns[0].units: expected at most 2, which are left"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_sentence(changed: dict[str, Any], said: str) -> None:
    found = _mistakes(**changed)
    assert len(found) == 1
    assert said in found[0]


def test_what_a_store_has_gathered_may_name_what_is_gone_by_now() -> None:
    gone = {"pins": ["x"], "without": ["y"], "counters": {"half": {"uses": -1}, "z": {}}}
    wallet = [{"coupon": "c", "campaign": "gone"}]
    document = _GOOD | gone | {"wallet": wallet, "versions": {"catalogue": "1"}}
    assert answer(read(json.dumps(document).encode())).quote.total == 1935


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "line 1, column 2: expected JSON"),
        (b"[]", "expected one object with products, basket and now; found a list"),
        (b'{"now": 1, "now": 2}', '"now" stands twice in one object'),
        (b'{"now": NaN}', "expected a number; found NaN"),
        (b"\xff", "expected UTF-8; found another byte at 0"),
        (b'{"now": ' + b"9" * 5000 + b"}", "now: expected at most 9007199254740991; found 9999"),
        (b"[" * 100_000, "expected a document; found lists or objects that are nested more than 32 deep"),
        (b'{"a": ' * 40 + b"1" + b"}" * 40, "expected a document; found lists or objects that are nested more than 32"),
        (b'{"\\ud800": 1, "\\ud800": 2}', '"\\ud800" stands twice in one object'),
        ("{}".encode("utf-16-le"), "expected UTF-8; found a zero byte at 1, as UTF-16 has them"),
        ("{}".encode("utf-16"), "expected UTF-8; found a zero byte at 3, as UTF-16 has them"),
        (b'{"now": "\x01"}', "line 1, column 10: expected JSON; invalid control character"),
        (b" " * ((16 << 20) + 1), "expected a document of at most 16 MiB; found a larger one"),
    ],
)
def test_what_is_no_document_is_said(text: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(said)):
        read(text)


def test_a_name_that_stands_twice_is_found_among_very_many() -> None:
    """Each is looked at once: all of them for each would take hours."""
    names = [*range(1_000_000), 999_999]
    with pytest.raises(Unreadable, match='"999999" stands twice in one object'):
        read(b"{" + b",".join(b'"%d":1' % name for name in names) + b"}")


def test_the_first_of_very_many_mistakes_are_named() -> None:
    """And what was perhaps meant is not looked for among very many names."""
    campaigns = [{"id": f"offer-{each}", "benefit": {"kind": "off", "amount": 1}} for each in range(20_000)]
    found = _mistakes(campaigns=campaigns, pins=[f"ofer-{each}" for each in range(100_000)])
    assert found[0] == 'pins[0]: expected the id of a campaign or coupon; found "ofer-0"'
    assert len(found) == 101
    assert found[-1] == "these are the first mistakes; there may be more"


@pytest.mark.parametrize(
    ("zone", "when", "holds", "ends"),
    [
        ("Asia/Shanghai", {"until": "2026-12-31"}, "2026-12-31T23:59:59.999+08:00", "2027-01-01T00:00+08:00"),
        ("Europe/Berlin", {"until": "2026-10-25T02:30"}, "2026-10-25T01:29:59Z", "2026-10-25T01:30Z"),
        ("Europe/Berlin", {"from": "2026-03-29T02:30"}, "2026-03-29T01:00Z", "2026-03-29T00:59:59Z"),
        ("Atlantic/Azores", {"until": "2026-10-24"}, "2026-10-24T23:59:59Z", "2026-10-25T00:00Z"),
        ("America/Havana", {"until": "2026-10-31"}, "2026-11-01T03:59:59Z", "2026-11-01T04:00Z"),
        (
            "Asia/Shanghai", {"weekdays": ["fri"], "hours": ["22:00-02:00"]},
            "2026-11-28T01:30+08:00", "2026-11-27T01:30+08:00",
        ),
    ],
)  # fmt: skip
def test_days_and_hours_are_those_of_the_store(zone: str, when: dict[str, Any], holds: str, ends: str) -> None:
    campaigns = [{"id": "a", "benefit": {"kind": "off", "amount": 100}, "when": when}]
    for now, total in ((holds, 2480), (ends, 2580)):
        document = _GOOD | {"campaigns": campaigns, "place": {"timezone": zone}, "now": now}
        assert answer(read(json.dumps(document).encode())).quote.total == total


@pytest.mark.parametrize(("until", "at"), [("2026-12-31", 1_798_599_600_000), ("2026-12-29T18:00", None)])
def test_it_begins_again_only_before_its_end(until: str, at: int | None) -> None:
    """Asked at three in the afternoon of an offer from eleven to two."""
    campaigns = [
        {"id": "a", "benefit": {"kind": "off", "amount": 1}, "when": {"hours": ["11:00-14:00"], "until": until}}
    ]
    document = _GOOD | {"campaigns": campaigns, "now": "2026-12-29T15:00", "place": {"timezone": "Asia/Shanghai"}}
    (no,) = answer(read(json.dumps(document).encode())).quote.not_used
    assert (no.code, no.at_ms) == ("not_now", at)


def test_a_day_that_comes_once_in_a_year_is_named() -> None:
    campaigns = [
        {"id": "a", "benefit": {"kind": "off", "amount": 1}, "when": {"weekdays": ["fri"], "month_days": [13]}}
    ]
    document = _GOOD | {"campaigns": campaigns, "now": "2026-11-14", "place": {"timezone": "Asia/Shanghai"}}
    (no,) = answer(read(json.dumps(document).encode())).quote.not_used
    assert no.at_ms == round(datetime.fromisoformat("2027-08-13T00:00+08:00").timestamp() * 1000)


@pytest.mark.parametrize(
    ("hours", "now", "begins"),
    [
        ("02:30-04:00", "2026-03-29T00:00Z", "2026-03-29T01:00Z"),  # the clock leaps over 02:30
        ("02:10-02:50", "2026-03-29T00:00Z", "2026-03-30T00:10Z"),  # and over all of these
        ("02:30-02:45", "2026-10-25T00:00Z", "2026-10-25T00:30Z"),
        ("02:30-02:45", "2026-10-25T00:50Z", "2026-10-25T01:30Z"),  # which come twice
        ("01:30-02:45", "2026-10-25T00:50Z", "2026-10-25T01:00Z"),  # the clock is set back into them
    ],
)
def test_when_it_begins_next_is_a_moment_at_which_it_holds(hours: str, now: str, begins: str) -> None:
    campaigns = [{"id": "a", "benefit": {"kind": "off", "amount": 1}, "when": {"hours": [hours]}}]
    document = _GOOD | {"campaigns": campaigns, "now": now, "place": {"timezone": "Europe/Berlin"}}
    (no,) = answer(read(json.dumps(document).encode())).quote.not_used
    at_ms = round(datetime.fromisoformat(begins).timestamp() * 1000)
    assert (no.code, no.at_ms) == ("not_now", at_ms)
    (used,) = answer(read(json.dumps(document | {"now": at_ms}).encode())).quote.used
    assert used.campaign == "a"


@pytest.mark.parametrize(
    ("on_return", "returns", "money"),
    [
        ("keep", [5, 1], [22_500, 4500]),
        ("reprice", [5, 1], [22_000, 5000]),
        ("reprice", [1, 1, 4], [2000, 5000, 20_000]),  # 250.00 of what is left; then what each costs
        ("reprice", [6], [27_000]),
    ],
)
def test_what_stays_below_a_threshold_costs_its_price_where_the_offer_says_so(
    on_return: str, returns: list[int], money: list[int]
) -> None:
    tenth = {
        "id": "a",
        "when": {"min_spend": 30_000},
        "benefit": {"kind": "percent", "bp": 1000},
        "on_return": on_return,
    }
    document = {
        "products": [{"gtin": "V", "price": 5000}], "basket": {"lines": [{"gtin": "V", "quantity": 6}]}, "now": 1,
        "campaigns": [tenth], "returns": [{"line": "1", "units": units} for units in returns],
    }  # fmt: skip
    assert [each.money for each in answer(read(json.dumps(document).encode())).returns] == money


def _hard(returns: int, **more: Any) -> dict[str, Any]:
    """A basket whose best offers take more than 40 partial sets to find, and so many returns that are priced anew."""
    dice = random.Random(5)
    names = [f"g{n}" for n in range(24)]
    return {
        "products": [{"gtin": name, "price": dice.randint(300, 3000)} for name in names],
        "basket": {"lines": [{"gtin": name, "quantity": 8} for name in names]},
        "campaigns": [
            {
                "id": f"k{n}", "on_return": "reprice", "when": {"goods": {"products": dice.sample(names, 8)}},
                "benefit": {"kind": "percent", "bp": 100 * dice.randint(1, 30)},
            }
            for n in range(30)
        ],
        "terms": {"nodes": 40}, "now": 1, "returns": [{"line": str(1 + n % 24)} for n in range(returns)], **more,
    }  # fmt: skip


@pytest.mark.parametrize(("returns", "cut"), [(30, False), (192, True)])
def test_all_returns_together_search_no_longer_than_fifty_prices(returns: int, *, cut: bool) -> None:
    found = answer(read(json.dumps(_hard(returns)).encode()))
    assert (found.returns_cut, b"returns_cut" in printed(found)) == (cut, cut)
    assert all(each.money >= 0 for each in found.returns)
    assert (sum(each.money for each in found.returns) == found.quote.total) == (returns == 192)


def test_a_search_that_ends_by_itself_is_never_cut_however_many_returns_there_are() -> None:
    easy = _hard(192)
    document = easy | {"campaigns": easy["campaigns"][:3], "terms": {"nodes": 400}}
    assert not answer(read(json.dumps(document).encode())).returns_cut


def test_more_returns_than_can_be_priced_anew_are_refused() -> None:
    half = _GOOD["campaigns"][0]
    many: dict[str, Any] = {
        "basket": {"lines": [{"gtin": "M", "quantity": 1001}]}, "returns": [{"line": "1"}] * 1001,
        "campaigns": [half | {"id": f"half{n}"} for n in range(999)],
    }  # fmt: skip
    read(json.dumps(_GOOD | many).encode())
    many["campaigns"][0]["on_return"] = "reprice"
    each = 'each of which prices 1 lines by 999 campaigns anew (on_return "reprice")'
    assert _mistakes(**many) == [f"returns: expected at most 1000, {each}; found 1001"]


def test_a_coupon_that_came_back_makes_nothing_cheaper_that_stays() -> None:
    coupon = {
        "id": "one", "claim": True, "benefit": {"kind": "price", "amount": 100, "times": 1}, "stage": "item",
        "on_return": "reprice",
    }  # fmt: skip
    document = {
        "products": [{"gtin": "A", "price": 1000}, {"gtin": "B", "price": 900}], "now": 1, "campaigns": [coupon],
        "basket": {"lines": [{"gtin": "A"}, {"gtin": "B"}]}, "wallet": [{"coupon": "c", "campaign": "one"}],
        "returns": [{"line": "1"}, {"line": "2"}],
    }  # fmt: skip
    found = answer(read(json.dumps(document).encode()))
    assert found.quote.total == 1000
    assert [(each.money, each.coupons) for each in found.returns] == [(100, ("c",)), (900, ())]


def test_an_end_that_is_null_is_none() -> None:
    coupon = {
        "id": "half",
        "claim": True,
        "when": {"from": None, "until": None},
        "benefit": {"kind": "off", "amount": 100},
    }
    wallet = [{"coupon": "c", "campaign": "half", "usable_from": None, "until": None}]
    document = _GOOD | {"campaigns": [coupon], "wallet": wallet}
    assert answer(read(json.dumps(document).encode())).quote.discount == 100


def test_a_coupon_that_is_kept_says_what_it_would_give_and_what_stands_in_its_way_is_a_campaign() -> None:
    document = _GOOD | {
        "basket": {"lines": [{"gtin": "M"}]},
        "campaigns": [
            {"id": "week", "benefit": {"kind": "off", "amount": 290}},
            {"id": "large", "claim": True, "benefit": {"kind": "off", "amount": 5000}},
            {"id": "one", "claim": True, "group": "g", "benefit": {"kind": "percent", "bp": 2000}},
            {"id": "two", "claim": True, "group": "g", "benefit": {"kind": "percent", "bp": 1000}},
        ],
        "wallet": [{"coupon": f"{name}.1", "campaign": name} for name in ("large", "one", "two")],
    }
    quote = answer(read(json.dumps(document).encode())).quote
    assert [(each.kind, each.coupon, each.amount) for each in quote.hints] == [("propose", "large.1", quote.total)]
    assert [(each.coupon, each.code, each.by) for each in quote.not_used] == [
        ("large.1", "half_wasted", ""),
        ("two.1", "group_taken", "one"),
    ]


def test_a_bag_costs_what_its_label_says_whatever_it_weighs() -> None:
    document = _GOOD | {"basket": {"lines": [{"gtin": "A", "grams": 333, "label_price": 690}]}}
    assert answer(read(json.dumps(document).encode())).quote.total == 690


def test_a_coupon_is_good_to_the_end_of_its_day_and_its_quote_ten_minutes_longer() -> None:
    document = _GOOD | {
        "campaigns": [{"id": "a", "claim": True, "benefit": {"kind": "off", "amount": 100}}],
        "wallet": [{"coupon": "c", "campaign": "a", "until": "2026-12-31"}],
        "place": {"timezone": "Asia/Shanghai"},
    }
    quote = answer(read(json.dumps(document | {"now": "2026-12-31T23:55"}).encode())).quote
    assert (quote.total, quote.until_ms - quote.as_of_ms) == (2480, 600_000)
    late = answer(read(json.dumps(document | {"now": "2027-01-01T00:00"}).encode())).quote
    assert [(each.code, each.coupon) for each in late.not_used] == [("coupon_ended", "c")]


def test_the_command_prices_a_file_without_a_store_and_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "basket.json"
    command = ["offers", "price", str(file)]
    file.write_text(json.dumps(_GOOD), encoding="utf-8")
    good = CliRunner().invoke(app, command)
    assert (good.exit_code, json.loads(good.stdout)["total"]) == (0, 1935)
    file.write_text(json.dumps(_GOOD | {"now": None}), encoding="utf-8")
    bad = CliRunner().invoke(app, command)
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert bad.stderr.strip() == f"{file}: now: expected a whole number; found null"


def test_a_day_that_only_leap_years_have_is_a_birthday() -> None:
    assert read(json.dumps(_GOOD | {"member": {"birthday": "02-29"}}).encode()).member
