from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.kiosk_ui.wire import parse

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_body_of_the_gateway_is_taken_whole(body: Callable[..., bytes]) -> None:
    wall = parse(body(7))
    assert wall.zone.id == "baby"
    assert [coupon.id for coupon in wall.coupons][:2] == ["milk-950", "croissant"]
    assert wall.coupons[0].code_until == datetime(2026, 11, 22, 10, 0, 30, tzinfo=UTC)
    assert wall.coupons[4].ends_at is None


def test_a_coupon_needs_little(body: Callable[..., bytes]) -> None:
    least = {"id": "x", "title": {}, "price": 0, "url": "http://a/t/b", "code_until": "2026-11-22T10:00:00Z"}
    assert parse(body([least])).coupons[0].art == "gift"


def test_unknown_fields_are_ignored(body: Callable[..., bytes]) -> None:
    assert parse(body(1, weather="rain")).schema == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": 2}, "$.schema"),
        ({"languages": []}, "$.languages"),
        ({"store": {}}, "$.store"),
        ({"zone": None}, "$.zone"),
    ],
)
def test_a_body_that_is_none_is_refused_with_the_field(
    body: Callable[..., bytes], changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=r"desired body of a screen") as refused:
        parse(body(1, **changes))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"price": -1},
        {"price": 12.9},
        {"left": -3},
        {"url": ""},
        {"url": "http://a/" + "x" * 300},
        {"tint": "red"},
        {"code_until": "2026-11-22T10:00:00"},
        {"ends_at": "soon"},
    ],
)
def test_a_coupon_that_is_none_is_refused_with_its_place(
    body: Callable[..., bytes], coupon: Callable[..., dict[str, Any]], changes: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"\$\.coupons\[1\]"):
        parse(body([coupon(0), coupon(1, **changes)]))


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 50_000])
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(ValueError, match="desired body of a screen"):
        parse(rubbish)
