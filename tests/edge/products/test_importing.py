from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import tempfile
import tracemalloc
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.products import lines
from edge.products.build import build
from edge.products.importing import import_file
from edge.products.lines import RecordFile
from edge.products.mistakes import BadFile
from edge.products.product import Product, Size
from edge.products.version import Version
from gs1.trade import check_digit
from tests.edge.products.conftest import CHIPS, LOAF, MILK, STORE, TEA, line

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.products.importing import ImportResult

    Take = Callable[..., ImportResult]

HEADER = "gtin,name_zh,price"


def products(outcome: ImportResult) -> list[Product]:
    assert outcome.built
    return Version(outcome.built.path).sample(1000)


def test_a_line_has_everything_that_a_product_may_have(take: Take) -> None:
    told = line(
        size="6 x 330 ml",
        category="milk",
        category_zh="牛奶",
        brand="晨牧",
        origin_en="Inner Mongolia",
        promo_price="9.90",
        promo_from="2026-01-01",
        promo_until="2026-12-31",
        stars=4.8,
        reviews=12,
        said=[{"stars": 5, "words": "好"}],
        trace=[{"words": {"en": "Milked"}, "on": "2026-11-20T06:20"}],
        batch="B1",
        made="2026-11-21",
        best_before="2026-12-01",
        report="https://example.com/r/1",
        level=3,
        stock="-2",
        elsewhere=[{"store": {"en": "Web shop"}, "count": 230}],
        picture="milk.jpg",
        art="milk",
        shelf="shelf-dairy shelf-fruit",
        goes_with=[LOAF],
        here="yes",
    )
    (product,) = products(take([told]))
    assert (product.price, product.size, product.brand["zh-CN"]) == (1290, Size("330", "ml", 6), "晨牧")
    assert product.promotion
    assert product.promotion.price == 990
    end = datetime.fromtimestamp((product.promotion.until_ms or 0) / 1000).astimezone()
    assert (end.month, end.day, end.hour, end.minute) == (1, 1, 0, 0), "a day counts to its last moment"
    assert product.shelves == ("shelf-dairy", "shelf-fruit")
    assert product.goes_with == (LOAF.zfill(14),)
    assert product.reviews
    assert product.trace
    assert (product.reviews.count, product.trace.batch, product.trace.steps[0].on) == (12, "B1", "2026-11-20T06:20")
    assert (product.trace.best_before, product.trace.report) == ("2026-12-01", "https://example.com/r/1")
    assert (product.level, product.stock, product.elsewhere[0].count) == (3, 0, 230), "more sold than came: none there"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gtin", "9521101530002"),
        ("gtin", "12345"),
        ("gtin", "９５２１１０１５３０００１"),
        ("price", "12.905"),
        ("price", "-1"),
        ("price", "1e99"),
        ("price", "NaN"),
        ("price", "twelve"),
        ("size", "much"),
        ("size", "0 ml"),
        ("size", "9 parsec"),
        ("sold_by", "crate"),
        ("promo_price", "99.00"),
        ("promo_buy", "1"),
        ("promo_until", "soon"),
        ("promo_until", "2026-12-31T10:00"),
        ("stars", "6"),
        ("stars", "nan"),
        ("reviews", "many"),
        ("shelf", "shelf-dary"),
        ("art", "mlik"),
        ("picture", "../../secrets/store.key"),
        ("picture", "a.svg"),
        ("goes_with", "123"),
        ("made", "31.12.26"),
        ("here", "maybe"),
        ("name_zh", "x" * 201),
        ("said", [{"stars": "five"}]),
        ("trace", "milked"),
        ("brand", {"zh-CN": "x"}),
        ("best_before", "soon"),
        ("report", "javascript:alert(1)"),
        ("level", "top"),
        ("stock", "a few"),
        ("elsewhere", [{"store": {}, "count": 4}]),
        ("elsewhere", [{"store": {"en": "Web shop"}, "count": 4, "price": -1}]),
        ("elsewhere", [{"store": {"en": "Web shop"}, "count": -1}]),
        ("trace", [{"words": {"en": "Milked"}, "on": "2026-11-20T25:00"}]),
        ("price", [1]),
        ("gtin", None),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected_and_the_rest_is_kept(take: Take, field: str, value: Any) -> None:
    outcome = take([line(LOAF), line(**{field: value}), line(TEA)])
    mistake = outcome.first[0]
    lost = field in ("gtin", "price", "sold_by")
    assert (mistake.line, outcome.good, outcome.bad_lines) == (2, 3 - lost, lost)
    assert (mistake.left_out, outcome.left_out > 0) == (not lost, not lost)
    assert mistake.field.startswith(field.split("_", maxsplit=1)[0])
    assert len(mistake.expected) > 3


