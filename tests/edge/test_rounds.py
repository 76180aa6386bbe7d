"""A game at one screen: up to four phones, one draw, on the real journal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from edge.domain.games.facts import GameRevealed
from edge.domain.games.queries import Play
from edge.domain.games.rules import Game, Prize
from edge.domain.members import joining
from edge.domain.members.facts import MembersLinked
from edge.domain.nouns import NOUNS
from edge.errors import JournalError, Refusal
from edge.gateway.draws import SimpleDraws
from edge.gateway.rounds import AWAY_S, GONE_S, SIGNS, WAIT_S, Rounds
from edge.journal.journal import Journal
from tests.callers import by
from tests.domain.conftest import SetClock, furnish, join
from tests.domain.test_ledger import facts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

WORDS = {"zh-CN": "摇", "en": "shake"}
GAME = Game("family", "shake", WORDS, (Prize("ten", WORDS, 1_000_000, points=10),))


class Table:
    """Draws and rounds on a journal, with a clock that the test turns."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.now = 100.0
        self.draws = SimpleDraws(journal.write, journal.reads, b"k" * 32, [GAME], length=3)
        self.rounds = Rounds(self.draws, lambda: self.now)

    def open(self, session: str = "s") -> str:
        return self.rounds.open("screen-baby", session, "baby", "family").id


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Table]:
    journal = Journal(tmp_path / "rounds.db", NOUNS, clock=SetClock())
    await journal.write(furnish)
    made = Table(journal)
    await made.draws.open()
    yield made
    journal.close()


async def family(table: Table, count: int) -> list[str]:
    return [await table.journal.write(join, number) for number in range(count)]


async def test_four_phones_join_one_draw_falls_on_one(table: Table) -> None:
    members, name = await family(table, 5), table.open()
    signs = [(await table.rounds.join(name, by(member))).sign for member in members[:4]]
    assert signs == list(SIGNS)
    assert (await table.rounds.join(name, by(members[0]))).sign == SIGNS[0]
    with pytest.raises(Refusal, match="game_full"):
        await table.rounds.join(name, by(members[4]))
    for member in members[:4]:
        for _ in range(3):
            await table.rounds.shake(name, by(member), 100)
    shown = await table.rounds.look("screen-baby", name)
    assert shown.stage == "shown"
    (came,) = facts(table.journal, GameRevealed)
    assert shown.play is not None
    assert came.member == shown.play.member
    assert came.member in members[:4]


async def test_many_at_once_are_one_draw(table: Table) -> None:
    (member,), name = await family(table, 1), table.open()
    await table.rounds.join(name, by(member))
    await asyncio.gather(*(table.rounds.draw("screen-baby", name) for _ in range(8)))
    assert len(facts(table.journal, GameRevealed)) == 1


async def test_who_is_ready_waits_ten_seconds_for_the_others(table: Table) -> None:
    members, name = await family(table, 2), table.open()
    for member in members:
        await table.rounds.join(name, by(member))
    for _ in range(3):
        await table.rounds.shake(name, by(members[0]), 34)
    assert (await table.rounds.look("screen-baby", name)).stage == "joining"
    table.now += WAIT_S
    assert (await table.rounds.look("screen-baby", name)).stage == "shown"


async def test_a_screen_that_went_on_ends_the_round(table: Table) -> None:
    (member,), name = await family(table, 1), table.open()
    await table.rounds.join(name, by(member))
    other = table.open("another session")
    assert other != name
    with pytest.raises(Refusal, match="round_over"):
        await table.rounds.shake(name, by(member), 34)
    table.now += AWAY_S + 1
    with pytest.raises(Refusal, match="round_over"):
        await table.rounds.join(other, by(member))
    with pytest.raises(Refusal, match="round_unknown"):
        table.rounds.find("0" * 16)
    with pytest.raises(Refusal, match="game_unknown"):
        table.rounds.open("screen-baby", "s", "baby", "no-such")


async def test_a_phone_that_went_silent_leaves_its_seat(table: Table) -> None:
    members, name = await family(table, 2), table.open()
    await table.rounds.join(name, by(members[0]))
    for _ in range(3):
        table.now += GONE_S / 2.5
        await table.rounds.look("screen-baby", name)
    assert (await table.rounds.look("screen-baby", name)).seats == []
    assert (await table.rounds.join(name, by(members[1]))).sign == SIGNS[0]


