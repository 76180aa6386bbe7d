"""The document of `storekeeper offers price`: its examples, its schema, its mistakes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from pricing.document import answer, schema
from pricing.reading import Unreadable, read

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
    assert {code for code in codes if f"`{code}`" not in text} == {"campaign_gone"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"products": None}, "products: expected array, got null; found null"),
        ({"sale": 1}, 'the document: there is no field "sale"'),
        ({"campains": []}, 'the document: there is no field "campains"; did you mean "campaigns"?'),
        ({"now": "soon"}, 'now: expected a moment such as 2026-12-31 or 2026-12-31T22:00; found "soon"'),
        ({"now": 1.5}, "now: expected int, got float; found 1.5; money is a whole number of the smallest unit"),
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
        ({"terms": {"currency": "RMB"}}, 'expected three capital letters such as CNY (ISO 4217); found "RMB"'),
        ({"returns": [{"line": "1", "units": 3}]}, "returns[0].units: expected at most 2, which are left"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_sentence(changed: dict[str, Any], said: str) -> None:
    found = _mistakes(**changed)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "line 1, column 2: expected JSON"),
        (b"[]", "expected one object with products, basket and now; found a list"),
        (b'{"now": 1, "now": 2}', '"now" stands twice in one object'),
        (b'{"now": NaN}', "expected a number; found NaN"),
        (b"\xff", "expected UTF-8; found another byte at 0"),
    ],
)
def test_what_is_no_document_is_said(text: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(said)):
        read(text)


@pytest.mark.parametrize(
    ("zone", "when", "holds", "ends"),
    [
        ("Asia/Shanghai", {"until": "2026-12-31"}, "2026-12-31T23:59:59.999+08:00", "2027-01-01T00:00+08:00"),
        ("Europe/Berlin", {"until": "2026-10-25T02:30"}, "2026-10-25T01:29:59Z", "2026-10-25T01:30Z"),
        ("Europe/Berlin", {"from": "2026-03-29T02:30"}, "2026-03-29T01:00Z", "2026-03-29T00:59:59Z"),
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
    assert bad.stderr.strip() == f"{file}: now: expected int, got null; found null"