def test_a_slip_of_the_pen_is_guessed(take: Take) -> None:
    outcome = take([line(LOAF), line(shelf="shelf-dary", art="mlik"), line(TEA, prise="3")])
    guesses = {mistake.expected.partition("did you mean ")[2] for mistake in outcome.first}
    assert guesses == {"'shelf-dairy'?", "'milk'?", "'price'?"}


def test_every_mistake_of_a_line_is_told_and_all_are_in_the_report(take: Take, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    bad = [line(price="x", size="y", made="z") for _ in range(50)]
    outcome = take([line(LOAF), *bad, line(TEA, name_zh="=1+1", price="?")], report=report)
    assert (outcome.good, outcome.bad_lines, outcome.mistakes, len(outcome.first)) == (1, 51, 152, 20)
    rows = list(csv.reader(report.open(encoding="utf-8-sig")))
    assert rows[0] == ["line", "field", "value", "expected"]
    assert len(rows) == 153
    assert {row[1] for row in rows[1:]} == {"price", "size", "made", "name_zh"}


def test_one_product_twice_is_a_mistake_in_any_of_its_lengths(take: Take) -> None:
    outcome = take([line("12345670"), line("0000012345670"), line("00000012345670"), line(LOAF)])
    assert [(mistake.line, mistake.field) for mistake in outcome.first] == [(2, "gtin"), (3, "gtin")]
    assert "line 1" in outcome.first[0].expected
    assert outcome.good == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_every_kind_are_read(take: Take, encoding: str, delimiter: str) -> None:
    text = delimiter.join(("条码", "品名", "售价")) + f"\r\n{MILK}{delimiter}鲜牛奶{delimiter}12.90\r\n"
    outcome = take(text.encode(encoding), name="shop.csv")
    assert outcome.encoding == ("gb18030" if encoding == "gb18030" else "utf-8")
    assert [(each.name["zh-CN"], each.price) for each in products(outcome)] == [("鲜牛奶", 1290)]


def test_one_byte_that_is_no_utf_8_costs_one_line(take: Take) -> None:
    rows = [f"{HEADER}\n{MILK},鲜牛奶,1\n".encode(), f"{LOAF},caf".encode() + b"\xe9,2\n", f"{TEA},茶,3\n".encode()]
    outcome = take(b"".join(rows), name="x.csv")
    assert (outcome.good, outcome.first[0].line, outcome.first[0].expected) == (2, 3, "text in UTF-8")


def test_latin_1_is_read_and_not_taken_for_chinese(take: Take) -> None:
    names = ["Crème fraîche", "Pâté de légumes", "Müsli", "Jambon fumé"]
    codes = [LOAF, TEA, CHIPS, MILK]
    text = "\n".join(
        [HEADER, *(f"{code},{name},1" for code, name in zip(codes, names, strict=True)), f"{12345670},Eau,1"]
    )
    outcome = take(text.encode("latin-1"), name="x.csv")
    assert (outcome.encoding, outcome.good, outcome.bad_lines) == ("cp1252", 5, 0)
    assert {each.name["zh-CN"] for each in products(outcome)} == {*names, "Eau"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.csv", "gtin,name,pirce\n", "did you mean 'price'"),
        ("x.csv", "name,price\n", "'gtin' is missing"),
        ("x.csv", "gtin,price\n", "a name is missing"),
        ("x.csv", "gtin,gtin,name\n", "twice"),
        ("x.csv", "", "no product"),
        ("x.csv", f"{HEADER}\n{MILK},x,nothing\n", "no product that can be taken; the first mistake: line 2, price"),
        ("x.xlsx", "PK", "ends in .csv or .jsonl"),
        ("x.csv", "gtin,name\n".encode("utf-16"), "read as UTF-16"),
        ("x.csv", b"PK\x03\x04....", "is an Excel workbook"),
        ("x.csv", b"\xd0\xcf\x11\xe0....", "is an old Excel workbook"),
        ("x.csv", "<html><table>", "is a web page"),
        ("x.csv", "[]", "one JSON list"),
        ("x.csv", '{"gtin": 1}', "call it x.jsonl"),
        ("x.csv", f"{MILK},x,1\n{LOAF},y,2\n", "put a line with the names of the columns above"),
        ("x.csv", "条码,品名,售价,价格\n1,x,1,2\n", "both mean 'price'"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(take: Take, name: str, content: Any, told: str) -> None:
    with pytest.raises(BadFile, match=told.replace("(", r"\(")):
        take(content, name=name)


@pytest.mark.parametrize("bad", ['"never closed,1', "too,many,columns,here", "few", '"a"b,1,2', "x" * 70_000])
def test_a_broken_line_does_not_swallow_its_neighbours(take: Take, bad: str) -> None:
    outcome = take(f"{HEADER}\n{MILK},奶,1\n{bad}\n\n{LOAF},包,2\n", name="x.csv")
    assert (outcome.good, outcome.bad_lines, outcome.first[0].line) == (2, 1, 3)


def test_columns_of_others_are_named_and_ignored(take: Take) -> None:
    outcome = take(f"gtin,name_zh,Lagerplatz,毛利\n{MILK},奶,A7,0.3\n", name="x.csv")
    assert (outcome.good, set(outcome.ignored)) == (1, {"Lagerplatz", "毛利"})


def test_the_same_file_makes_the_same_version_and_another_another(take: Take) -> None:
    one, again, other = take([line()]), take([line()]), take([line(price="12.91")])
    assert one.built == again.built
    assert one.built
    assert other.built
    assert one.built.version != other.built.version


def test_a_check_leaves_nothing(take: Take, tmp_path: Path) -> None:
    outcome = take([line()], keep=False)
    assert outcome.built is None
    assert list((tmp_path / "catalogue").iterdir()) == []


def test_an_import_that_is_killed_leaves_no_version_and_the_next_one_sweeps(tmp_path: Path, take: Take) -> None:
    folder = tmp_path / "catalogue"
    program = (
        "import sys, time; from pathlib import Path; from edge.products.build import Build;"
        "from edge.products.product import Product;"
        f"b = Build(Path({str(folder)!r})); b.add(1, Product('{MILK.zfill(14)}', {{'en': 'x'}}));"
        "print('there', flush=True); time.sleep(600)"
    )
    root = str(Path(__file__).parents[3])
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}
    )
    assert child.stdout
    assert child.stdout.readline() == b"there\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert [path.name[:9] for path in folder.iterdir()] == [".building"]
    outcome = take([line()])
    assert outcome.built
    assert [path.name for path in folder.iterdir()] == [outcome.built.path.name]


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SAMPLE", 4096)  # what is looked at for the encoding: less than either file

    def peak(count: int) -> int:
        file = tmp_path / f"{count}.csv"
        body = (f"{n:012d}{check_digit(f'{n:012d}')},商品 {n},1.00" for n in range(1, count + 1))
        file.write_text("\n".join([HEADER, *body]))
        tracemalloc.start()
        import_file(file, tmp_path / "catalogue", STORE, keep=False)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(3000)  # what is imported once, and the structs that msgspec keeps for the next ones, at most 2,000 of a size
    assert peak(6000) < peak(3000) + 128 * 1024


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"gtin,name\n{text}".encode("utf-8", "ignore")))
def test_whatever_bytes_come_they_are_products_or_mistakes(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("x.csv", "x.jsonl"):
            file = Path(folder) / name
            file.write_bytes(content)
            with suppress(BadFile):
                for _, record in RecordFile(file):
                    assert isinstance(record, dict | list)
                import_file(file, Path(folder) / "c", STORE, keep=False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*line(), "size", "said", "trace", "shelf", "goes_with", "stars"]), JSON))
def test_whatever_json_stands_in_a_field_it_is_a_product_or_a_mistake(record: dict[str, Any]) -> None:
    from edge.products.fields import read

    found = read(1, record, STORE)
    assert isinstance(found, Product) or all(mistake.expected for mistake in found)


def test_a_build_takes_the_first_of_two(tmp_path: Path) -> None:
    one, two = (Product(MILK.zfill(14), {"en": name}) for name in ("first", "second"))
    built = build(tmp_path, [(1, one), (2, two)])
    found = Version(built.path).find(MILK)
    assert found
    assert found.name["en"] == "first"
