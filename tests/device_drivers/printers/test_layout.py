"""Where text stands on paper: nothing over the edge, nothing torn apart, nothing lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers.contract.documents import BadDocument, parse
from device_drivers.printers.document_layout import PAPERS, Bars, Cut, Drawer, Qr, TextLine, lay_out
from device_drivers.printers.document_wrap import balanced, plain, width, wrap
from words.line_breaks import clusters


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("鲜汇生活", 8),
        ("￥12", 4),
        ("é€ñ", 3),
        ("e\u0301", 1),
        ("“券”", 6),
        ("👩\u200d👩\u200d👧", 2),
        ("🇨🇳", 2),
        ("👍🏽", 2),
        ("", 0),
    ],
)
def test_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("取件码请妥善保管。", 8, ["取件码请", "妥善保", "管。"]),
        ("价格（￥12）", 8, ["价格", "（￥12）"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("牛奶 950\u00a0ml", 10, ["牛奶", "950\u00a0ml"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("l’été", 9, ["l'été"]),
        ("“好”", 9, ["“好”"]),
    ],
)
def test_wrapping(text: str, columns: int, lines: list[str]) -> None:
    assert wrap(text, columns) == lines


def test_centred_lines_end_where_a_reader_pauses() -> None:
    assert balanced("今日有效，每人限用一次，结账时自动抵扣。", 32) == ["今日有效，每人限用一次，", "结账时自动抵扣。"]


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp"), blacklist_characters="\u00ad"))


@given(TEXT, st.integers(2, 48))
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == plain(text).replace(" ", "")


@given(TEXT, st.integers(2, 48))
def test_no_cluster_is_torn_apart(text: str, columns: int) -> None:
    whole = [part.text for part in clusters(plain(text)) if part.text.strip(" ")]
    found = [part.text for line in wrap(text, columns) for part in clusters(line) if part.text.strip(" ")]
    assert found == whole


CELLS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.text(st.sampled_from("ab 牛奶é￥1.0"), max_size=40),
            "align": st.sampled_from(["left", "center", "right"]),
            "width": st.none() | st.integers(2, 48),
        }
    ),
    min_size=1,
    max_size=6,
)


@given(CELLS, st.sampled_from([58, 80]))
def test_a_row_stays_on_the_paper_and_says_everything(cells: list[dict[str, object]], paper: int) -> None:
    placed = lay_out(parse({"lines": [{"kind": "columns", "cells": cells}]}), PAPERS[paper])
    lines = [item for item in placed if isinstance(item, TextLine)]
    assert all(width(line.text) * line.size <= PAPERS[paper].columns for line in lines)
    printed = sorted("".join(line.text for line in lines).replace(" ", ""))
    assert printed == sorted("".join(str(cell["text"]) for cell in cells).replace(" ", ""))


def _lines(*rows: dict[str, object], paper: int = 58, **more: object) -> list[str]:
    placed = lay_out(parse({"lines": list(rows), **more}), PAPERS[paper])
    return [item.text for item in placed if isinstance(item, TextLine)]


def test_two_cells_stand_left_and_right() -> None:
    assert _lines({"kind": "columns", "cells": [{"text": "合计"}, {"text": "￥9.90"}]}) == [f"合计{' ' * 22}￥9.90"]


def test_narrow_paper_gives_the_name_its_own_line() -> None:
    prices = ({"text": "1.00", "align": "right", "width": 10},) * 2
    row = {"kind": "columns", "cells": [{"text": "每日鲜全脂牛奶"}, *prices]}
    assert _lines(row, paper=58) == ["每日鲜全脂牛奶", f"{' ' * 17}1.00{' ' * 7}1.00"]
    assert _lines(row, paper=80) == [f"每日鲜全脂牛奶{' ' * 19}1.00{' ' * 7}1.00"]


@pytest.mark.parametrize("paper", [58, 80])
@pytest.mark.parametrize(
    "amount", ["¥12.90", "-¥100,000.00", "1.234.567,00\u00a0€", "IDR 1,250,000.00", "¥10,000,000,000.00"]
)
@pytest.mark.parametrize("quantity", ["×2", "×1.234 kg", "×1000000"])
def test_a_number_is_never_cut_in_two(quantity: str, amount: str, paper: int) -> None:
    """`×1.234 kg` stood there as `×1.23` with `4 kg` below."""
    cells = [{"text": "散装苹果"}, {"text": quantity, "align": "right", "width": 5}]
    lines = _lines({"kind": "columns", "cells": [*cells, {"text": amount, "align": "right", "width": 11}]}, paper=paper)
    words = " ".join(lines).split(" ")
    assert set(f"{quantity} {amount}".split(" ")) <= set(words)
    assert any(quantity in line for line in lines)
    assert all(width(line) <= PAPERS[paper].columns for line in lines)


def test_a_sum_that_does_not_fit_large_stays_whole() -> None:
    total = {"kind": "totals", "rows": [{"label": "Total to be paid", "amount": "￥1,234,567.00", "strong": True}]}
    (line,) = [item for item in lay_out(parse({"lines": [total]}), PAPERS[58]) if isinstance(item, TextLine)]
    assert (line.size, line.bold) == (1, True)


def test_a_copy_says_so_twice_and_leaves_the_drawer_shut() -> None:
    raw = {
        "language": "en",
        "lines": [{"kind": "drawer"}, {"kind": "text", "text": "x"}],
        "copy": {"zh-CN": "副本", "en": "COPY"},
    }
    placed = lay_out(parse(raw), PAPERS[58])
    assert [item.text for item in placed if isinstance(item, TextLine)] == [" COPY · 副本 ", "x", " COPY · 副本 "]
    assert not any(isinstance(item, Drawer) for item in placed)


def test_every_slip_ends_with_one_cut() -> None:
    for lines in ([{"kind": "text", "text": "x"}], [{"kind": "text", "text": "x"}, {"kind": "cut"}]):
        assert [type(item) for item in lay_out(parse({"lines": lines}), PAPERS[58])] == [TextLine, Cut]


def test_codes_shrink_to_the_paper_or_are_refused() -> None:
    raw = parse(
        {
            "lines": [
                {"kind": "qr", "data": "x" * 300, "size": 12},
                {"kind": "barcode", "symbology": "code128", "data": "A" * 20},
            ]
        }
    )
    qr, bars = (next(item for item in lay_out(raw, PAPERS[58]) if isinstance(item, kind)) for kind in (Qr, Bars))
    assert (qr.module, bars.module) == (4, 1)
    too_long = parse({"lines": [{"kind": "barcode", "symbology": "code128", "data": "A" * 48}]})
    with pytest.raises(BadDocument, match="384 dots"):
        lay_out(too_long, PAPERS[58])


def test_letters_compose() -> None:
    assert unicodedata.is_normalized("NFC", wrap("Cafe\u0301", 10)[0])
