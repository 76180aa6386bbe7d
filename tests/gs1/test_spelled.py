"""GS1 codes as readers that cannot send FNC1 send them, and as people type them: the same words for the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.codes.gs1_codes import Gs1
from edge.domain.codes.readings import Reading, Scan
from edge.domain.codes.words import describe
from gs1.spelled import number

GTIN = "09521101530018"
HEAD, TAIL = f"01{GTIN}10AB", "17261231"
GS1 = Gs1()
SPELLED = [
    "\x1d", "<GS>", "<gs>", "<FNC1>", "<F1>", "<0x1D>", "{GS}", "{FNC1}", "[GS]", "[FNC1]", "(GS)", "␝", "^]", "\\x1d",
    "\\x1D", "\\u001d", "\\F", "\\FNC1", "\\029", "\\035", "%1D", "&#29;", "&#x1D;", "|", "~", "~1", "^", "\x1d\x1d",
    "~F1", "~F", "~d029", "\\x{1d}",
]  # fmt: skip


def readings(text: str, symbology: str | None = None) -> list[Reading]:
    return list(GS1.elements(Scan(text, symbology)))


@pytest.mark.parametrize("before", ["", "]C1", "]d2", "]Q3", "]e0", "]J1"])
@pytest.mark.parametrize("fnc1", SPELLED)
def test_fnc1_is_known_however_it_is_spelled(fnc1: str, before: str) -> None:
    for text in (f"{before}{HEAD}{fnc1}{TAIL}", f"{before}{fnc1}{HEAD}{fnc1}{TAIL}"):
        (reading,) = readings(text)
        assert reading.trade
        assert (reading.trade.gtin, reading.trade.batch, reading.trade.use_by) == (GTIN, "AB", "2026-12-31")
    (reading,) = readings(f"{HEAD}{fnc1}{TAIL}", "gs1-128")
    assert reading.trade
    assert reading.trade.batch == "AB"


@pytest.mark.parametrize("sign", ["]", "@", "$", "`", "\\", "\x1e", "\x1c", " ", "\t", "Ý", "¦"])
def test_a_sign_that_no_value_may_have_parts_values(sign: str) -> None:
    (reading,) = readings(f"{HEAD}{sign}{TAIL}", "gs1-128")
    assert reading.trade
    assert (reading.trade.batch, reading.trade.use_by) == ("AB", "2026-12-31")


@pytest.mark.parametrize(
    "text",
    [f"(01){GTIN}(10)AB", f"(01) {GTIN} (10) AB", f"（01）{GTIN}（10）AB", f"[01]{GTIN}[10]AB", f"]C1(01){GTIN}(10)AB",
     f"(01){GTIN} (10)AB ", f"<01>{GTIN}<10>AB"],
)  # fmt: skip
def test_brackets_of_any_kind(text: str) -> None:
    (reading,) = readings(text)
    assert reading.trade
    assert (reading.trade.gtin, reading.trade.batch) == (GTIN, "AB")


@pytest.mark.parametrize(
    "text", [f"(01){GTIN}", f"01{GTIN}", f"]C101{GTIN}", f"]d201{GTIN}17261231", f"https://id.gs1.org/01/{GTIN}"]
)
def test_a_product_that_the_store_does_not_have_is_a_product(text: str) -> None:
    told = describe(readings(text)[0], "en")
    assert (told.title, told.text) == (
        "A product",
        "It is not in this store's list. Please ask our staff.",
    )


@pytest.mark.parametrize(
    "text",
    [f"]C101{GTIN}17261331", f"]d201{GTIN}17261331", f"]Q301{GTIN[:-1]}9", f"]e001{GTIN}17", f"(01){GTIN}(17)261331",
     f"(01){GTIN[:-1]}9", f"01{GTIN}17261331", "(00)123", "https://id.gs1.org/01/09521101530019", f"]C1{GTIN}",
     *(f"https://{{host}}/01/{GTIN}{{rest}}".format(host=host, rest=rest) for host in ("id.gs1.org", "example.com")
       for rest in ("?17=271301", "?17=270230", "/10/ABC?15=991399", "?3103=abcdef", "?x=1&17=271301"))],
)  # fmt: skip
def test_a_fault_in_it_is_said(text: str) -> None:
    (reading,) = readings(text)
    assert reading.refused == "bad_gs1"
    assert describe(reading, "en").title == "This bar code is faulty"


@pytest.mark.parametrize(
    "text",
    ["https://id.gs1.org/01/{}/", "HTTPS://ID.GS1.ORG/01/{}", "http://example.com/a/01/{}//?x=1", "https://example.com/01/{}/#top",
     "https://example.com/gtin/{}/", "id.gs1.org/01/{}", "URL:https://id.gs1.org/01/{}", "<https://id.gs1.org/01/{}>",
     "https://id.gs1.org/01/{}。", "https://id.gs1.org/01/{}/10/AB%2F1?utm=%", "https://id.gs1.org/01/{}，看看",
     "\ufeffhttps://id.gs1.org/01/{}/ ", "（https://id.gs1.org/01/{}）", "【https://id.gs1.org/01/{}】看看",
     "『https://example.com/01/{}』"],
)  # fmt: skip
def test_a_digital_link_is_one_however_it_arrives(text: str) -> None:
    (reading,) = readings(text.format(GTIN))
    assert (reading.what, reading.trade and reading.trade.gtin) == ("digital_link", GTIN)


@given(
    st.text(max_size=80) | st.lists(st.sampled_from([*SPELLED, HEAD, TAIL, "(", ")", "]C1", "https://"])).map("".join)
)
def test_whatever_it_is_it_is_answered(text: str) -> None:
    for reading in readings(text):
        assert describe(reading, "en").title


@pytest.mark.parametrize(
    "text",
    ["\ufeff{}", "{}\u200b", "\u200e{}", "{}。", "{}，看看", "{})", "{}#", "（{}）", " {} ", '"{}"', "*{}*", "【{}】",
     "『{}』新品"],
)  # fmt: skip
def test_a_number_is_one_whatever_a_keyboard_puts_around_it(text: str) -> None:
    assert number(text.format("6901234567892")) == "6901234567892"
    assert number(text.format("６９０１２３４５６７８９２")) == "6901234567892"


@pytest.mark.parametrize(
    "text", ["6 901234 567892", "6-901234-567892", "690 1234 5678 92", "６ ９０１２３４ ５６７８９２"]
)
def test_a_number_is_one_in_the_groups_that_it_is_printed_in(text: str) -> None:
    assert number(text) == "6901234567892"


@pytest.mark.parametrize(
    "text",
    [
        "20261231, a day",
        "6 901234 567893",
        "138 0013 8000",
        "0755-12345678",
        "6901234567892 x 2",
        "Tel. 13800138000",
        "12345670-1",
    ],
)
def test_a_text_with_digits_stays_one(text: str) -> None:
    assert number(text) == text
