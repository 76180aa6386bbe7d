"""Codes as they arrive: what a person means is found, what is wrong stays wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.touchpoints.code_text import candidates
from edge.domain.touchpoints.codes import Codes
from edge.errors import Refusal
from tests.domain.test_touchpoints import CODES, NOW
from tests.keyboards import wide

STICKER = CODES.static("cart-07")
MAC = STICKER.partition(".")[2]
SCREEN = CODES.rotating("screen-baby", "milk", NOW)
HOME = f"https://store.example/t/{STICKER}"

DRESSES = [
    "{}", " {} ", "{}\n", "\r\n{}\t", "{}。", "{}.", "{}.。", "{})", "（{}）", "({})", "<{}>", "《{}》", '"{}"',
    "“{}”", "'{}'", "「{}」", "[{}]", "{},", "{}，看看", "{}, have a look", "{} 看看", "看看{}吧", "{}!",
    "{}！", "{}?", "{}？", "{}…", "{};", "{}、", "{}~", "{}*", "*{}*", "_{}_", "`{}`", "{}#", "{}#top",
    "{}?utm_source=wechat", "{}?from=singlemessage&isappinstalled=0", "{}/", "{}//", "{}%20", "\ufeff{}",
    "\u200b{}\u200b", "\u202a{}\u202c", "{}\u3000", "{}\0", "URL:{}", "url: {}", "URL：{}", "网址：{}",
    "{}.html", "{}&x=1", "【鲜汇生活】扫码取车 {} 复制打开", "Fresh Life\n{}\nsent from my phone", "{}-",
    "{}.thanks", "\U0001f6d2{}\U0001f6d2", "{}|",
]  # fmt: skip
ADDRESSES = [
    "http://store.example/t/{}", "https://store.example/t/{}", "http://192.168.1.10:8080/t/{}",
    "https://old.example:443/t/{}", "store.example/t/{}", "//store.example/t/{}", "HTTPS://STORE.EXAMPLE/T/{}",
    "https://store.example/c/{}", "/t/{}", "t/{}", "https://store.example//t/{}",
    "https%3A%2F%2Fstore.example%2Ft%2F{}", "http://[2001:db8::1]:8080/t/{}",
    "https://weixin110.example/cgi-bin/check?url=https%3A%2F%2Fstore.example%2Ft%2F{}",
    "http：//store．example/t/{}",
]  # fmt: skip


def meant(text: str) -> str:
    try:
        return CODES.meant(text, NOW)[0]
    except Refusal as refusal:
        return refusal.code


@pytest.mark.parametrize("code", [STICKER, SCREEN])
@pytest.mark.parametrize("dress", DRESSES)
def test_a_code_is_known_in_any_dress(dress: str, code: str) -> None:
    assert meant(dress.format(code)) == code
    assert meant(dress.format(code.upper())) == code


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("dress", DRESSES)
def test_an_address_is_known_in_any_dress(address: str, dress: str) -> None:
    if address == "t/{}" and not dress.startswith("{}"):
        return
    assert meant(dress.format(address.format(STICKER))) == STICKER
    assert meant(dress.format(address.format(STICKER)).upper()) == STICKER


@pytest.mark.parametrize(
    "text",
    [
        STICKER.replace(".", "%2E"),
        STICKER.replace(".", "%2e"),
        STICKER.replace(".", "%252E"),
        STICKER.replace(".", "．"),
        STICKER.replace(".", "。"),
        STICKER.replace("-", "\u2011"),
        STICKER.replace("-", "\u2013"),
        STICKER.replace("-", "－"),
        wide(STICKER),
        f"{STICKER[:11]}\n{STICKER[11:]}",
        f"https://store.example/t/cart-07.\r\n{MAC}",
        f"https://store.example/t/{STICKER[:12]} {STICKER[12:]}",
        f"see example.com and {STICKER}",
        f"li.lei@example.com {STICKER}",
        f"https://example.com/t/nothing.aaaaaaaa or {HOME}",
    ],
)
def test_other_ways_to_write_one(text: str) -> None:
    assert meant(text) == STICKER


@pytest.mark.parametrize("dress", ["{}", "{}。", " {}", "https://store.example/t/{}", "https://evil.example/T/{}?a=b"])
@pytest.mark.parametrize(
    "wrong",
    [f"cart-07.{'a' * 8}", f"cart-08.{MAC}", f"cart-07.{MAC[:-1]}", f"cart-07.{MAC}a", f"cart-07{MAC}",
     f"cart-07.{MAC[::-1]}", f"cart-07.{MAC[0].upper()}{MAC[1:]}",
     SCREEN[:-1] + ("a" if SCREEN[-1] != "a" else "b"), SCREEN.replace("milk", "beer")],
)  # fmt: skip
def test_what_was_tampered_with_is_refused_in_any_dress(dress: str, wrong: str) -> None:
    assert meant(dress.format(wrong)) in ("code_tampered", "code_unknown")


@given(st.data())
def test_no_changed_letter_is_made_right(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from([STICKER, SCREEN]))
    place = data.draw(st.integers(0, len(code) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789").filter(lambda sign: sign != code[place]))
    assert meant(code[:place] + letter + code[place + 1 :]) in ("code_tampered", "code_unknown")


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_whatever_arrives_it_is_a_code_or_a_refusal(text: str) -> None:
    for code in candidates(text):
        assert code.text.isascii()
    assert meant(text) in ("code_tampered", "code_unknown")


def test_a_long_text_is_looked_at_in_a_moment() -> None:
    for text in ("a.b " * 100_000, "%25" * 100_000, "/t/" * 100_000, "a-" * 100_000, "." * 100_000):
        assert meant(text) == "code_unknown"
    assert isinstance(CODES, Codes)


@pytest.mark.parametrize("dress", ["{}", "https://store.example/t/{}", "看看 {} 吧"])
def test_one_other_letter_in_a_code_is_told_as_tampered(dress: str) -> None:
    place = next(at for at, sign in enumerate(STICKER) if at > len("cart-07.") and sign.isalpha())
    altered = STICKER[:place] + STICKER[place].upper() + STICKER[place + 1 :]
    assert meant(dress.format(altered)) == "code_tampered"
    assert meant(dress.format(altered.partition(".")[2])) == "code_unknown"
