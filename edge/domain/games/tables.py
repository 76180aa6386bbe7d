"""How each fact changes the tables of games."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.games.facts import GameClosed, GameOpened, GamePlayed, GameRevealed
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE games (
    game TEXT PRIMARY KEY, definition TEXT, run INTEGER, root TEXT, length INTEGER, terms TEXT, opened_ms INTEGER,
    closed INTEGER, played INTEGER, spent INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE game_runs (
    game TEXT, run INTEGER, definition TEXT, root TEXT, length INTEGER, terms TEXT, opened_ms INTEGER,
    PRIMARY KEY (game, run)) STRICT, WITHOUT ROWID;
CREATE TABLE game_plays (
    game TEXT, run INTEGER, number INTEGER, request TEXT, players TEXT, screen TEXT, day TEXT, played_ms INTEGER,
    seed TEXT, ticket INTEGER, seat INTEGER, member TEXT, prize TEXT, why TEXT, cost INTEGER, coupon TEXT,
    points INTEGER, PRIMARY KEY (game, run, number)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX game_play_of_request ON game_plays (request);
CREATE INDEX game_plays_hidden ON game_plays (game, run, number) WHERE seed='';
CREATE INDEX game_plays_of_member ON game_plays (member) WHERE member<>'';
CREATE TABLE game_chances (
    member TEXT, game TEXT, day TEXT, run INTEGER, number INTEGER,
    PRIMARY KEY (member, game, day, run, number)) STRICT, WITHOUT ROWID;
CREATE TABLE game_given (
    game TEXT, prize TEXT, given INTEGER, PRIMARY KEY (game, prize)) STRICT, WITHOUT ROWID;
CREATE TABLE game_coupons (
    game TEXT, campaign TEXT, PRIMARY KEY (game, campaign)) STRICT, WITHOUT ROWID;
CREATE TABLE game_days (
    game TEXT, day TEXT, spent INTEGER, PRIMARY KEY (game, day)) STRICT, WITHOUT ROWID;
"""


def _opened(rows: Rows, entry: Entry, fact: GameOpened) -> None:
    definition = msgspec.json.encode(fact.game).decode()
    rows.run(
        "INSERT INTO games VALUES (?,?,?,?,?,?,?,0,0,0) ON CONFLICT (game) DO UPDATE SET"
        " definition=excluded.definition, run=excluded.run, root=excluded.root, length=excluded.length,"
        " terms=excluded.terms, opened_ms=excluded.opened_ms, closed=0, played=0",
        (fact.game.id, definition, fact.run, fact.root, fact.length, fact.terms, entry.wall_ms),
    )
    rows.run(
        "INSERT INTO game_runs VALUES (?,?,?,?,?,?,?)",
        (fact.game.id, fact.run, definition, fact.root, fact.length, fact.terms, entry.wall_ms),
    )

    rows.run("DELETE FROM game_coupons WHERE game=?", (fact.game.id,))
    for campaign in sorted({prize.coupon for prize in fact.game.prizes} - {""}):
        rows.run("INSERT INTO game_coupons VALUES (?,?)", (fact.game.id, campaign))


def _closed(rows: Rows, _: Entry, fact: GameClosed) -> None:
    rows.run("UPDATE games SET closed=1 WHERE game=?", (fact.game,))
    rows.run("DELETE FROM game_coupons WHERE game=?", (fact.game,))


def _played(rows: Rows, entry: Entry, fact: GamePlayed) -> None:
    rows.run(
        "INSERT INTO game_plays VALUES (?,?,?,?,?,?,?,?,'',0,0,'','','',0,'',0)",
        (
            fact.game,
            fact.run,
            fact.number,
            fact.request,
            msgspec.json.encode(fact.players).decode(),
            fact.screen,
            fact.day,
            entry.wall_ms,
        ),
    )
    rows.run("UPDATE games SET played=? WHERE game=? AND run=?", (fact.number, fact.game, fact.run))
    for member in fact.players:
        rows.run("INSERT INTO game_chances VALUES (?,?,?,?,?)", (member, fact.game, fact.day, fact.run, fact.number))


def _revealed(rows: Rows, _: Entry, fact: GameRevealed) -> None:
    rows.run(
        "UPDATE game_plays SET seed=?, ticket=?, seat=?, member=?, prize=?, why=?, cost=?, coupon=?, points=?"
        " WHERE game=? AND run=? AND number=?",
        (
            fact.seed,
            fact.ticket,
            fact.seat,
            fact.member,
            fact.prize,
            fact.why,
            fact.cost,
            fact.coupon,
            fact.points,
            fact.game,
            fact.run,
            fact.number,
        ),
    )
    # Whom it did not fall on keeps the day's chance.
    rows.run(
        "DELETE FROM game_chances WHERE game=? AND day=? AND run=? AND number=? AND member<>?",
        (fact.game, fact.day, fact.run, fact.number, fact.member),
    )
    rows.run("UPDATE games SET spent=spent+? WHERE game=?", (fact.cost, fact.game))
    rows.run(
        "INSERT INTO game_days VALUES (?,?,?) ON CONFLICT (game, day) DO UPDATE SET spent=spent+excluded.spent",
        (fact.game, fact.day, fact.cost),
    )
    if fact.prize:
        rows.run(
            "INSERT INTO game_given VALUES (?,?,1) ON CONFLICT (game, prize) DO UPDATE SET given=given+1",
            (fact.game, fact.prize),
        )


APPLIES: Final[Applies] = {
    GameOpened: _opened,
    GameClosed: _closed,
    GamePlayed: _played,
    GameRevealed: _revealed,
}
