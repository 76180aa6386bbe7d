from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kiosk_ui import assets, flow, prices, texts
from kiosk_ui.screens.wall import view
from tests.kiosk_ui import wire
from tests.kiosk_ui.wire import act, begin, take
from words.sentences import Texts

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parents[2] / "kiosk_ui"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def see(body: Callable[..., bytes]) -> Callable[..., view.WallView]:
    """`see(4)`: the view of a wall; `see(4, seconds=31)`: so much later."""

    def of(
        coupons: Any,
        seconds: float = 0.0,
        at: float = 0.0,
        language: str = "zh-CN",
        state: flow.State | None = None,
        **changes: Any,
    ) -> view.WallView:
        state = take(state or begin(), body(coupons, **changes))
        if language != state.language:
            state = flow.switch_language(state, at)
        return wire.see(state, at, NOW + timedelta(seconds=seconds))  # type: ignore[no-any-return]

    return of


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1290, "CNY", "¥12.90"),
        (5, "CNY", "¥0.05"),
        (0, "CNY", "¥0.00"),
        (100_000, "CNY", "¥1000.00"),
        (980, "JPY", "¥980"),
        (999, "EUR", "€9.99"),
        (999, "XTS", "XTS 9.99"),
    ],
)
def test_a_price_is_split_in_three(amount: int, currency: str, text: str) -> None:
    assert str(prices.split_price(amount, currency)) == text


def test_the_parts_of_a_price() -> None:
    price = prices.split_price(1290)
    assert (price.symbol, price.whole, price.cents) == ("¥", "12", ".90")
    german = prices.split_price(1290, "EUR", "de")
    assert (german.symbol, german.whole, german.cents) == ("", "12", ",90\N{NO-BREAK SPACE}€")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00"), (0.2, "00:01"), (46, "00:46"), (60, "01:00"), (1723, "28:43"), (3600, "1:00:00"), (5398, "1:29:58")],
)
def test_the_clock(seconds: float, text: str) -> None:
    assert view.clock(seconds) == text


def test_the_countdown_empties_over_the_last_half_hour_and_ends_red() -> None:
    full = view.countdown(NOW + timedelta(seconds=5398), NOW)
    half = view.countdown(NOW + timedelta(seconds=900), NOW)
    last = view.countdown(NOW + timedelta(seconds=60), NOW)
    assert (full.fraction, full.urgent) == (1.0, False)
    assert (half.fraction, half.urgent) == (0.5, False)
    assert last.urgent


def test_no_countdown_without_an_end_or_with_one_far_away() -> None:
    assert view.countdown(None, NOW) is None
    assert view.countdown(NOW + timedelta(days=2), NOW) is None


def test_the_discount_is_never_rounded_up(
    see: Callable[..., view.WallView], coupon: Callable[..., dict[str, Any]]
) -> None:
    cards = see([coupon(0, price=1001, was=2000), coupon(1, was=None), coupon(2, was=100), coupon(3, was=0)]).cards
    assert [card.badge for card in cards] == ["−49%", "", "", ""]
    assert [card.was for card in cards] == ["¥20.00", "", "", ""]


def test_where_what_it_saves_depends_on_the_goods_no_figure_stands(
    see: Callable[..., view.WallView], coupon: Callable[..., dict[str, Any]]
) -> None:
    points, nothing = coupon(0, price=0, was=None), coupon(1, price=0, was=990)
    cards = see([points, nothing]).cards
    assert [(str(card.price), card.badge) for card in cards] == [("", ""), ("¥0.00", "−100%")]


def test_a_card_in_both_languages(see: Callable[..., view.WallView]) -> None:
    zh, en = see(1).cards[0], see(1, language="en").cards[0]
    assert (zh.title, zh.stock.text, zh.code.caption) == ("鲜牛奶 950ml", "还有 38 张", "扫码领券")
    assert (en.title, en.stock.text, en.code.caption) == ("Fresh milk 950 ml", "38 left", "Scan to save")


def test_the_language_button_names_the_other_language(body: Callable[..., bytes]) -> None:
    state = take(begin(), body(1))
    assert flow.controls(state).language_button == "EN"
    assert flow.controls(flow.switch_language(state, 0)).language_button == "中文"
    assert flow.controls(take(begin(), body(1, languages=["zh-CN"]))).language_button == ""


def test_a_missing_translation_falls_back_and_never_leaves_a_hole(
    see: Callable[..., view.WallView], coupon: Callable[..., dict[str, Any]]
) -> None:
    card = see([coupon(0, title={"zh-CN": "牛奶"}, subtitle={})], language="en").cards[0]
    assert (card.title, card.subtitle) == ("牛奶", "")
    assert see([coupon(0, title={})]).cards[0].title == "milk-950"


