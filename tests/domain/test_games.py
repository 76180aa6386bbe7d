"""Games: the golden chain, tickets and awards; never re-drawn, never over a cap, every play revealed and verifiable."""

from __future__ import annotations

import asyncio
import hashlib
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from edge.domain.coupons import decisions as coupon_decisions
from edge.domain.coupons import queries as coupon_queries
from edge.domain.games import decisions, fairness, queries
from edge.domain.games.decisions import open_games, play, reveal
from edge.domain.games.facts import GamePlayed, GameRevealed
from edge.domain.games.fairness import Chains
from edge.domain.games.rules import PPM_PER_PERCENT, Game, Prize, PrizesLeft, award
from edge.domain.ledger import queries as ledger
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked
from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.journal.journal import Journal
from tests.callers import by
from tests.domain.conftest import SetClock, join, offer
from tests.domain.test_ledger import facts
from words.money import format_plain

if TYPE_CHECKING:
    from pathlib import Path

    from edge.domain.games.queries import Play

LAST = hashlib.sha256(b"storekeeper golden seed").digest()
ROOT = "07a27a401c43c7c57289c546efb8c705cb1925c1ce0a99596ecc3d9aff2a03b2"
TICKETS = [967421, 306107, 446358, 817757, 307058, 690803, 12638, 445919]
CHAINS = Chains(b"k" * 32)


def words(text: str) -> dict[str, str]:
    return {"zh-CN": text, "en": text}


def golden(cap: int = 1_000_000, **more: object) -> Game:
    prizes = (
        Prize("first", words("first"), 1_000, cost=10_000, stock=1),
        Prize("five", words("five"), 100_000, cost=500, stock=2, coupon="milk"),
        Prize("two", words("two"), 300_000, cost=200, stock=100, points=20),
    )
    return Game("wheel-baby", "wheel", words("Wheel"), prizes, cap=cap, cap_day=cap, **more)  # type: ignore[arg-type]


# --- the rule itself ---


def test_the_golden_chain() -> None:
    found = fairness.chain(LAST, 10)
    assert found[0].hex() == ROOT
    assert found[1].hex() == "89e6674753eb3752a4d661034c9a72ea083295622af13f013cf0065392b9430e"
    assert found[10].hex().startswith("87fd6e78")
    assert found[10].hex().endswith("19bd")
    drawn = [fairness.ticket(found[number], "wheel-baby", number, f"req-{number:02}") for number in range(1, 9)]
    assert drawn == TICKETS
    assert all(fairness.leads_to(found[number], found[0], number) for number in range(1, 11))
    assert not fairness.leads_to(found[2], found[0])


def test_a_foreign_hand_comes_to_the_same_ticket() -> None:
    seed = fairness.chain(LAST, 10)[1]
    said = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{seed.hex()}"],
        input=b"draw.v1|wheel-baby|1|req-01",
        capture_output=True,
        check=True,
    ).stdout.decode()
    digest = said.rpartition("= ")[2].strip()
    assert digest.startswith("8dcee6824f6dce7d")
    assert int(digest[:16], 16) % 1_000_000 == TICKETS[0]


def test_golden_awards() -> None:
    game, given, spent = golden(11_400), dict[str, int](), 0
    said = []
    for ticket in (500, 999, 1000, 100_999, 101_000, 400_999, 401_000, 50_000, 101_001):
        came = award(game, ticket, PrizesLeft(given, spent, spent))
        said.append((came.prize.id if came.prize else "", came.why))
        spent += came.cost
        if came.prize:
            given[came.prize.id] = given.get(came.prize.id, 0) + 1
    assert said == [
        ("first", "won"),
        ("", "gone"),
        ("five", "won"),
        ("five", "won"),
        ("two", "won"),
        ("two", "won"),
        ("", "nothing"),
        ("", "gone"),
        ("", "cap"),
    ]
    assert spent == 11_400
    assert game.blank == 599_000


def test_golden_chain_with_golden_odds() -> None:
    said = [award(golden(), ticket, PrizesLeft({}, 0, 0)) for ticket in TICKETS]
    assert [each.prize.id if each.prize else "" for each in said] == ["", "two", "", "", "two", "", "five", ""]


def test_chances_are_said_exactly() -> None:
    chances = [ppm / PPM_PER_PERCENT for ppm in (5_000, 20_000, 25_000, 300_000, 1, 1_000_000)]
    assert [format_plain(chance, "de") for chance in chances] == ["0,5", "2", "2,5", "30", "0,0001", "100"]


def test_the_root_predicts_nothing() -> None:
    """Whoever guesses with what is public hits as often as chance does: one range of four, of 2,000 plays."""
    chains, hits = Chains(b"x" * 32), 0
    root = bytes.fromhex(chains.root("g", 1, 2_000))
    for number in range(1, 2_001):
        real = fairness.ticket(chains.seed("g", 1, 2_000, number), "g", number, f"r{number}") // 250_000
        guess = fairness.ticket(root, "g", number, f"r{number}") // 250_000
        hits += real == guess
    assert 400 < hits < 600  # 500 expected; five standard deviations are 97


