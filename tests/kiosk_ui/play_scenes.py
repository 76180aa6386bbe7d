"""Games as a screen shows them: a context each, for pictures and for geometry."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from kiosk_ui import flow
from kiosk_ui.places import Games
from kiosk_ui.screens.games.playing import Game, Odds, Outcome, Playing, Round, Seat
from kiosk_ui.state import changed
from tests.kiosk_ui.conftest import make_body, make_coupon
from tests.kiosk_ui.wire import parse

JOIN: Final = "http://192.168.1.20:8080/play/9f86d081884c7d65"
PROOF: Final = "http://192.168.1.20:8080/fair/wheel?run=1&number=17#n17"
NAMES: Final = {
    "zh-CN": ("幸运大转盘", "神秘礼盒", "草莓一盒", "果泥一袋", "黄油可颂", "¥5 券", "50 积分", "¥2 券", "20 积分"),
    "en": ("Wheel of luck", "Surprise", "Strawberries", "Fruit purée", "Croissants", "¥5 off", "50 points", "¥2 off",
           "20 points"),
    "de": ("Glücksrad", "Überraschung", "Erdbeeren", "Fruchtpüree", "Croissants", "5 ¥ Rabatt", "50 Punkte",
           "2 ¥ Rabatt", "20 Punkte"),
}  # fmt: skip
ARTS: Final = ("gift", "strawberry", "apple", "croissant", "ticket", "coin", "ticket", "coin")
PERCENTS: Final = ("0.5", "2", "2.5", "5", "10", "20", "30", "30")
SIGNS: Final = ("strawberry", "apple", "milk", "croissant")


def game(language: str, kind: str = "wheel", prizes: int = 8) -> Game:
    """The wheel of the example store."""
    name, *rest = NAMES[language]
    lines = [Odds(f"p{n}", rest[n % 8], PERCENTS[n % 8], ARTS[n % 8]) for n in range(prizes)]
    return Game(kind, kind, name, tuple(lines), 1, 4, PROOF, prizes_left=38)


def seats(count: int, energy: int = 66) -> tuple[Seat, ...]:
    """So many phones."""
    return tuple(Seat(sign, energy, energy >= 100) for sign in SIGNS[:count])


def outcome(language: str, prize: str = "p3") -> Outcome:
    """The croissants, or nothing."""
    note = {
        "zh-CN": "优惠券已放入您手机的卡包，今天 22:00前有效。",
        "en": "The coupon is in the wallet on your phone, good until today 22:00.",
        "de": "Der Gutschein ist in der Brieftasche auf Ihrem Telefon, gültig bis heute 22:00.",
    }
    blank = {"zh-CN": "谢谢参与", "en": "Nothing this time", "de": "Diesmal nichts"}
    if not prize:
        return Outcome(17, "apple", "", blank[language], "nothing", "", blank[language], PROOF)
    return Outcome(17, "apple", prize, NAMES[language][4], "won", "croissant", note[language], PROOF)


def playing(
    language: str, kind: str = "wheel", count: int = 0, came: Outcome | None = None, ago: float = 60.0, prizes: int = 8
) -> Playing:
    """What a screen remembers in the middle of a game."""
    at = time.monotonic()
    found = game(language, kind, prizes)
    stage = "shown" if came else "joining"
    now = Round("9f86d081884c7d65", stage, seats(count, 100 if came else 66), 4, JOIN, came)
    return Playing(language, (found,), found.id, now, at, at - ago, asking=True)


def several(language: str, count: int) -> Playing:
    """A list of games."""
    found = [game(language, ("wheel", "shake", "draw")[n % 3]) for n in range(count)]
    games = tuple(msgspec.structs.replace(each, id=f"g{n}") for n, each in enumerate(found))
    return Playing(language, games, asking=True)


Scene = Callable[[str], Playing]
SCENES: Final[dict[str, Scene]] = {
    "games-list": lambda language: several(language, 3),
    "games-wheel": playing,
    "games-wheel-joined": lambda language: playing(language, count=4),
    "games-wheel-one-prize": lambda language: playing(language, prizes=1, count=1),
    "games-wheel-12": lambda language: playing(language, prizes=12, count=2),
    "games-won": lambda language: playing(language, count=2, came=outcome(language)),
    "games-blank": lambda language: playing(language, count=1, came=outcome(language, "")),
    "games-boxes": lambda language: playing(language, "draw", count=1),
    "games-boxes-won": lambda language: playing(language, "draw", count=1, came=outcome(language)),
    "games-shake": lambda language: playing(language, "shake", count=3),
    "games-none": lambda language: Playing(language, (), asking=True),
    "games-offline": lambda language: Playing(language, problem="unreachable", problem_at=time.monotonic()),
    "games-loading": lambda language: Playing(language, asking=True),
}


def shown(kiosk: Any, scene: Scene, language: str, large: bool = False, reach: bool = False) -> None:
    """Puts the scene on the glass, as somebody would have come to it."""
    now = datetime.now(UTC)
    kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
    body = make_body(
        [make_coupon(place, now, 3600, ends_at=None) for place in range(4)], languages=["zh-CN", "en", "de"]
    )
    kiosk.show_backdrop(parse(body))
    state = kiosk.flow
    session = msgspec.structs.replace(state.session, language=language, chosen=True, large=large, reach=reach)
    state = changed(state, session=session, touched_at=time.monotonic())
    screen = kiosk.screens.of(Games())
    front = flow.Shown(screen, Games(), scene(language), state.keys + 1)
    kiosk.become(changed(state, stack=(front,), keys=front.key))
