"""All 812 vectors of GS1's syntax (`tests/data/NOTICE.md`), by kind, against what this store does with such data.

Where a vector cannot hold it is named with its reason, and the test fails when it does hold. What biip gets wrong, and
`gs1` therefore does itself, is named in the same way.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from biip import ParseConfig, ParseError
from biip.checksums import gs1_price_weight_check_digit, gs1_standard_check_digit
from biip.gln import Gln
from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gtin import Gtin
from biip.sscc import Sscc
from biip.symbology import SymbologyIdentifier
from biip.upc import Upc

from edge.domain.codes.gs1_codes import Gs1
from edge.domain.codes.readings import Scan
from gs1.elements import FNC1, BadElements, Element, Elements
from gs1.in_store import value_check_digit
from gs1.links import Links
from gs1.numbers import numbers, upce_to_upca
from gs1.scan_data import ScanData
from gs1.trade import check_digit

Row = dict[str, str]
VECTORS: Final = Path(__file__).resolve().parents[1] / "data" / "gs1-vectors.csv"
ELEMENTS: Final = Elements()

NOT_HELD: Final = {
    "src/c-lib/dl.c:1763": "the same as line 1767, which is valid: the option that differs is not in the row",
    "src/c-lib/dl.c:2203": "the same as line 2206, which is valid: the option that differs is not in the row",
    "biip_element_string:test_extract 800307071324001022085952": "an asset number with a wrong check digit",
    "biip_message:test_parse 800307071324001022085952": "an asset number with a wrong check digit",
    "src/c-lib/scandata.c:642": "we write no codes: there is no message that we would refuse to encode",
    "src/c-lib/scandata.c:643": "we write no codes: the encoder's own symbology is not set",
    "src/c-lib/scandata.c:734": "we write no codes: a message too short for its symbology",
    "src/c-lib/scandata.c:737": "we write no codes: letters in a symbology of digits",
    "src/c-lib/scandata.c:740": "we write no codes: a wrong check digit",
    "src/c-lib/scandata.c:744": "we write no codes: a message too short for its symbology",
    "src/c-lib/scandata.c:745": "we write no codes: a wrong check digit",
    "src/c-lib/scandata.c:758": "we write no codes: GS1-128 without elements",
    "src/c-lib/scandata.c:761": "we write no codes: DataBar without elements",
    "src/c-lib/scandata.c:764": "we write no codes: a GTIN that DataBar Limited cannot hold",
}
"""By place in its project, or kind and input."""

BIIP_DIFFERS: Final = {
    1344: "takes a scheme in mixed case", 1392: "takes an address with a zone", 1426: "takes the first key",
    1437: "knows no short names", 1438: "knows no short names", 1439: "knows no short names",
    1454: "fills up zeros unasked", 1464: "fills up zeros unasked", 1474: "fills up zeros unasked",
    1484: "zeros not in attributes", 1494: "zeros not in attributes",
    1550: "leaves out empty attributes", 1553: "leaves out unknown AIs",
    1730: "takes a qualifier as an attribute", 1740: "takes an AI twice",
    1744: "takes an AI twice", 1748: "takes an AI twice", 1757: "leaves out unknown AIs",
    1763: "leaves out unknown AIs", 1767: "leaves out unknown AIs",
}  # fmt: skip
"""Digital Links that biip 5.2 reads otherwise than the syntax engine, by line of dl.c."""


@cache
def rows() -> list[Row]:
    with VECTORS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def name(row: Row) -> str:
    return f"{row['kind']} {row['input']}" if row["kind"].startswith("biip_") else row["location"]


def refuses(act: Callable[[], Any]) -> bool:
    """Whether it says no in the way it should."""
    try:
        act()
    except (BadElements, ParseError):
        return True
    return False


def carets(elements: list[Element]) -> str:
    return ELEMENTS.written(elements).replace(FNC1, "^")


def links(row: Row) -> Links:
    return Links(ELEMENTS, unknown="PermitUnknownAIs" in row["flags"])


def read_link(row: Row) -> list[Element]:
    loose = {"zeros": "ZeroSuppressed" in row["flags"], "names": "ConvenienceAlphas" in row["flags"]}
    return links(row).read(row["input"], **loose)


def read_data(data: str) -> tuple[str, tuple[Element, ...]]:
    carried = ScanData(ELEMENTS, Links(ELEMENTS)).read(data)
    return carried.text, carried.elements


def message(text: str, elements: tuple[Element, ...]) -> str:
    """In the notation of the syntax engine, where a caret is FNC1 and a backslash guards one that is not."""
    if text.startswith(("http", "HTTP", "HtTp")):
        return text
    plain = "\\" + text if text.startswith(("^", "\\^")) else text
    return "|".join(filter(None, (plain, carets(list(elements)) if elements else "")))


def engine(row: Row) -> bool:
    """Whether a vector of the syntax engine holds."""
    kind, given = row["kind"].split()[0], row["input"]
    if kind == "message_to_scan_data":
        return row["valid"] == "true" and _would_be_read(row)
    acts: dict[str, Callable[[], str]] = {
        "bracketed_ai_to_fnc1": lambda: carets(ELEMENTS.bracketed(given)),
        "fnc1_data_validate": lambda: _validated(given),
        "ai_linter": lambda: str(ELEMENTS.bracketed(given) and row["expected"]),
        "digital_link_to_fnc1": lambda: carets(read_link(row)),
        "ai_to_digital_link": lambda: links(row).write(
            ELEMENTS.bracketed(given, unknown=True), row["kind"].partition("stem=")[2]
        ),
        "scan_data_to_message": lambda: message(*read_data(given)),
    }
    act = acts.get(kind, lambda: str(ELEMENTS.together(ELEMENTS.bracketed(given, unknown=True)) or ""))
    if row["valid"] == "false":
        return refuses(act)
    return act() == row["expected"]


def _validated(given: str) -> str:
    if not given.startswith("^"):
        raise BadElements("no FNC1 in front")
    ELEMENTS.scanned(given.replace("^", FNC1))
    return ""


def _would_be_read(row: Row) -> bool:
    """We write no codes, but what the engine would write must read as what it was asked to write."""
    carried = ScanData(ELEMENTS, Links(ELEMENTS)).read(row["expected"])
    text, elements = carried.text, carried.elements
    said = row["input"].rstrip("^")
    found = Counter((each.ai, each.value) for each in elements)
    numbers_found = [("01", number.gtin) for number in numbers(text, carried.symbology)] if text.isdigit() else []
    if not said.startswith("^") and "|^" not in said:
        return message(text, elements) == said or text.startswith(said)
    if row["expected"].startswith("]Q1"):
        return text == said  # a bar without a composite below it is only a bar
    head, _, below = said.partition("|")
    want: Counter[tuple[str, str]] = Counter()
    for part in (head if head.startswith("^") else f"^01{head.zfill(14)}", below):
        if part:
            want.update((each.ai, each.value) for each in ELEMENTS.scanned(part.replace("^", FNC1)))
    return found + Counter(numbers_found) == want


def elements_of(row: Row) -> list[Element]:
    """The element strings of a vector of biip's, however it gives them."""
    given = row["input"]
    if given.startswith("["):
        return [Element(each["ai"], each["value"]) for each in _listed(given)]
    if given.startswith("http"):
        return Links(ELEMENTS).read(given, zeros=True)
    return ELEMENTS.scanned(given)


