"""Points: earned, spent, reversed exactly, ended with notice; levels; the goldens that are the ledger's."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from edge.domain.ledger import decisions, postings, queries
from edge.domain.ledger.facts import LevelChanged, PointsEnded, PointsEnding
from edge.domain.ledger.rules import DAY_MS, LedgerRules, LevelRules
from edge.domain.members import joining
from edge.domain.members.facts import MemberImported, MembersLinked
from edge.domain.store.facts import StoreDescribed
from edge.errors import Refusal
from tests.callers import by
from tests.domain.conftest import SetClock, join

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.journal import Tx
    from edge.journal.journal import Journal

T = TypeVar("T")
NAMES = {"zh-CN": "店", "en": "store"}


async def emit(store: Journal, make: Callable[..., tuple[object, ...]], *args: object, **kwargs: object) -> None:
    """State what a maker makes."""

    def decide(tx: Tx) -> None:
        for fact in make(tx, *args, **kwargs):
            tx.emit(fact)  # type: ignore[arg-type]

    await store.write(decide)


async def confirm(store: Journal, member: str, owner: str) -> None:
    await store.write(
        joining.confirm, staff="li", session=by(member).session, owner=owner, evidence="member_card", most=5
    )


async def take_back(store: Journal, owner: str) -> None:
    (link,) = store.reads.all("SELECT link FROM links")
    await store.write(joining.take_back, caller=by(owner), link=link["link"])


@pytest.fixture
async def anna(store: Journal) -> str:
    await store.write(
        lambda tx: tx.emit(
            StoreDescribed(name=NAMES, currency="CNY", region="CN", timezone="Asia/Shanghai", languages=("zh-CN", "en"))
        )
    )
    await store.write(decisions.agree, LedgerRules())
    return await store.write(join, 1)


def points(store: Journal, member: str, clock: SetClock) -> int:
    return queries.balance(store.reads, member, clock.now).points


async def give(store: Journal, member: str, clock: SetClock, amount: int, order: str = "gift") -> None:
    await emit(store, postings.earning, member, order, amount * 100, amount, clock.now)


async def test_an_order_earns_once_and_spends_once(store: Journal, anna: str, clock: SetClock) -> None:
    await give(store, anna, clock, 500)
    for _ in range(2):
        await emit(store, postings.burning, anna, "order-1", 300, clock.now)
        await emit(store, postings.earning, anna, "order-1", 1635, 16, clock.now)
    assert points(store, anna, clock) == 500 - 300 + 16
    with pytest.raises(Refusal, match="points_short"):
        await emit(store, postings.burning, anna, "order-2", 300, clock.now)


async def test_only_the_first_order_is_the_first(store: Journal, clock: SetClock) -> None:
    """Ids as they really are: tables keep those as bytes."""
    order, who = "1f0c7a52-4d3e-4b6a-9a53-0d2f8c1e7b90", "5d1b2c3a-6e7f-4a80-8b9c-0d1e2f3a4b5c"
    await store.write(lambda tx: tx.emit(MemberImported(member=who, phone_sealed="s")))
    buyer = queries.buyer_standing(store.reads, who, clock.now)
    assert (buyer.first_order, buyer.counted_order) == (True, "")
    await give(store, who, clock, 5, order)
    buyer = queries.buyer_standing(store.reads, who, clock.now)
    assert (buyer.first_order, buyer.counted_order) == (False, order)


async def test_what_ends_first_is_spent_first(store: Journal, anna: str, clock: SetClock) -> None:
    await give(store, anna, clock, 100, "first")
    clock.now += 5 * DAY_MS
    await give(store, anna, clock, 100, "second")
    await emit(store, postings.burning, anna, "order-1", 150, clock.now)
    (left,) = queries.lots(store.reads, anna, clock.now)
    assert left.left == 50
    clock.now = left.ends_ms or 0
    assert points(store, anna, clock) == 0


async def test_kept_points_serve_their_own_basket_alone(store: Journal, anna: str, clock: SetClock) -> None:
    await give(store, anna, clock, 300)
    await emit(store, postings.reserving, anna, "basket-1", 200, clock.now)
    assert queries.balance(store.reads, anna, clock.now).free == 100
    with pytest.raises(Refusal, match="points_short"):
        await emit(store, postings.burning, anna, "order-2", 200, clock.now, basket="basket-2")
    await emit(store, postings.burning, anna, "order-1", 200, clock.now, basket="basket-1")
    assert queries.balance(store.reads, anna, clock.now) == queries.Balance(100, 0)
    await emit(store, postings.reserving, anna, "basket-3", 100, clock.now)
    await emit(store, postings.releasing, "basket-3")
    assert queries.balance(store.reads, anna, clock.now).free == 100


async def test_a_return_gives_back_by_halves(store: Journal, anna: str, clock: SetClock) -> None:
    """Goldens 55 and 58."""
    await give(store, anna, clock, 5000)
    await emit(store, postings.burning, anna, "order-1", 900, clock.now)
    await emit(store, postings.earning, anna, "order-1", 1035, 10, clock.now)
    assert points(store, anna, clock) == 5000 - 900 + 10
    await emit(store, postings.reversal, "order-1", "r1", paid=517, back=450, now_ms=clock.now)
    await emit(store, postings.reversal, "order-1", "r1", paid=517, back=450, now_ms=clock.now)
    assert points(store, anna, clock) == 5000 - 900 + 10 + 450 - 5
    await emit(store, postings.reversal, "order-1", "r2", paid=518, back=450, now_ms=clock.now)
    assert points(store, anna, clock) == 5000
    await emit(store, postings.reversal, "order-1", "r3", paid=518, back=450, now_ms=clock.now)
    assert points(store, anna, clock) == 5000


async def test_a_return_after_the_points_were_spent_is_owed_and_filled_first(
    store: Journal, anna: str, clock: SetClock
) -> None:
    await emit(store, postings.earning, anna, "order-1", 10_000, 100, clock.now)
    await emit(store, postings.burning, anna, "order-2", 100, clock.now)
    await emit(store, postings.reversal, "order-1", "r1", paid=10_000, back=0, now_ms=clock.now)
    assert points(store, anna, clock) == -100
    assert queries.balance(store.reads, anna, clock.now).free == 0
    await emit(store, postings.earning, anna, "order-3", 13_000, 130, clock.now)
    assert points(store, anna, clock) == 30
    assert [lot.left for lot in queries.lots(store.reads, anna, clock.now)] == [30]


@pytest.mark.parametrize("late", [False, True], ids=["one person before", "one person after"])
async def test_what_one_phone_owes_is_filled_by_the_other(
    store: Journal, anna: str, clock: SetClock, late: bool
) -> None:
    ben = await store.write(join, 2)
    link = MembersLinked(member=ben, kin=anna, how="phone")
    if not late:
        await store.write(joining.link, link)
    await emit(store, postings.earning, anna, "order-1", 10_000, 100, clock.now)
    await emit(store, postings.burning, anna, "order-2", 100, clock.now)
    await emit(store, postings.reversal, "order-1", "r1", paid=10_000, back=0, now_ms=clock.now)
    await emit(store, postings.earning, ben, "order-3", 13_000, 130, clock.now)
    if late:
        await store.write(joining.link, link)
    assert points(store, anna, clock) == points(store, ben, clock) == 30
    (lot,) = queries.lots(store.reads, anna, clock.now)
    assert lot.left == 30
    clock.now = lot.ends_ms or 0
    await store.write(decisions.on_tick)
    assert points(store, anna, clock) == points(store, ben, clock) == 0, "what was owed was owed once"


async def test_what_staff_confirmed_by_mistake_costs_the_owner_no_points(
    store: Journal, anna: str, clock: SetClock
) -> None:
    ben = await store.write(join, 2)
    await emit(store, postings.earning, ben, "order-1", 10_000, 100, clock.now)
    await emit(store, postings.burning, ben, "order-2", 100, clock.now)
    await emit(store, postings.reversal, "order-1", "r1", paid=10_000, back=0, now_ms=clock.now)
    await give(store, anna, clock, 130)
    await confirm(store, ben, anna)
    await give(store, anna, clock, 20, "another")
    await take_back(store, anna)
    assert (points(store, anna, clock), points(store, ben, clock)) == (150, -100)


async def test_points_come_back_to_whom_they_were_taken_from(store: Journal, anna: str, clock: SetClock) -> None:
    ben = await store.write(join, 2)
    await give(store, anna, clock, 100)
    clock.now += 5 * DAY_MS
    await give(store, ben, clock, 30, "ben's own")
    await confirm(store, ben, anna)
    await emit(store, postings.burning, ben, "order-1", 50, clock.now)
    await emit(store, postings.earning, ben, "order-1", 1_000, 0, clock.now)
    await take_back(store, anna)
    assert (points(store, anna, clock), points(store, ben, clock)) == (80, 0), "one's own are spent first"
    await emit(store, postings.reversal, "order-1", "r1", paid=1_000, back=50, now_ms=clock.now)
    assert (points(store, anna, clock), points(store, ben, clock)) == (100, 30)


async def test_points_that_come_back_are_good_for_a_while(store: Journal, anna: str, clock: SetClock) -> None:
    await give(store, anna, clock, 100)
    await emit(store, postings.burning, anna, "order-1", 100, clock.now)
    clock.now += 400 * DAY_MS
    await emit(store, postings.reversal, "order-1", "r1", paid=0, back=100, now_ms=clock.now)
    assert points(store, anna, clock) == 100
    clock.now += 32 * DAY_MS
    assert points(store, anna, clock) == 0


async def test_points_end_with_the_store_s_day_after_three_notices(store: Journal, anna: str, clock: SetClock) -> None:
    await give(store, anna, clock, 70)
    (lot,) = queries.lots(store.reads, anna, clock.now)
    assert lot.ends_ms is not None
    assert (lot.ends_ms + 8 * 3600_000) % DAY_MS == 0, "midnight in Shanghai"
    told = []
    for days in (31, 30, 29, 7, 3, 1):
        clock.now = lot.ends_ms - days * DAY_MS
        await store.write(decisions.on_tick)
        await store.write(decisions.on_tick)
        told += [days] * len(facts(store, PointsEnding)[len(told) :])
    assert told == [30, 7, 1]
    assert [fact.days for fact in facts(store, PointsEnding)] == [30, 7, 1]
    clock.now = lot.ends_ms - 1
    await store.write(decisions.on_tick)
    assert points(store, anna, clock) == 70
    clock.now = lot.ends_ms
    await store.write(decisions.on_tick)
    await store.write(decisions.on_tick)
    assert [(fact.points, fact.member) for fact in facts(store, PointsEnded)] == [(70, anna)]
    assert queries.history(store.reads, anna)[0].delta == -70


async def test_a_box_that_slept_tells_of_the_nearest_day_alone(store: Journal, anna: str, clock: SetClock) -> None:
    await give(store, anna, clock, 70)
    (lot,) = queries.lots(store.reads, anna, clock.now)
    clock.now = (lot.ends_ms or 0) - 5 * DAY_MS
    await store.write(decisions.on_tick)
    assert [fact.days for fact in facts(store, PointsEnding)] == [7]


async def test_a_level_rises_at_once_and_falls_at_its_end_alone(store: Journal, anna: str, clock: SetClock) -> None:
    await store.write(decisions.agree, LedgerRules(levels=LevelRules(silver=10_000, gold=30_000, diamond=0)))
    await emit(store, postings.earning, anna, "o1", 9_999, 99, clock.now)
    assert queries.level_status(store.reads, anna, clock.now).lacking == 1
    await emit(store, postings.earning, anna, "o2", 1, 0, clock.now)
    standing = queries.level_status(store.reads, anna, clock.now)
    assert (standing.level, standing.next, standing.lacking) == ("silver", "gold", 20_000)
    await emit(store, postings.reversal, "o1", "r1", paid=9_999, back=0, now_ms=clock.now)
    assert queries.buyer_standing(store.reads, anna, clock.now).level == "silver"
    clock.now = standing.until_ms or 0
    await store.write(decisions.on_tick)
    await store.write(decisions.on_tick)
    assert queries.level(store.reads, anna) == "member"
    assert [fact.level for fact in facts(store, LevelChanged)] == ["silver", "member"]


async def test_persons_that_are_one_have_one_balance(store: Journal, anna: str, clock: SetClock) -> None:
    ben = await store.write(join, 2)
    await give(store, anna, clock, 100, "o1")
    await give(store, ben, clock, 50, "o2")
    await store.write(joining.link, MembersLinked(member=ben, kin=anna, how="phone"))
    assert points(store, anna, clock) == points(store, ben, clock) == 150
    await emit(store, postings.burning, ben, "o3", 150, clock.now)
    assert points(store, anna, clock) == 0
    assert queries.order_count(store.reads, anna) == 3


async def test_the_old_books_open_the_ledger(store: Journal, anna: str, clock: SetClock) -> None:
    await store.write(lambda tx: tx.emit(MemberImported(member="old", phone_sealed="s", points=420)))
    await store.write(joining.link, MembersLinked(member=anna, kin="old", how="number"))
    assert points(store, anna, clock) == 420
    (line,) = queries.history(store.reads, anna)
    assert (line.reason, line.delta, line.ends_ms) == ("opening", 420, None)


def facts(store: Journal, kind: type[T]) -> list[T]:
    return [fact for entry in store.after(0, 10_000) if isinstance(fact := store.nouns.decode(entry.body), kind)]
