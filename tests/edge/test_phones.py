"""Phone numbers as people write, paste and dictate them: the number that a person would read, or a reason."""

from __future__ import annotations

from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from edge.domain.members.phones import parse_phone
from edge.errors import Refusal

ONE = "+8613800138000"


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138-0013-8000",
        "(138) 0013 8000",
        "\uff08138\uff090013\u20138000",
        "138\u00b70013\u00b78000",
        "138\u20220013\u20228000",
        "138.0013.8000",
        "138/0013/8000",
        "138_0013_8000",
        "138\u22120013\u22128000",
        "138\u20070013\u20078000",
        "138\u00a00013\u00a08000",
        "138\u30000013\u30008000",
        "138\u200b0013\u20608000",
        "1\ufe0e3800138000",
        "\ufeff13800138000\u200e",
        "\u202a13800138000\u202c",
        "\u2066+86 138 0013 8000\u2069",
        "\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10",
        "\u0661\u0663\u0668\u0660\u0660\u0661\u0663\u0668\u0660\u0660\u0660",
        "\u0967\u0969\u096e\u0966\u0966\u0967\u0969\u096e\u0966\u0966\u0966",
        "\u2460\u2462\u2467\u24ea\u24ea\u2460\u2462\u2467\u24ea\u24ea\u24ea",
        "".join(f"{digit}\ufe0f\u20e3" for digit in "13800138000"),
        "一三八零零一三八零零零",
        "幺三八 〇〇幺三 八〇〇〇",
        "一三八，零零一三，八零零零。",
        "+86 138 0013 8000",
        "\uff0b86 13800138000",
        "0086 138 0013 8000",
        "86 138 0013 8000",
        "8613800138000",
        "(+86) 138-0013-8000",
        "+86 (0) 138 0013 8000",
        "013800138000",
        "tel:+86-138-0013-8000",
        "手机:13800138000",
        "手机号：138 0013 8000",
        "手机1：13800138000",
        "13800138000 张三",
        "13800138000张三",
        "张三 13800138000",
        "13800138000 Li",
        "Li 13800138000",
        "13800138000（微信同号）",
        "13800138000，302室",
        "13800138000 2号楼",
        "13800138000 / 13800138000",
        "13800138000.0",
        "'13800138000",
        "\U0001f4f1 13800138000",
        "联系电话（手机）：13800138000，谢谢！",
    ],
)
def test_what_a_person_would_read_is_the_number(text: str) -> None:
    assert parse_phone(text) == ONE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("138OO138OOO", "letters"),
        ("l3800138000", "letters"),
        ("138 0013 800O", "letters"),
        ("13800138000O", "letters"),
        ("O13800138000", "letters"),
        ("138x0138000", "letters"),
        ("138\u041e\u041e138\u041e\u041e\u041e", "letters"),
        ("\uff11\uff13\uff18\uff2f\uff2f\uff11\uff13\uff18\uff2f\uff2f\uff2f", "letters"),
        ("138-OOL3-8OOO", "letters"),
        ("1-800-FLOWERS", "letters"),
        ("138八00138000", "letters"),
        ("13800138〇〇〇", "letters"),
        ("1380013\U0001f10c000", "letters"),
        ("1380013800", "short"),
        ("10086", "short"),
        ("62345678", "short"),
        ("+86 138", "short"),
        ("138****8000", "short"),
        ("138001380001", "long"),
        ("138 0013 80001", "long"),
        ("1380013800 05", "long"),
        ("13800138000 302", "long"),
        ("1" * 300, "long"),
        ("010-62345678", "landline"),
        ("(021) 6234 5678", "landline"),
        ("400-800-1234", "service"),
        ("13800138000 13900139000", "two"),
        ("13800138000/13900139000", "two"),
        ("13800138000\n13900139000", "two"),
        ("13800138000 或 13900139000", "two"),
        ("010-62345678/13800138000", "two"),
        ("1.38001E+10", "shortened"),
        ("1,38E10", "shortened"),
        ("85291234567", "unknown"),
        ("886-912-345-678", "unknown"),
        ("+423 660 1234", "unknown"),
        ("+52 1 55 1234 5678", "unknown"),
        ("+1 650 253", "unknown"),
        ("", "empty"),
        ("\u200b \u3000", "empty"),
        ("no number", "empty"),
    ],
)
def test_anything_else_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_phone(text)
    assert (caught.value.code, caught.value.details["reason"]) == ("bad_phone", reason)
    assert bool(caught.value.details.get("letter")) is (reason == "letters")


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("07911 123456", "GB", "+447911123456"),
        ("(650) 253-0000", "US", "+16502530000"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+852 9123 4567", "CN", "+85291234567"),
        ("00852 91234567", "CN", "+85291234567"),
        ("090-1234-5678", "JP", "+819012345678"),
    ],
)
def test_other_countries_have_numbers_too(text: str, region: str, number: str) -> None:
    assert parse_phone(text, region) == number


