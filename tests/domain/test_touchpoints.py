"""What a code means, and what is no code of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.touchpoints import decisions as touchpoints
from edge.domain.touchpoints.codes import Codes, Touchpoint
from edge.domain.touchpoints.rules import STEP_MS, TICKET_MS, VIEW_MS
from edge.errors import Refusal

if TYPE_CHECKING:
    from edge.journal.journal import Journal
    from tests.domain.conftest import SetClock

NOW = 1_790_000_000_000
PLACES = {
    place: Touchpoint(place, purpose, "baby", {"en": place}, place)
    for place, purpose in (("cart-07", "cart"), ("screen-baby", "screen"))
}
CODES = Codes(b"k" * 32, "s001", PLACES.get)


def refusal(code: str, now_ms: int = NOW, codes: Codes = CODES) -> str:
    with pytest.raises(Refusal) as refused:
        codes.parse(code, now_ms)
    return refused.value.code


def test_a_sticker_is_good_for_ever_and_short() -> None:
    code = CODES.static("cart-07")
    assert CODES.parse(code, NOW) == PLACES["cart-07"]
    assert CODES.parse(code, NOW * 2) == PLACES["cart-07"]
    assert len(code) <= 16


def test_a_screen_code_lives_30_to_60_seconds() -> None:
    start = NOW // STEP_MS * STEP_MS
    code = CODES.rotating("screen-baby", "milk", start)
    assert CODES.parse(code, start).coupon == "milk"
    assert CODES.parse(code, CODES.code_until(start) - 1).id == "screen-baby"
    assert refusal(code, CODES.code_until(start)) == "code_expired"
    assert refusal(code, start - 1) == "code_expired", "nor one from the future"
    assert CODES.rotating("screen-baby", "milk", start + STEP_MS) != code


def test_a_ticket_keeps_what_was_scanned_while_a_shopper_registers() -> None:
    scanned = CODES.parse(CODES.rotating("screen-baby", "milk", NOW), NOW)
    ticket = CODES.ticket(scanned, "anna", NOW)
    assert CODES.parse_ticket(ticket, "anna", NOW + TICKET_MS - 1000) == scanned
    with pytest.raises(Refusal, match="code_expired"):
        CODES.parse_ticket(ticket, "anna", NOW + TICKET_MS + 1000)
    with pytest.raises(Refusal, match="code_unknown"):
        CODES.parse_ticket(CODES.rotating("screen-baby", "milk", NOW), "anna", NOW)
    assert refusal(ticket) == "code_unknown", "a ticket is no code"


def test_a_coupon_on_paper_outlives_its_screen() -> None:
    gone = Codes(b"k" * 32, "s001", lambda _: None)
    code = CODES.paper("screen-baby", "milk", "seed")
    for codes in (CODES, gone):
        found = codes.parse(code, NOW)
        assert (found.id, found.purpose, found.coupon, found.live) == ("screen-baby", "screen", "milk", "pseed")
        assert codes.parse_ticket(codes.ticket(found, "anna", NOW), "anna", NOW) == found
    assert refusal(CODES.rotating("screen-baby", "milk", NOW), codes=gone) == "code_unknown"
    assert refusal(code[:-1] + ("b" if code[-1] == "a" else "a"), codes=gone) == "code_unknown"


@pytest.mark.parametrize("browser", ["ben", "", None, "anna "])
def test_a_ticket_belongs_to_the_browser_that_opened_it(browser: str | None) -> None:
    ticket = CODES.ticket(CODES.parse(CODES.rotating("screen-baby", "milk", NOW), NOW), "anna", NOW)
    with pytest.raises(Refusal, match="ticket_elsewhere"):
        CODES.parse_ticket(ticket, browser, NOW)


@given(st.data())
def test_no_changed_character_of_a_ticket_goes_unnoticed(data: st.DataObject) -> None:
    ticket = CODES.ticket(CODES.parse(CODES.rotating("screen-baby", "milk", NOW), NOW), "anna", NOW)
    place = data.draw(st.integers(0, len(ticket) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda character: character != ticket[place]))
    with pytest.raises(Refusal, match=r"ticket_elsewhere|code_unknown"):
        CODES.parse_ticket(ticket[:place] + letter + ticket[place + 1 :], "anna", NOW)


@given(st.text())
def test_any_text_is_no_ticket(text: str) -> None:
    with pytest.raises(Refusal, match=r"code_unknown|ticket_elsewhere"):
        CODES.parse_ticket(text, "anna", NOW)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", "code_unknown"),
        ("cart-07", "code_unknown"),
        ("cart-07.aaaaaaaa", "code_tampered"),
        ("cart-99.aaaaaaaa", "code_unknown"),
        ("cart-07.密码密码", "code_tampered"),
        ("screen-baby.milk.r1.aaaaaaaaaaaaaaaa", "code_tampered"),
        ("screen-baby.milk.rzz.aaaaaaaaaaaaaaaa", "code_tampered"),
        ("a.b.c.d.e", "code_unknown"),
        ("x" * 10_000, "code_unknown"),
    ],
)
def test_foreign_codes_have_names(code: str, expected: str) -> None:
    assert refusal(code) == expected


def test_another_store_s_codes_are_foreign() -> None:
    for other in (Codes(b"k" * 32, "s002", PLACES.get), Codes(b"x" * 32, "s001", PLACES.get)):
        assert refusal(other.static("cart-07")) == "code_tampered"
        assert refusal(other.rotating("screen-baby", "milk", NOW)) == "code_tampered"


@given(st.data())
def test_no_changed_character_goes_unnoticed(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from([CODES.static("cart-07"), CODES.rotating("screen-baby", "milk", NOW)]))
    place = data.draw(st.integers(0, len(code) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda character: character != code[place]))
    assert refusal(code[:place] + letter + code[place + 1 :]) in {"code_unknown", "code_tampered"}


@given(st.text())
def test_any_text_is_answered_with_a_code(text: str) -> None:
    assert refusal(text) in {"code_unknown", "code_tampered"}


async def test_a_scan_counts_once_a_minute_for_each_visitor(store: Journal, clock: SetClock) -> None:
    before = store.sequence
    for visitor in ("v1", "v1", "v2"):
        await store.write(touchpoints.scanned, touchpoint="cart-01", visitor=visitor, shown_ms=clock.now)
    assert store.sequence == before + 2
    clock.now += 61_000
    await store.write(touchpoints.scanned, touchpoint="cart-01", visitor="v1", shown_ms=clock.now)
    assert store.sequence == before + 3


async def test_a_view_counts_once_for_as_long_as_it_is_good(store: Journal, clock: SetClock) -> None:
    before, view = store.sequence, CODES.view("cart-07", "anna", clock.now)
    for _ in range(1000):
        touchpoint, made = CODES.parse_view(view, "anna", clock.now)
        await store.write(touchpoints.scanned, touchpoint=touchpoint.id, visitor="anna", shown_ms=made)
        clock.now += VIEW_MS // 1000
    assert store.sequence == before + 1
    clock.now += 1000
    with pytest.raises(Refusal, match="code_expired"):
        CODES.parse_view(view, "anna", clock.now)


@given(st.text(), st.sampled_from(["anna", "ben", ""]))
def test_any_text_is_no_view(text: str, browser: str) -> None:
    for view in (text, CODES.static("cart-07"), CODES.view("cart-07", "cleo", NOW), f"cart-07.{text}.v.{text}"):
        with pytest.raises(Refusal, match="code_unknown"):
            CODES.parse_view(view, browser, NOW)
