"""What holds of every price, on baskets that Hypothesis chooses."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.allocation import allocate
from pricing.basket import Basket, Member
from pricing.document import Document, answer, printed
from pricing.price import price
from pricing.quote import Quote
from pricing.returns import returned
from tests.pricing.brute import together
from tests.pricing.goods import NOW_MS
from tests.pricing.random_baskets import Case, case

_cases = st.integers(min_value=100_000, max_value=10_000_000).map(case)
_MEMBER = Member(id="m", points=700)


def _quote(given_: Case) -> Quote:
    return price(
        given_.basket, catalogue=given_.catalogue, campaigns=given_.campaigns, wallet=given_.wallet, now_ms=NOW_MS,
        member=_MEMBER, burn="most",
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_cases)
def test_sums_are_exact_and_nothing_is_below_zero(found: Case) -> None:
    quote = _quote(found)
    assert quote.total == sum(line.pay for line in quote.lines) >= 0
    for line in quote.lines:
        off = sum(each.amount for each in line.discounts)
        assert 0 <= line.pay == line.shelf - off - line.burned
        assert all(each.amount > 0 for each in line.discounts)
    for used in quote.used:
        shares = [
            each.amount
            for line in quote.lines
            for each in line.discounts
            if (each.campaign, each.coupon) == (used.campaign, used.coupon)
        ]
        assert sum(shares) == used.amount > 0
    given_away = {(each.campaign, each.coupon) for line in quote.lines for each in line.discounts}
    assert given_away == {(each.campaign, each.coupon) for each in quote.used}
    assert sum(line.burned for line in quote.lines) == quote.points.worth
    assert sum(line.points for line in quote.lines) == quote.points.burned


@settings(max_examples=60, deadline=None)
@given(_cases)
def test_every_campaign_is_used_or_not_and_those_that_are_go_together(found: Case) -> None:
    quote = _quote(found)
    names = [each.campaign for each in (*quote.used, *quote.not_used)]
    assert sorted(names) == sorted(each.id for each in found.campaigns)
    known = {each.id: each for each in found.campaigns}
    used = [known[each.campaign] for each in quote.used]
    assert all(together(one, other) for at, one in enumerate(used) for other in used[at + 1 :])


@settings(max_examples=60, deadline=None)
@given(_cases, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_campaigns_and_how_often_one_scanned_change_nothing(found: Case, dice: object) -> None:
    lines = []
    for line in found.basket.lines:
        parts = line.quantity if line.grams is None else 1
        lines += [msgspec.structs.replace(line, id=f"{line.id}-{n}", quantity=1) for n in range(parts)]
    campaigns, wallet = list(found.campaigns), list(found.wallet)
    for row in (lines, campaigns, wallet):
        dice.shuffle(row)  # type: ignore[attr-defined]
    split = Case(Basket(id="b", lines=tuple(lines)), found.catalogue, campaigns, wallet)
    one, other = _quote(found), _quote(split)
    assert (one.total, one.used, one.not_used, one.points) == (other.total, other.used, other.not_used, other.points)


@settings(max_examples=60, deadline=None)
@given(_cases)
def test_one_offer_more_never_costs_more(found: Case) -> None:
    fewer = found._replace(campaigns=found.campaigns[:-1], wallet=[
        each for each in found.wallet if each.campaign != found.campaigns[-1].id
    ])  # fmt: skip
    assert _quote(found).discount >= _quote(fewer).discount


@settings(max_examples=40, deadline=None)
@given(_cases)
def test_the_same_inputs_give_the_same_bytes_also_through_json(found: Case) -> None:
    document = Document(
        products=tuple(found.catalogue.values()), basket=found.basket, now=NOW_MS, campaigns=tuple(found.campaigns),
        wallet=tuple(found.wallet), member=_MEMBER, burn="most",
    )  # fmt: skip
    again = msgspec.json.decode(msgspec.json.encode(document), type=Document)
    assert answer(document).quote == answer(again).quote == _quote(found)
    assert printed(answer(document)) == printed(answer(again))
    quote = _quote(found)
    assert msgspec.json.decode(msgspec.json.encode(quote), type=Quote) == quote


@settings(max_examples=60, deadline=None)
@given(_cases, st.randoms(use_true_random=False))
def test_returns_in_any_order_give_back_what_was_paid(found: Case, dice: object) -> None:
    quote = _quote(found)
    units = [(line.id, 1) for line in quote.lines for _ in range(line.quantity)]
    dice.shuffle(units)  # type: ignore[attr-defined]
    back = returned(quote, units, 100)
    assert sum(each.money for each in back) == quote.total
    assert sum(each.points for each in back) == quote.points.burned
    earning = sum(line.pay for line in quote.lines if not line.no_offers)
    assert sum(each.earned for each in back) == (earning // 100 if quote.points.will_earn else 0)
    coupons = [each for one in back for each in one.coupons]
    assert sorted(coupons) == sorted(each.coupon for each in quote.used if each.coupon)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=12), st.data())
def test_an_amount_is_shared_out_to_the_last_unit(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    shares = allocate(total, weights)
    assert sum(shares) == total
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


@settings(max_examples=60, deadline=None)
@given(_cases, st.data())
def test_the_shopper_may_want_one_and_may_not_want_one(found: Case, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([each.id for each in found.campaigns]))
    given_ = {"catalogue": found.catalogue, "campaigns": found.campaigns, "wallet": found.wallet, "now_ms": NOW_MS}
    without = price(found.basket, without=[name], **given_)  # type: ignore[arg-type]
    assert name not in [each.campaign for each in without.used]
    alone = price(found.basket, **(given_ | {"campaigns": [each for each in found.campaigns if each.id == name]}))  # type: ignore[arg-type]
    wanted = price(found.basket, pins=[name], **given_)  # type: ignore[arg-type]
    if name in [each.campaign for each in alone.used]:
        assert name in [each.campaign for each in wanted.used]