async def test_another_screen_cannot_draw(table: Table) -> None:
    name = table.open()
    with pytest.raises(Refusal, match="round_unknown"):
        await table.rounds.draw("screen-entrance", name)


async def test_a_member_who_has_played_is_let_go_and_the_others_go_on(table: Table) -> None:
    members, name = await family(table, 2), table.open()
    await table.rounds.join(name, by(members[0]))
    await table.rounds.draw("screen-baby", name)
    await table.rounds.join(name, by(members[0]))  # still has the seat
    table.rounds.again("screen-baby", name)
    await table.rounds.join(name, by(members[1]))
    shown = await table.rounds.draw("screen-baby", name)
    assert (shown.stage, shown.refused) == ("joining", "game_no_chance")
    assert [seat.caller.member for seat in shown.seats] == [members[1]]
    assert (await table.rounds.draw("screen-baby", name)).stage == "shown"
    with pytest.raises(Refusal, match="game_no_chance"):
        await table.rounds.join(table.open("next"), by(members[1]))


async def test_another_phone_of_the_same_person_gets_no_second_seat(table: Table) -> None:
    members, name = await family(table, 3), table.open()
    await table.rounds.join(name, by(members[0]))
    await table.rounds.join(name, by(members[1]))
    await table.journal.write(joining.link, MembersLinked(member=members[2], kin=members[0], how="phone"))
    with pytest.raises(Refusal, match="game_seated"):
        await table.rounds.join(name, by(members[2]))
    # Two who turn out to be one only now: one of them goes on.
    await table.journal.write(joining.link, MembersLinked(member=members[1], kin=members[0], how="phone"))
    shown = await table.rounds.draw("screen-baby", name)
    assert (shown.stage, shown.refused, len(shown.seats)) == ("joining", "game_seated", 1)
    assert (await table.rounds.draw("screen-baby", name)).stage == "shown"


async def test_a_draw_that_nobody_knows_of_is_asked_for_again_by_the_same_people_alone(table: Table) -> None:
    members, name = await family(table, 4), table.open()
    play, broken = table.draws.play, True

    async def drawn(*about: object) -> Play:
        made = await play(*about)
        if broken:
            raise JournalError("the gateway stops")
        return made

    table.draws.play = drawn
    for member in members[:2]:
        await table.rounds.join(name, by(member))
    with pytest.raises(JournalError):
        await table.rounds.draw("screen-baby", name)
    broken = False
    shown = await table.rounds.draw("screen-baby", name)
    assert [each.member for each in facts(table.journal, GameRevealed)] == [shown.play.member], "the same draw"

    table.rounds.again("screen-baby", name)
    table.rounds.leave(name, members[0])
    table.rounds.leave(name, members[1])
    await table.rounds.join(name, by(members[2]))
    broken = True
    with pytest.raises(JournalError):
        await table.rounds.draw("screen-baby", name)
    broken = False
    table.rounds.leave(name, members[2])
    await table.rounds.join(name, by(members[3]))
    shown = await table.rounds.draw("screen-baby", name)
    assert (shown.stage, shown.refused, shown.play.member) == ("shown", "", members[3])


async def test_the_next_chain_is_opened_by_itself(table: Table) -> None:
    members = await family(table, 4)
    for number, member in enumerate(members):
        await table.draws.play("family", [by(member)], f"r-{number}")
    assert [each.run for each in facts(table.journal, GameRevealed)] == [1, 1, 1, 2]


async def test_who_joins_after_those_who_were_ready_have_left_is_not_drawn_for_at_once(table: Table) -> None:
    members, name = await family(table, 3), table.open()
    for member in members[:2]:
        await table.rounds.join(name, by(member))
    for _ in range(3):
        await table.rounds.shake(name, by(members[0]), 34)
    for member in members[:2]:
        table.rounds.leave(name, member)
    table.now += WAIT_S + 1
    await table.rounds.join(name, by(members[2]))
    assert (await table.rounds.look("screen-baby", name)).stage == "joining"
