"""Games as screens and phones show them: odds in words, a round with its seats, and how a draw came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from device_drivers.contract.answers import games
from edge.domain.coupons.sources import offered
from edge.domain.games import queries
from edge.domain.games.rules import PPM_PER_PERCENT, Game, Prize
from edge.web.moments import last_moment, moment_in_words
from words.languages import in_language
from words.money import format_plain

if TYPE_CHECKING:
    from edge.domain.games.queries import GameStatus, Play
    from edge.gateway.rounds import GameRound
    from edge.web.web import Web


def game(web: Web, now: GameStatus, language: str, address: str) -> games.Game:
    """A game as it stands."""
    given = queries.prizes_left(web.reads, now.game.id, "").given
    counted = [_stock_left(prize, given) for prize in now.game.prizes if prize.stock is not None]
    return games.Game(
        id=now.game.id,
        kind=now.game.kind,
        name=in_language(now.game.name, language),
        odds=odds(web, now.game, language),
        per_day=now.game.per_day,
        players=now.game.players,
        root=now.root,
        run=now.run,
        played=now.played,
        prizes_left=sum(counted) if counted else None,
        fair=f"{address}/fair/{now.game.id}",
    )


def odds(web: Web, found: Game, language: str) -> tuple[games.Odds, ...]:
    """What can be won, in the order of the game, and the blank behind it."""
    given = queries.prizes_left(web.reads, found.id, "").given
    lines = [
        games.Odds(
            prize=prize.id,
            name=in_language(prize.name, language),
            percent=format_plain(prize.ppm / PPM_PER_PERCENT, language),
            art=prize.art,
            left=None if prize.stock is None else _stock_left(prize, given),
        )
        for prize in found.prizes
    ]
    if found.blank:
        lines.append(
            games.Odds(
                "", web.texts.say(language, "games.blank"), format_plain(found.blank / PPM_PER_PERCENT, language), ""
            )
        )
    return tuple(lines)


def _stock_left(prize: Prize, given: Mapping[str, int]) -> int:
    return max(0, (prize.stock or 0) - given.get(prize.id, 0))


def round_view(web: Web, found: GameRound, language: str, address: str, member: str = "") -> games.Round:
    """A round, for its screen or for a phone of it."""
    mine = found.seat_of(member) if member else None
    still = bool(member) and found.stage == "shown" and not web.rounds.is_revealed(found)
    return games.Round(
        id=found.id,
        game=found.game,
        kind=found.kind,
        stage="drawing" if still else found.stage,
        seats=tuple(games.Seat(each.sign, each.energy, each.ready) for each in found.seats),
        most=found.most,
        join=f"{address}/play/{found.id}",
        outcome=None if still else outcome(web, found, language, address),
        refused=web.texts.say(language, f"refusals.{found.refused}") if found.refused else "",
        mine=mine.sign if mine else "",
    )


def outcome(web: Web, found: GameRound, language: str, address: str) -> games.DrawResult | None:
    """How the round's draw came out, once it has."""
    play = found.play
    opened = queries.run(web.reads, play.game, play.run) if play else None
    if play is None or opened is None or found.stage != "shown":
        return None
    seat = found.seat_of(play.member)
    prize = next((each for each in opened.game.prizes if each.id == play.prize), None)
    name = in_language(prize.name, language) if prize else web.texts.say(language, "games.blank")
    return games.DrawResult(
        number=play.number,
        seat=seat.sign if seat else "",
        prize=play.prize,
        name=name,
        why=play.why,
        art=prize.art if prize else "",
        note=_note(web, play, prize, language),
        proof=f"{address}/fair/{play.game}?run={play.run}&number={play.number}#n{play.number}",
    )


def _note(web: Web, play: Play, prize: Prize | None, language: str) -> str:
    if prize is None:
        return web.texts.say(language, f"games.why_{play.why}")
    if prize.points:
        return web.texts.say(language, "games.got_points", count=prize.points)
    found = offered(web.reads, prize.coupon)
    if found is None or found.ends_ms is None:
        return web.texts.say(language, "games.got_coupon")
    zone = web.layout.store.zone
    until = moment_in_words(web.texts, language, last_moment(found.ends_ms, zone), play.played_ms, zone)
    return web.texts.say(language, "games.got_coupon_until", when=until)