def test_tickets_follow_the_odds() -> None:
    """χ² of 20,000 tickets in ten cells: 27.9 is p = 0.001 at nine degrees of freedom."""
    chains, cells = Chains(b"y" * 32), [0] * 10
    for number in range(1, 20_001):
        ticket = fairness.ticket(chains.seed("g", 1, 20_000, number), "g", number, f"r{number}")
        cells[ticket // 100_000] += 1
    assert sum((count - 2_000) ** 2 / 2_000 for count in cells) < 27.9
    seats = [fairness.seat(chains.seed("g", 1, 20_000, n), "g", n, "r", 3) for n in range(1, 3_001)]
    assert all(850 < seats.count(seat) < 1_150 for seat in range(3))


# --- in the store ---


async def opened(store: Journal, game: Game, length: int = 100) -> None:
    await store.write(lambda tx: coupon_decisions.offer(tx, [offer("milk", stock=100)]))
    await store.write(open_games, [game], CHAINS, length)


async def draw(store: Journal, member: str, request: str) -> Play:
    await store.write(play, game="wheel-baby", players=[by(member)], request=request)
    while await store.write(reveal, "wheel-baby", CHAINS):
        pass
    found = queries.play_of(store.reads, request)
    assert found is not None
    return found


async def test_a_play_is_durable_before_it_is_known(store: Journal) -> None:
    await opened(store, golden())
    anna = await store.write(join, 1)
    made = await store.write(play, game="wheel-baby", players=[by(anna)], request="r-1")
    hidden = queries.play_of(store.reads, "r-1")
    assert hidden is not None
    assert (made.number, hidden.seed, hidden.member) == (1, "", "")
    with pytest.raises(Refusal, match="game_no_chance"):
        await store.write(play, game="wheel-baby", players=[by(anna)], request="r-2")
    same = await store.write(play, game="wheel-baby", players=[by(anna)], request="r-1")
    assert same.number == 1
    assert await store.write(reveal, "wheel-baby", CHAINS) is True
    assert await store.write(reveal, "wheel-baby", CHAINS) is False
    shown = queries.play_of(store.reads, "r-1")
    assert shown is not None
    root = queries.run(store.reads, "wheel-baby", 1)
    assert root is not None
    assert hashlib.sha256(bytes.fromhex(shown.seed)).hexdigest() == root.root
    assert shown.ticket == fairness.ticket(bytes.fromhex(shown.seed), "wheel-baby", 1, "r-1")


async def test_a_crash_between_the_two_reveals_later(tmp_path: Path, clock: SetClock) -> None:
    from tests.domain.conftest import furnish

    path = tmp_path / "crash.db"
    journal = Journal(path, NOUNS, clock=clock)
    await journal.write(furnish)
    await opened(journal, golden())
    members = [await journal.write(join, number) for number in range(1, 4)]
    for number, member in enumerate(members):
        await journal.write(play, game="wheel-baby", players=[by(member)], request=f"r-{number}")
    journal.close()
    again = Journal(path, NOUNS, clock=clock)
    try:
        assert len(queries.unrevealed_plays(again.reads)) == 3
        while await again.write(reveal, "wheel-baby", Chains(b"k" * 32)):
            pass
        shown = [queries.play_of(again.reads, f"r-{number}") for number in range(3)]
        assert [each.number for each in shown if each] == [1, 2, 3]
        assert all(each.seed for each in shown if each)
    finally:
        again.close()


async def test_what_is_won_is_there_in_the_same_step(store: Journal, clock: SetClock) -> None:
    coupon = Game(
        "c", "draw", words("c"), (Prize("five", words("5"), 1_000_000, cost=5, coupon="milk"),), cap=5, cap_day=5
    )
    points = Game("p", "draw", words("p"), (Prize("ten", words("10"), 1_000_000, points=10),))
    await store.write(lambda tx: coupon_decisions.offer(tx, [offer("milk", stock=100)]))
    await store.write(open_games, [coupon, points], CHAINS, 20)
    anna, ben = await store.write(join, 1), await store.write(join, 2)
    for number, (game, member) in enumerate((("c", anna), ("p", anna), ("c", ben))):
        await store.write(play, game=game, players=[by(member)], request=f"r-{number}")
        await store.write(reveal, game, CHAINS)
    came = [queries.play_of(store.reads, f"r-{number}") for number in range(3)]
    assert [(each.prize, each.why) for each in came if each] == [("five", "won"), ("ten", "won"), ("", "cap")]
    assert "milk" in coupon_queries.claimed_by(store.reads, anna)
    assert ledger.balance(store.reads, anna, clock.now).points == 10
    assert "milk" not in coupon_queries.claimed_by(store.reads, ben)
    assert [each.coupon for each in coupon_queries.on_offer(store.reads, "baby", clock.now)] == []  # won, not claimed


async def test_a_draw_of_four_falls_on_one_and_takes_one_chance(store: Journal) -> None:
    await opened(store, golden())
    family = [await store.write(join, number) for number in range(1, 5)]
    await store.write(
        play, game="wheel-baby", players=[by(each) for each in family], request="r-1", screen="screen-baby"
    )
    await store.write(reveal, "wheel-baby", CHAINS)
    shown = queries.play_of(store.reads, "r-1")
    assert shown is not None
    assert shown.member == family[shown.seat]
    left = [queries.chances(store.reads, golden(), member, shown.day) for member in family]
    assert sorted(left) == [0, 1, 1, 1]
    assert left[shown.seat] == 0
    fifth = await store.write(join, 5)
    with pytest.raises(Refusal, match="game_full"):
        await store.write(play, game="wheel-baby", players=[by(each) for each in (*family, fifth)], request="r-2")


async def test_two_phones_of_one_person_have_one_seat_in_a_draw(store: Journal) -> None:
    await opened(store, golden())
    anna, phone = await store.write(join, 1), await store.write(join, 2)
    await store.write(joining.link, MembersLinked(member=phone, kin=anna, how="phone"))
    with pytest.raises(Refusal, match="game_seated"):
        await store.write(play, game="wheel-baby", players=[by(anna), by(phone)], request="r-1")
    assert await store.write(decisions.may_play, game="wheel-baby", caller=by(phone), beside=[phone]) == 1


async def test_the_next_day_brings_another_chance(store: Journal, clock: SetClock) -> None:
    await opened(store, golden())
    anna = await store.write(join, 1)
    await draw(store, anna, "r-1")
    with pytest.raises(Refusal, match="game_no_chance"):
        await draw(store, anna, "r-2")
    clock.now += 86_400_000
    assert (await draw(store, anna, "r-3")).number == 2


async def test_odds_that_change_get_another_root(store: Journal) -> None:
    await opened(store, golden())
    first = queries.game_status(store.reads, "wheel-baby")
    assert await store.write(open_games, [golden()], CHAINS, 100) == 0
    assert await store.write(open_games, [golden(2_000_000)], CHAINS, 100) == 1
    second = queries.game_status(store.reads, "wheel-baby")
    assert first is not None
    assert second is not None
    assert (first.run, second.run) == (1, 2)
    assert first.root != second.root
    assert await store.write(open_games, [], CHAINS, 100) == 0
    anna = await store.write(join, 1)
    with pytest.raises(Refusal, match="game_unknown"):
        await draw(store, anna, "r-1")


async def test_a_chain_that_ends_is_followed_by_another(store: Journal) -> None:
    await opened(store, golden(), length=2)
    members = [await store.write(join, number) for number in range(1, 5)]
    await draw(store, members[0], "r-1")
    await draw(store, members[1], "r-2")
    with pytest.raises(Refusal, match="game_over"):
        await draw(store, members[2], "r-3")
    assert await store.write(open_games, [golden()], CHAINS, 2) == 1
    third = await draw(store, members[2], "r-3")
    assert (third.run, third.number) == (2, 1)


async def test_64_callers_never_cost_more_than_the_cap(store: Journal) -> None:
    prizes = (
        Prize("half", words("half"), 500_000, cost=300, points=1),
        Prize("all", words("all"), 500_000, cost=100, stock=3, points=1),
    )
    game = Game("wheel-baby", "wheel", words("w"), prizes, cap=1_700, cap_day=1_500)
    await store.write(open_games, [game], CHAINS, 100)
    members = [await store.write(join, number) for number in range(64)]
    await asyncio.gather(*(draw(store, member, f"r-{number}") for number, member in enumerate(members)))
    came = facts(store, GameRevealed)
    assert len(came) == 64
    assert sum(each.cost for each in came) <= 1_500
    assert sum(each.prize == "all" for each in came) <= 3
    assert {each.why for each in came} <= {"won", "gone", "cap"}
    assert sorted(each.number for each in came) == list(range(1, 65))
    assert len(facts(store, GamePlayed)) == 64


def test_many_seeds_never_cost_more_than_the_cap() -> None:
    for seed in range(200):
        dice = random.Random(seed)
        prizes = tuple(
            Prize(
                f"p{n}",
                words("p"),
                dice.randint(1, 250_000),
                cost=dice.randint(0, 400),
                stock=dice.choice([None, 1, 3]),
            )
            for n in range(4)
        )
        game = Game("g", "draw", words("g"), prizes, cap=dice.randint(400, 2_000), cap_day=dice.randint(400, 1_000))
        given, spent, day = dict[str, int](), 0, 0
        for turn in range(60):
            day = 0 if turn % 20 == 0 else day
            came = award(game, dice.randrange(1_000_000), PrizesLeft(given, spent, day))
            spent, day = spent + came.cost, day + came.cost
            if came.prize:
                given[came.prize.id] = given.get(came.prize.id, 0) + 1
            assert spent <= game.cap
            assert day <= game.cap_day
        assert all(each.stock is None or given.get(each.id, 0) <= each.stock for each in prizes)


async def test_guests_and_strangers_do_not_play(store: Journal) -> None:
    await opened(store, golden(proven=True))
    anna = await store.write(join, 1)
    with pytest.raises(Refusal, match="not_registered"):
        await store.write(decisions.may_play, game="wheel-baby", caller=by("nobody"))
    with pytest.raises(Refusal, match="proof_missing"):
        await store.write(decisions.may_play, game="wheel-baby", caller=by(anna))
