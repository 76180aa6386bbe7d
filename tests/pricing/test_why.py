"""Why: what is told of each decision, and that its inputs give the same answer again."""

from __future__ import annotations

import msgspec

from pricing.basket import Member
from pricing.document import Document, answer
from pricing.price import price
from pricing.reading import read
from pricing.why import because
from tests.pricing.goods import NOW_MS, basket, off, offer
from tests.pricing.random_baskets import case

_DECISIONS = 500


def test_decisions_fed_back_give_the_same_answer() -> None:
    decided = 0
    for seed in range(50_000, 51_000):
        given = case(seed)
        quote = price(
            given.basket, catalogue=given.catalogue, campaigns=given.campaigns, wallet=given.wallet, now_ms=NOW_MS
        )
        document = Document(
            products=tuple(given.catalogue.values()), basket=given.basket, now=NOW_MS,
            campaigns=tuple(given.campaigns), wallet=tuple(given.wallet),
        )  # fmt: skip
        again = answer(read(msgspec.json.encode(document))).quote
        assert again.hash == quote.hash
        for name in ["total", *(line.id for line in quote.lines), *(each.id for each in given.campaigns)]:
            told = because(quote, name, basket=given.basket, catalogue=given.catalogue, campaigns=given.campaigns)
            assert told == because(
                again, name, basket=given.basket, catalogue=given.catalogue, campaigns=given.campaigns
            )
            assert told is not None
            decided += 1
        if decided >= _DECISIONS:
            return
    raise AssertionError(f"only {decided} decisions")


def test_of_a_campaign_that_is_not_used_it_says_what_it_found_and_what_is_missing() -> None:
    lines, catalogue = basket("D N 500")
    campaigns = [offer("a", off(1000), when={"min_spend": 10_000})]
    quote = price(lines, catalogue=catalogue, campaigns=campaigns, now_ms=NOW_MS)
    told = because(quote, "a", basket=lines, catalogue=catalogue, campaigns=campaigns)
    assert told is not None
    assert told.found is not None
    assert (told.not_used[0].code, told.not_used[0].short, told.found.spend) == ("min_spend", 1, 9999)
    assert (told.rule, told.as_of_ms, told.quote) == (campaigns[0], NOW_MS, quote.hash)
    assert because(quote, "b", basket=lines, catalogue=catalogue, campaigns=campaigns) is None


def test_what_is_told_of_a_line_adds_up() -> None:
    lines, catalogue = basket("D N")
    buyer, campaigns = Member(points=500), [offer("a", off(1000))]
    quote = price(lines, catalogue=catalogue, campaigns=campaigns, now_ms=NOW_MS, member=buyer, burn="most")
    for line in quote.lines:
        told = because(quote, line.id, basket=lines, catalogue=catalogue, campaigns=campaigns)
        assert told is not None
        assert told.burned > 0
        assert (told.shelf or 0) - sum(each.amount for each in told.discounts) - told.burned == told.total
