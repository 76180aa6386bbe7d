"""The number pad: four digits bring a basket, eight and more open a product, and nothing else does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from device_drivers.contract.answers.basket import ScreenBasket
from kiosk_ui import flow, places
from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.screen import Moment
from tests.kiosk_ui.wire import NOW, begin, parse, take

if TYPE_CHECKING:
    from collections.abc import Callable

AT = Moment(2.0, NOW)


@pytest.fixture
def pad(body: Callable[..., bytes]) -> flow.State:
    service = {"gateway": "http://127.0.0.1:9", "code": "x"}
    return flow.open_place(take(begin(), parse(body(2, service=service))), places.Digits(), AT)


def typed(state: flow.State, keys: str) -> flow.State:
    for key in keys:
        state = flow.act(state, "press", "back" if key == "<" else key, AT)
    return state


@pytest.mark.parametrize("keys", ["", "471", "47123", "4712345"])
def test_what_is_neither_opens_nothing(pad: flow.State, keys: str) -> None:
    entered = typed(pad, keys)
    assert not flow.view(entered, entered.front, AT).ready
    after = flow.act(entered, "open", "", AT)
    assert (len(after.stack), after.jobs) == (len(pad.stack), pad.jobs)


def test_a_barcode_opens_its_product(pad: flow.State) -> None:
    entered = typed(pad, "40063813339311234<<<<9")
    assert flow.view(entered, entered.front, AT).digits == "4006 3813 339"
    found = flow.act(typed(entered, "31"), "open", "", AT).front.message
    assert found == places.Product("4006381333931")


def test_four_digits_bring_the_basket_or_say_why_not(pad: flow.State) -> None:
    asked = flow.act(typed(pad, "4712"), "open", "", AT)
    key = asked.front.key
    assert [each for each, _ in asked.jobs] == [key]
    assert typed(asked, "9").front.memory.digits == "4712", "it is being asked for"
    assert flow.take_result(asked, key, ScreenBasket(), AT).front.message == places.Basket()
    gone = Refused("basket_gone", "没有了。", {}, "zh-CN")
    for said, shown, english in (
        (gone, "没有了。", "This basket is not kept any more. Codes of baskets are good for 30 minutes."),
        (Unreachable(), "暂时连不上。请拿到收银台，那里也能查。", None),
    ):
        refused = flow.take_result(asked, key, said, AT)
        view = flow.view(refused, refused.front, AT)
        other = flow.switch_language(refused, AT.at)
        assert english in (None, flow.view(other, other.front, AT).note)
        assert (view.note, view.warns, view.ready) == (shown, True, False)
        assert typed(refused, "8").front.memory.problem is None, "the next key begins anew"