def _listed(given: str) -> list[dict[str, Any]]:
    found = []
    for part in given.split("{'ai': ")[1:]:
        ai, _, rest = part.partition(",")
        found.append({"ai": ai.strip("'"), "value": rest.split("'value': '")[1].split("'")[0]})
    return found


def hri(elements: list[Element]) -> str:
    return "".join(f"({each.ai}){each.value}" for each in elements)


def expected(row: Row) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(row["expected"] or "{}")
    return loaded


def biip_elements(row: Row) -> bool:
    """Element strings: ours agree with biip on what is one, and biip's decimals and dates are what its tests say."""
    want, given = expected(row), row["input"] + str(expected(row).get("bad_value", ""))
    name = row["kind"].partition(":")[2]
    if row["valid"] == "false":
        return refuses(lambda: ELEMENTS.scanned(given))
    ours = ELEMENTS.scanned(given)
    read = GS1ElementString.extract(given, config=ParseConfig(gs1_element_strings_verify_date=False))
    if name == "test_as_hri":
        return hri(ours) == want["expected"] == read.as_hri()
    value = want.get("expected", want.get("expected_decimal"))
    if isinstance(value, dict):
        ok = [Element(value["ai"], value["value"])] == ours
        return ok and (str(read.date) == value["date"] if "date" in value else True)
    if "expected_date" in want:
        return str(read.date) == want["expected_date"]
    if name.endswith("last_day_of_month"):
        return str(read.date) == value
    return len(ours) == 1 and read.decimal == Decimal(value)


def biip_messages(row: Row) -> bool:
    """Messages and addresses: what biip's tests find in them, ours find too."""
    want, name = expected(row), row["kind"].partition(":")[2]
    if "separator_chars" in want:
        for sign in want["separator_chars"]:
            row = {**row, "input": row["input"].replace(sign, FNC1)}
    if name.startswith("test_parse_hri"):
        act: Callable[[], list[Element]] = lambda: ELEMENTS.bracketed(row["input"])  # noqa: E731
    else:
        act = lambda: elements_of(row)  # noqa: E731
    if row["valid"] == "false":
        return refuses(act)
    found = act()
    if "ai" in want or "data_title" in want:
        return _picked(found, want)
    value = want.get("expected", want.get("expected_hri"))
    if isinstance(value, dict):
        return [(each["ai"], each["value"]) for each in value["element_strings"]] == [(e.ai, e.value) for e in found]
    if value.startswith("http"):
        stem = value.partition("/01/")[0].partition("/00/")[0]
        ours = Links(ELEMENTS).write(found, stem)  # attributes may stand in any order; biip's is that of their numbers
        return Counter(re.split("[?&]", ours)) == Counter(re.split("[?&]", value))
    return hri(found) == value