def test_few_left_is_said_under_a_fifth(
    see: Callable[..., view.WallView], coupon: Callable[..., dict[str, Any]]
) -> None:
    few, enough, endless, gone = see(
        [coupon(0, left=19), coupon(1, left=20, stock=100), coupon(2, left=None), coupon(3, left=0)]
    ).cards
    assert (few.stock.text, few.stock.few) == ("仅剩 19 张", True)
    assert (enough.stock.text, enough.stock.few) == ("还有 20 张", False)
    assert endless.stock is None
    assert gone.stock is None
    assert (gone.code.url, gone.code.caption, gone.code.sign) == (None, "已抢光", "gone")


def test_english_has_a_singular(see: Callable[..., view.WallView], coupon: Callable[..., dict[str, Any]]) -> None:
    last, one = see([coupon(0, left=1, stock=100), coupon(1, left=1, stock=2)], language="en").cards
    assert (last.stock.text, one.stock.text) == ("Last one", "1 left")


def test_more_left_than_stock_does_not_overflow_the_bar(
    see: Callable[..., view.WallView], coupon: Callable[..., dict[str, Any]]
) -> None:
    assert see([coupon(0, left=300, stock=100)]).cards[0].stock.fraction == 1.0


def test_a_code_is_hidden_when_its_time_is_over_and_words_say_why(see: Callable[..., view.WallView]) -> None:
    before, after = see(2, seconds=29.9), see(2, seconds=30)
    assert all(card.code.url for card in before.cards)
    assert before.notice == ""
    assert [card.code.url for card in after.cards] == [None, None]
    assert after.cards[0].code.caption == "二维码暂停"
    assert after.notice == texts.say("zh-CN", "kiosk.wall.notice_paused")


def test_a_lost_connection_is_said_after_a_moment_while_the_codes_still_work(see: Callable[..., view.WallView]) -> None:
    state = flow.connection(begin(), connected=False, at=10)
    assert see(2, at=10 + flow.GRACE_S - 1, state=state).notice == ""
    shown = see(2, at=10 + flow.GRACE_S, state=state)
    assert shown.notice == texts.say("zh-CN", "kiosk.wall.notice_reconnecting")
    assert all(card.code.url for card in shown.cards)


def test_an_offer_that_ended_leaves_the_wall_by_itself(see: Callable[..., view.WallView]) -> None:
    assert [card.id for card in see(4, seconds=45).cards] == ["milk-950", "croissant", "cheddar", "strawberry"]
    assert [card.id for card in see(4, seconds=46).cards] == ["milk-950", "croissant", "cheddar"]


def test_an_empty_wall_says_so(see: Callable[..., view.WallView]) -> None:
    shown = see(0)
    assert shown.cards == ()
    assert shown.message.title == "本区暂时没有好券"
    assert shown.notice == ""


def test_before_the_gateway_spoke_the_screen_asks_for_patience() -> None:
    shown = wire.see(begin())
    assert shown.message.title == "正在准备今日好券"
    assert (shown.store, shown.zone, flow.controls(begin()).language_button) == ("", "", "")


def test_pages_show_every_coupon_once(body: Callable[..., bytes]) -> None:
    state = take(begin(), body(7))
    seen = []
    for _ in range(2):
        shown = wire.see(state)
        assert shown.page_count == 2
        seen += [card.id for card in shown.cards]
        state = act(state, "turn", "1")
    assert sorted(seen) == sorted(coupon.id for coupon in state.backdrop.message.coupons)


def test_a_page_that_just_went_shows_the_last_one(body: Callable[..., bytes]) -> None:
    state = act(take(begin(), body(5)), "turn", "1")
    shown = wire.see(state, 0, NOW + timedelta(seconds=400))
    assert (shown.page, shown.page_count, len(shown.cards)) == (0, 1, 3)


def test_an_unknown_picture_is_a_gift(see: Callable[..., view.WallView], coupon: Callable[..., dict[str, Any]]) -> None:
    shown = see([coupon(0, art="../../etc/passwd"), coupon(1, art="gift")])
    assert [card.art for card in shown.cards] == ["gift", "gift"]
    assert shown.arts == ("gift",)


def test_every_picture_is_there() -> None:
    for name in (*assets.ARTS, assets.GIFT):
        assert assets.art(name).endswith(f"/{name}.png")


@pytest.mark.parametrize("language", texts.known())
def test_every_sentence_is_there_and_none_is_idle(language: str) -> None:
    used = {
        key
        for path in FOLDER.rglob("*.py")
        for key in re.findall(r"\"(kiosk(?:\.[a-z_]+)+)\"", path.read_text("utf-8"))
        if "kiosk_ui" not in key
    }
    written = {key for key in Texts.load((language,)).keys(language) if key.startswith("kiosk.")}
    assert used == written


def test_a_number_has_its_plural() -> None:
    assert texts.say("en", "kiosk.wall.few", count=1) == "Last one"
    assert texts.say("zh-CN", "kiosk.wall.few", count=1) == "仅剩 1 张"