@pytest.mark.parametrize("code", ["+1", "+44", "+81", "+852", "+853", "+886"])
@pytest.mark.parametrize("written", ["({}) 13800138000", "{}, 13800138000", "{}/138 0013 8000", "{} (0) 13800138000"])
def test_a_number_behind_the_code_of_another_country_is_none_of_this_one(code: str, written: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_phone(written.format(code))
    assert caught.value.details["reason"] == "unknown"


MOBILE = {
    region: number
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (number := phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)) is not None
}
"""Where a plan names mobile numbers: all regions but one."""


@pytest.mark.parametrize(("region", "number"), MOBILE.items(), ids=list(MOBILE))
def test_every_country_s_number_is_one_with_00_and_at_home_without_its_plus(
    region: str, number: phonenumbers.PhoneNumber
) -> None:
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for home in (region, "CN"):
        assert parse_phone("00" + e164[1:], home) == parse_phone(e164, home) == e164
    assert parse_phone(e164[1:], region) == e164


@pytest.mark.parametrize("region", ["HK", "JP", "US", "AU", "BR", "KR", "TH", "SG"])
def test_a_visitor_writes_00_where_it_dials_nobody(region: str) -> None:
    assert parse_phone("0086 138 0013 8000", region) == ONE


def test_a_ten_digit_number_is_told_how_many_are_missing() -> None:
    with pytest.raises(Refusal) as caught:
        parse_phone("138 0013 800")
    assert (caught.value.details["found"], caught.value.details["expected"]) == (10, "11")


GAPS = st.sampled_from(
    ["", " ", "-", "\u00a0", "\u2007", "\u3000", ".", "\u00b7", "\u200b", "\u2060", "\u2013", "\ufe0e"]
)
SCRIPTS = st.sampled_from([0x30, 0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE])


@given(
    st.sampled_from(["13", "15", "18", "199", "177"]),
    st.lists(st.tuples(st.integers(0, 9), GAPS, SCRIPTS), min_size=8, max_size=8),
    st.sampled_from(["", "+86 ", "0086", "tel:", "手机：", "\u202d"]),
    st.sampled_from(["", " 张三", "（家）", "\u202c", "。", " "]),
)
def test_decoration_changes_no_number(start: str, rest: list[tuple[int, str, int]], before: str, after: str) -> None:
    start = (start + "9")[:3] if len(start) == 2 else start
    digits = start + "".join(str(digit) for digit, _, _ in rest)
    shown = before + start + "".join(gap + chr(script + digit) for digit, gap, script in rest) + after
    assert parse_phone(shown) == f"+86{digits}"


@given(st.integers(0, 10), st.sampled_from("OoQlISZBbgqxАОо\uff2f"))
def test_a_letter_never_becomes_a_digit(place: int, letter: str) -> None:
    with pytest.raises(Refusal, match="letters"):
        parse_phone(f"{'13900138000'[:place]}{letter}{'13900138000'[place + 1 :]}")


@given(st.text(max_size=60))
def test_whatever_is_typed_it_is_a_number_or_a_refusal(text: str) -> None:
    with suppress(Refusal):
        assert parse_phone(text).startswith("+")