def _picked(found: list[Element], want: dict[str, Any]) -> bool:
    if "ai" in want:
        chosen = [each.value for each in found if each.ai.startswith(want["ai"])]
    else:
        titles = {ai: each.data_title for ai, each in _GS1_APPLICATION_IDENTIFIERS.items()}
        chosen = [each.value for each in found if want["data_title"] in titles[each.ai]]
    value = want["expected"]
    return chosen == value if isinstance(value, list) else (chosen[0] if chosen else None) == value


def biip_numbers(row: Row) -> bool:
    """GTIN, UPC, SSCC, GLN and check digits: ours, and biip's own where we have none."""
    kind, name = row["kind"].removeprefix("biip_").split(":")
    given, want = row["input"], expected(row).get("expected")
    if "nonnumeric" in name or "wrong_length" in name:
        return _no_number(kind, name, given)
    if kind == "checksum":
        return (value_check_digit if "price_weight" in name else check_digit)(given) == want
    if kind == "gtin":
        return any(number.gtin == given.zfill(14) for number in numbers(given, None))
    if kind in ("sscc", "upc"):
        bad = row["valid"] == "false"
        return refuses(lambda: Upc.parse(given)) == bad if kind == "upc" else Sscc.parse(given).as_hri() == want
    upc = getattr(Upc.parse(given), name.removeprefix("test_"))()
    long = upce_to_upca(given) if len(given) == 8 else None
    return upc == want and (long is None or name == "test_as_upc_e" or long == want.lstrip("0").zfill(12))


def _no_number(kind: str, name: str, given: str) -> bool:
    if kind == "checksum":
        act = gs1_price_weight_check_digit if "price_weight" in name else gs1_standard_check_digit
        with pytest.raises(ValueError, match="Expected"):
            act(given)
        return True
    readers: dict[str, Callable[[str], Any]] = {
        "gtin": Gtin.parse,
        "upc": Upc.parse,
        "sscc": Sscc.parse,
        "gln": Gln.parse,
    }
    return refuses(lambda: readers[kind](given)) and not list(numbers(given, None))


def biip_symbology(row: Row) -> bool:
    """The identifiers in front: biip's; we need only those in `gs1.scan_data`."""
    found = SymbologyIdentifier.extract(row["input"])
    want = expected(row).get("expected")
    return want is None or (found.value, found.iso_symbology.value) == (want["value"], want["iso_symbology"])


def biip_whole(row: Row) -> bool:
    """Anything at all: our reading names the number that biip finds."""
    want = expected(row)["expected"]
    gtin = want.get("gtin", {}).get("value")
    sscc = want.get("sscc", {}).get("value")
    found = list(Gs1().elements(Scan(row["input"])))
    if gtin and len(row["input"]) > 6:
        return gtin.zfill(14) in {each.trade.gtin for each in found if each.trade}
    if sscc and row["input"].startswith("00"):
        return [(each.what, each.trade) for each in Gs1().elements(Scan(row["input"], "gs1-128"))] == [("sscc", None)]
    return all(each.refused or each.kind == "unknown" for each in found)


def holds(row: Row) -> bool:
    kind = row["kind"]
    if not kind.startswith("biip_"):
        return engine(row)
    family = kind.removeprefix("biip_").partition(":")[0]
    if kind.startswith("biip_element_string:test_list"):
        return biip_messages(row)
    return {
        "element_string": biip_elements,
        "message": biip_messages,
        "digital_link": biip_messages,
        "symbology": biip_symbology,
        "parse": biip_whole,
    }.get(family, biip_numbers)(row)


def held(row: Row) -> bool:
    try:
        return holds(row)
    except BadElements:
        return False


@pytest.mark.parametrize("kind", sorted({row["kind"].split()[0] for row in rows()}))
def test_vectors(kind: str) -> None:
    for row in rows():
        if row["kind"].split()[0] == kind:
            assert held(row) == (name(row) not in NOT_HELD), row


def test_all_are_there_and_every_exception_is_one_of_them() -> None:
    assert len(rows()) == 812
    assert NOT_HELD.keys() <= {name(row) for row in rows()}


def test_where_biip_differs_it_still_does() -> None:
    """A line that is no longer needed here says that biip has learned it: then `gs1.links` may lose it."""
    differs = set()
    for row in rows():
        if row["kind"] != "digital_link_to_fnc1":
            continue
        try:
            found = "^" + GS1DigitalLinkURI.parse(row["input"]).as_gs1_message().value.replace(FNC1, "^")
        except ParseError:
            found = ""
        if found != row["expected"]:
            differs.add(int(row["location"].partition(":")[2]))
    assert differs == set(BIIP_DIFFERS)


def test_we_know_every_identifier_that_biip_knows() -> None:
    assert set(ELEMENTS.forms) >= set(_GS1_APPLICATION_IDENTIFIERS)


def test_a_model_numbers_check_letters() -> None:
    """The example of the General Specifications, section 7.9.5; the vectors have only wrong ones."""
    assert ELEMENTS.bracketed("(8013)1987654Ad4X4bL5ttr2310c2K")
    assert refuses(lambda: ELEMENTS.bracketed("(8013)1987654Ad4X4bL5ttr2310c2X"))
