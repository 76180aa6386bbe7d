"""Games: opened with a published root, played, and revealed. Who plays is a registered member.

A play is two steps. `play` gives it its number; once that is durable, `reveal` looks at its seed, in the order of the
numbers. A crash between the two loses nothing: whatever has a number is revealed by the next start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.coupons.coupon_facts import granting
from edge.domain.games import fairness, queries
from edge.domain.games.facts import GameClosed, GameOpened, GamePlayed, GameRevealed
from edge.domain.games.fairness import Chains
from edge.domain.games.queries import GameStatus, Play
from edge.domain.games.rules import Award, Game, award
from edge.domain.ledger.postings import giving
from edge.domain.ledger.queries import zone_of
from edge.domain.ledger.rules import day_of
from edge.domain.members.queries import family, no_member
from edge.errors import used_before
from edge.journal import Tx


@asked_by("store")
def open_games(tx: Tx, games: Sequence[Game], chains: Chains, length: int = fairness.LENGTH) -> int:
    """Take over the games of the settings. What differs, and what has no seed left, is opened with a new root; what is
    not there any more is closed. Returns how many were opened.
    """
    known = {each.game.id: each for each in queries.game_statuses(tx)}
    opened = 0
    for game in games:
        now = known.pop(game.id, None)
        if now is None or now.closed or now.used_up or now.terms != terms_of(game):
            run = now.run + 1 if now else 1
            root = chains.root(game.id, run, length)
            tx.emit(GameOpened(game=game, run=run, root=root, length=length, terms=terms_of(game)))
            opened += 1
    for gone in known.values():
        if not gone.closed:
            tx.emit(GameClosed(game=gone.game.id))
    return opened


def terms_of(game: Game) -> str:
    """What names exactly this game: every chance, cost and bound."""
    return hashlib.sha256(msgspec.json.encode(game, order="deterministic")).hexdigest()


@asked_by(Proof.DEVICE)
def may_play(tx: Tx, *, game: str, caller: Caller, beside: Sequence[str] = ()) -> int:
    """How many chances the caller has today, who would play with those `beside` them. Refuses: game_unknown,
    not_registered, consent_missing, consent_outdated, proof_missing, game_no_chance, game_seated where one of those is
    another phone of theirs.
    """
    found = _open(tx, game)
    _refuse_stranger(tx, found.game, caller)
    left = queries.chances(tx, found.game, caller.member, day_of(tx.now, zone_of(tx)).isoformat())
    if not left:
        raise tx.refuse("game_no_chance", game=game)
    if not set(family(tx, caller.member)).isdisjoint(set(beside) - {caller.member}):
        raise tx.refuse("game_seated", game=game)
    return left


@asked_by("part")
def play(tx: Tx, *, game: str, players: Sequence[Caller], request: str, screen: str = "") -> Play:
    """Give a play of these members its number. The same request is one play. Refuses as `may_play` does, and game_over
    where another opening must come first.
    """
    known = queries.play_of(tx, request)
    members = tuple(dict.fromkeys(each.member for each in players))
    if known is not None:
        if known.players != members or known.game != game:
            raise used_before(request)
        return known
    found = _open(tx, game)
    if not members or len(members) > found.game.players:
        raise tx.refuse("game_full", game=game, most=found.game.players)
    for player in players:
        may_play(tx, game=game, caller=player, beside=members)
    number, day = found.played + 1, day_of(tx.now, zone_of(tx)).isoformat()
    tx.emit(
        GamePlayed(game=game, run=found.run, number=number, request=request, players=members, screen=screen, day=day)
    )
    return Play(game, found.run, number, request, members, screen, day, tx.now, "", 0, 0, "", "", "", 0, "", 0)


def _open(tx: Tx, game: str) -> GameStatus:
    found = queries.game_status(tx, game)
    if found is None or found.closed:
        raise tx.refuse("game_unknown", game=game)
    if found.used_up:
        raise tx.refuse("game_over", game=game)
    return found


def _refuse_stranger(tx: Tx, game: Game, caller: Caller) -> None:
    if (stranger := no_member(tx, caller.member)) is not None:
        raise stranger
    if game.proven and caller.proof is not Proof.VERIFIED:
        raise tx.refuse("proof_missing")


@asked_by("store")
def reveal(tx: Tx, game: str, chains: Chains) -> bool:
    """Reveal the next play of a game that has a number and is durable. False where there is none.

    One a step: what it gives stands in the tables only once it is committed, and the next one must see it.
    Refuses: game_seed_wrong.
    """
    hidden = queries.unrevealed_plays(tx, game)
    if hidden:
        _reveal(tx, hidden[0], chains)
    return bool(hidden)


def _reveal(tx: Tx, play: Play, chains: Chains) -> None:
    opened = queries.run(tx, play.game, play.run)
    before = queries.seed_before(tx, play.game, play.run, play.number)
    if opened is None or before is None:
        raise tx.refuse("game_unknown", game=play.game)
    seed = chains.seed(play.game, play.run, opened.length, play.number)
    if not fairness.leads_to(seed, bytes.fromhex(before)):
        raise tx.refuse("game_seed_wrong", game=play.game, number=play.number)
    ticket = fairness.ticket(seed, play.game, play.number, play.request)
    seat = fairness.seat(seed, play.game, play.number, play.request, len(play.players))
    member = play.players[seat]
    came = award(opened.game, ticket, queries.prizes_left(tx, play.game, play.day))
    coupon, came = _give(tx, came, play, member)
    tx.emit(
        GameRevealed(
            game=play.game,
            run=play.run,
            number=play.number,
            seed=seed.hex(),
            ticket=ticket,
            seat=seat,
            member=member,
            prize=came.prize.id if came.prize else "",
            why=came.why,
            cost=came.cost,
            day=play.day,
            coupon=coupon,
            points=came.prize.points if came.prize else 0,
        )
    )


def _give(tx: Tx, came: Award, play: Play, member: str) -> tuple[str, Award]:
    """Hand the prize over in the same step. A coupon whose campaign is over is a prize that is used up."""
    prize = came.prize
    if prize is None:
        return "", came
    why = f"game/{play.game}/{play.run}/{play.number}"
    if prize.coupon:
        given = granting(tx, prize.coupon, member, request=play.request, why=why, now_ms=tx.now)
        if given is None:
            return "", Award(None, "gone")
        for claimed in given.facts:
            tx.emit(claimed)
        return given.coupon, came
    if prize.points:
        for fact in giving(tx, member, prize.points, tx.now, key=why, reason="game"):
            tx.emit(fact)
    return "", came
