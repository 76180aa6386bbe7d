"""What is asked of games: which can be played, how a play came out, and what its proof is."""

from __future__ import annotations

import sqlite3

import msgspec

from edge.domain.games.rules import Game, PrizesLeft, Why, prize_of_ticket
from edge.journal import Reads


class GameStatus(msgspec.Struct, frozen=True):
    """A game as it stands now."""

    game: Game
    run: int
    root: str
    length: int
    terms: str
    opened_ms: int
    closed: bool
    played: int
    """Plays of this run."""
    spent: int
    """Of all runs."""

    @property
    def used_up(self) -> bool:
        """Whether the chain has no seed left."""
        return self.played >= self.length


class Play(msgspec.Struct, frozen=True):
    """One play of a game, and how it came out."""

    game: str
    run: int
    number: int
    request: str
    players: tuple[str, ...]
    screen: str
    day: str
    played_ms: int
    seed: str
    """"" until it is revealed."""
    ticket: int
    seat: int
    member: str
    prize: str
    why: Why | str
    cost: int
    coupon: str
    points: int


class Run(msgspec.Struct, frozen=True):
    """One opening of a game: what was promised."""

    game: Game
    run: int
    root: str
    length: int
    terms: str
    opened_ms: int


_STANDING = "SELECT definition, run, root, length, terms, opened_ms, closed, played, spent FROM games"


def _game_status(row: sqlite3.Row) -> GameStatus:
    definition, run, root, length, terms, opened_ms, closed, played, spent = row
    game = msgspec.json.decode(definition, type=Game)
    return GameStatus(game, run, root, length, terms, opened_ms, bool(closed), played, spent)


def game_statuses(reads: Reads) -> list[GameStatus]:
    """Every game that was ever opened, by id."""
    return [_game_status(row) for row in reads.all(f"{_STANDING} ORDER BY game")]


def game_status(reads: Reads, game: str) -> GameStatus | None:
    """One game."""
    row = reads.one(f"{_STANDING} WHERE game=?", game)
    return _game_status(row) if row else None


def open_games(reads: Reads, zone: str | None = None) -> list[GameStatus]:
    """The games that can be played at screens of a zone; in the whole store where none is named."""
    return [
        each
        for each in game_statuses(reads)
        if not each.closed and not each.used_up and (zone is None or each.game.is_of(zone))
    ]


def run(reads: Reads, game: str, number: int) -> Run | None:
    """One opening of a game."""
    row = reads.one(
        "SELECT definition, run, root, length, terms, opened_ms FROM game_runs WHERE game=? AND run=?", game, number
    )
    return Run(msgspec.json.decode(row[0], type=Game), *tuple(row)[1:]) if row else None


def runs(reads: Reads, game: str) -> list[Run]:
    """Every opening of a game, the latest first."""
    rows = reads.all("SELECT run FROM game_runs WHERE game=? ORDER BY run DESC", game)
    return [found for row in rows if (found := run(reads, game, row["run"])) is not None]


def _play(row: sqlite3.Row) -> Play:
    return Play(**{**dict(row), "players": msgspec.json.decode(row["players"], type=tuple[str, ...])})


def play(reads: Reads, game: str, run: int, number: int) -> Play | None:
    """One play."""
    row = reads.one("SELECT * FROM game_plays WHERE game=? AND run=? AND number=?", game, run, number)
    return _play(row) if row else None


def play_of(reads: Reads, request: str) -> Play | None:
    """The play of a request."""
    row = reads.one("SELECT * FROM game_plays WHERE request=?", request)
    return _play(row) if row else None


def plays(reads: Reads, game: str, run: int, limit: int = 100, before: int | None = None) -> list[Play]:
    """The plays of one run, the latest first."""
    rows = reads.all(
        "SELECT * FROM game_plays WHERE game=? AND run=? AND number<? ORDER BY number DESC LIMIT ?",
        *(game, run, 2**62 if before is None else before, limit),
    )
    return [_play(row) for row in rows]


def plays_of(reads: Reads, member: str) -> list[Play]:
    """The plays that fell on one person, or may still do so, the first one first."""
    rows = reads.all(
        "SELECT * FROM game_plays WHERE member=?1 AND member<>''"
        " UNION SELECT p.* FROM game_chances c JOIN game_plays p ON p.game=c.game AND p.run=c.run AND p.number=c.number"
        " WHERE c.member=?1 ORDER BY played_ms, number",
        member,
    )
    return [_play(row) for row in rows]


def unrevealed_plays(reads: Reads, game: str | None = None) -> list[Play]:
    """The plays that have a number and were not revealed yet, in their order."""
    rows = reads.all(
        "SELECT * FROM game_plays WHERE seed='' AND (?1 IS NULL OR game=?1) ORDER BY game, run, number", game
    )
    return [_play(row) for row in rows]


def seed_before(reads: Reads, game: str, run: int, number: int) -> str | None:
    """What the seed of a play must lead to: that of the play before, or the root; none where it is still hidden."""
    if number == 1:
        row = reads.one("SELECT root AS seed FROM game_runs WHERE game=? AND run=?", game, run)
    else:
        row = reads.one("SELECT seed FROM game_plays WHERE game=? AND run=? AND number=?", game, run, number - 1)
    return row["seed"] or None if row else None


def prizes_left(reads: Reads, game: str, day: str) -> PrizesLeft:
    """What was given of a game so far, and on a day."""
    rows = reads.all("SELECT prize, given FROM game_given WHERE game=?", game)
    row = reads.one(
        "SELECT g.spent, coalesce(d.spent, 0) AS day FROM games g"
        " LEFT JOIN game_days d ON d.game=g.game AND d.day=?2 WHERE g.game=?1",
        game,
        day,
    )
    spent, today = (row["spent"], row["day"]) if row else (0, 0)
    return PrizesLeft({each["prize"]: each["given"] for each in rows}, spent, today)


def chances(reads: Reads, game: Game, member: str, day: str) -> int:
    """How many chances a person has left today. One that is under way counts."""
    row = reads.one(
        "SELECT count(*) AS n FROM kin k JOIN game_chances c ON c.member=k.other"
        " WHERE k.member=? AND c.game=? AND c.day=?",
        *(member, game.id, day),
    )
    return max(0, game.per_day - (row["n"] if row else 0))


def prize_counts(reads: Reads, game: str, run: int) -> dict[str, int]:
    """How often each ticket range came up in a run, by prize as it was meant; "" is a blank."""
    found: dict[str, int] = {}
    opened = _run_game(reads, game, run)
    for row in reads.all("SELECT ticket FROM game_plays WHERE game=? AND run=? AND seed<>''", game, run):
        prize = _prize_id(opened, row["ticket"])
        found[prize] = found.get(prize, 0) + 1
    return found


def _run_game(reads: Reads, game: str, number: int) -> Game | None:
    found = run(reads, game, number)
    return found.game if found else None


def _prize_id(game: Game | None, ticket: int) -> str:
    prize = prize_of_ticket(game, ticket) if game else None
    return prize.id if prize else ""


def prize_coupons(reads: Reads) -> list[str]:
    """The campaigns whose coupons are won in an open game."""
    return [row["campaign"] for row in reads.all("SELECT DISTINCT campaign FROM game_coupons ORDER BY campaign")]
