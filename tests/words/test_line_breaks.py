"""Where a line ends: nothing torn apart, and where it stands centred, at a pause and about equally long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from words.line_breaks import balanced, clusters, wrap


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("05 号柜已打开，请取出全部物品并关好柜门。", 30, ["05 号柜已打开，", "请取出全部物品并关好柜门。"]),
        ("您的信息会从屏幕上清空。", 22, ["您的信息会从", "屏幕上清空。"]),
        ("打开“我的” › 会员码。屏幕上不显示手机号。", 26, ["打开“我的” › 会员码。", "屏幕上不显示手机号。"]),
        ("好，今日有效每人限用一次结账自动抵扣", 30, ["好，今日有效每人限", "用一次结账自动抵扣"]),
        ("Nehmen Sie bitte alles heraus.", 28, ["Nehmen Sie bitte", "alles heraus."]),
        ("one two", 7, ["one two"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("一二三四\n五六七八", 6, ["一二", "三四", "五六", "七八"]),
        ("", 4, [""]),
    ],
)
def test_what_stands_centred(text: str, columns: int, lines: list[str]) -> None:
    assert balanced(text, columns) == lines


TEXT = st.text(st.sampled_from("ab 牛奶，。“”（¥1é👍\n"), max_size=80)


@given(TEXT, st.integers(2, 24))
def test_as_many_lines_as_needed_none_too_wide_and_no_letter_lost(text: str, columns: int) -> None:
    lines = balanced(text, columns)
    assert len(lines) == len(wrap(text, columns))
    assert all(sum(part.width for part in clusters(line)) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")


def test_a_number_stays_with_what_it_counts() -> None:
    assert wrap("请到入口储物柜 05 号柜", 18) == ["请到入口储物柜", "05 号柜"]
    assert wrap("满150元立减20元", 14) == ["满150元立减", "20元"]


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("Fresh milk 950 ml", 14, ["Fresh milk", "950 ml"]),
        ("Windeln Größe L, 54 Stück", 20, ["Windeln Größe L,", "54 Stück"]),
        ("Apfelsaft naturtrüb 1,5 L, bio", 24, ["Apfelsaft naturtrüb", "1,5 L, bio"]),
        ("Cheddar 200 g", 12, ["Cheddar", "200 g"]),
        ("Cheddar 200 gereift", 13, ["Cheddar 200", "gereift"]),
        ("milk 6901234567892 ml", 15, ["milk", "6901234567892", "ml"]),
        ("950 ml", 4, ["950", "ml"]),
    ],
)
def test_a_number_stays_with_its_unit(text: str, columns: int, lines: list[str]) -> None:
    assert wrap(text, columns) == lines


def test_a_code_counts_nothing() -> None:
    assert wrap("条码 6901234567892 鲜牛奶", 18) == ["条码 6901234567892", "鲜牛奶"]
    assert wrap("Code 12345678 号", 14) == ["Code 12345678", "号"]


def test_widths_are_those_of_whoever_sets_the_text() -> None:
    assert wrap("wide narrow", 50, lambda letter: 10 if letter in "wide" else 5) == ["wide", "narrow"]
    assert wrap("wide narrow", 75, lambda letter: 10 if letter in "wide" else 5) == ["wide", "narrow"]
    assert wrap("wide narrow", 80, lambda letter: 10 if letter in "wide" else 5) == ["wide narrow"]
