"""Games and lockers as a screen shows them: a context each, for pictures and for geometry."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from device_drivers.contract.answers.games import DrawResult, Game, Odds, Round, Seat
from device_drivers.contract.answers.lockers import Bank, Banks, Fee, LockerDoor, OpenedDoor
from kiosk_ui import flow
from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.places import Games, Lockers
from kiosk_ui.screens.games.handlers import Memory as GamesMemory
from kiosk_ui.screens.lockers.handlers import Memory as LockersMemory
from kiosk_ui.state import changed
from kiosk_ui.texts import say
from tests.kiosk_ui.bodies import make_body, make_coupon
from tests.kiosk_ui.wire import parse
from words.money import format_money

JOIN: Final = "http://192.168.1.20:8080/play/9f86d081884c7d65"
PROOF: Final = "http://192.168.1.20:8080/fair/wheel?run=1&number=17#n17"
NAMES: Final = {
    "zh-CN": ("幸运大转盘", "神秘礼盒", "草莓一盒", "果泥一袋", "黄油可颂", "¥5 券", "50 积分", "¥2 券", "20 积分"),
    "en": ("Wheel of luck", "Surprise", "Strawberries", "Fruit purée", "Croissants", "¥5 off", "50 points", "¥2 off",
           "20 points"),
    "de": ("Glücksrad", "Überraschung", "Erdbeeren", "Fruchtpüree", "Croissants", "5 ¥ Rabatt", "50 Punkte",
           "2 ¥ Rabatt", "20 Punkte"),
}  # fmt: skip
LONG: Final = {
    "zh-CN": "新西兰进口阳光金奇异果礼盒装十二枚立减二十元优惠券一张",
    "en": "A coupon for 20% off golden kiwis from New Zealand, box of twelve",
    "de": "Ein Coupon mit 20 % Nachlass auf Goldkiwis aus Neuseeland im Zwölferkarton",
}
"""Names of a prize that are longer than anybody gives one."""
ARTS: Final = ("gift", "strawberry", "apple", "croissant", "ticket", "coin", "ticket", "coin")
PERCENTS: Final = ("0.5", "2", "2.5", "5", "10", "20", "30", "30")
SIGNS: Final = ("strawberry", "apple", "milk", "croissant")


def game(language: str, kind: str = "wheel", prizes: int = 8) -> Game:
    """The wheel of the example store."""
    name, *rest = NAMES[language]
    point = say(language, "number.decimal")
    lines = [Odds(f"p{n}", rest[n % 8], PERCENTS[n % 8].replace(".", point), ARTS[n % 8]) for n in range(prizes)]
    return Game(kind, kind, name, tuple(lines), 1, 4, PROOF, prizes_left=38)


def seats(count: int, energy: int = 66) -> tuple[Seat, ...]:
    """So many phones."""
    return tuple(Seat(sign, energy, energy >= 100) for sign in SIGNS[:count])


def outcome(language: str, prize: str = "p3") -> DrawResult:
    """The croissants, or nothing."""
    note = {
        "zh-CN": "优惠券已放入您手机的卡包，今天 22:00前有效。",
        "en": "The coupon is in the wallet on your phone, good until today 22:00.",
        "de": "Der Coupon ist jetzt auf Ihrem Handy, gültig bis heute 22:00.",
    }
    blank = {"zh-CN": "谢谢参与", "en": "Nothing this time", "de": "Diesmal nichts"}
    if not prize:
        gone = say(language, "games.why_gone")
        return DrawResult(17, "apple", "", blank[language], "gone", "", gone, PROOF)
    return DrawResult(17, "apple", prize, NAMES[language][4], "won", "croissant", note[language], PROOF)


def playing(
    language: str,
    kind: str = "wheel",
    count: int = 0,
    came: DrawResult | None = None,
    ago: float = 60.0,
    prizes: int = 8,
) -> GamesMemory:
    """What a screen remembers in the middle of a game."""
    at = time.monotonic()
    found = game(language, kind, prizes)
    stage = "shown" if came else "joining"
    now = Round("9f86d081884c7d65", stage, seats(count, 100 if came else 66), 4, JOIN, came)
    return GamesMemory((found,), found.id, now, at, at - ago, language=language, asking=True)


def several(language: str, count: int) -> GamesMemory:
    """A list of games."""
    found = [game(language, ("wheel", "shake", "draw")[n % 3]) for n in range(count)]
    games = tuple(msgspec.structs.replace(each, id=f"g{n}") for n, each in enumerate(found))
    return GamesMemory(games, language=language, asking=True)


Scene = Callable[[str], GamesMemory]
SCENES: Final[dict[str, Scene]] = {
    "games-list": lambda language: several(language, 3),
    "games-wheel": playing,
    "games-wheel-joined": lambda language: playing(language, count=4),
    "games-wheel-one-prize": lambda language: playing(language, prizes=1, count=1),
    "games-wheel-12": lambda language: playing(language, prizes=12, count=2),
    "games-won": lambda language: playing(language, count=2, came=outcome(language)),
    "games-won-long": lambda language: playing(
        language, count=2, came=msgspec.structs.replace(outcome(language), name=LONG[language])
    ),
    "games-blank": lambda language: playing(language, count=1, came=outcome(language, "")),
    "games-boxes": lambda language: playing(language, "draw", count=1),
    "games-boxes-won": lambda language: playing(language, "draw", count=1, came=outcome(language)),
    "games-shake": lambda language: playing(language, "shake", count=3),
    "games-none": lambda language: GamesMemory((), language=language, asking=True),
    "games-offline": lambda language: GamesMemory(
        language=language, problem=Unreachable(), problem_at=time.monotonic()
    ),
    "games-loading": lambda language: GamesMemory(language=language, asking=True),
}


# --- lockers ---

TERMS: Final = {
    "zh-CN": ("免费存 24 小时", "之后每天 ¥2，最多 ¥10", "现在存，明天 10:32前取", "到期前 2 小时提醒您"),
    "en": ("Free for 24 hours", "Then ¥2 for each day, ¥10 at most", "Store now, collect by tomorrow 10:32",
           "We remind you 2 h before"),
    "de": ("24 Stunden kostenlos", "Danach 2\u00a0¥ am Tag, höchstens 10\u00a0¥",
           "Jetzt einlegen, abholen bis morgen 10:32",
           "Wir erinnern Sie 2 h vorher"),
}  # fmt: skip


def bank(language: str, name: str = "locker-a", *, beside: bool = True, doors: int = 12) -> Bank:
    """The usual bank of twelve."""
    sizes = ["S"] * 6 + ["M"] * 4 + ["L"] * 2
    many = sizes * (doors // 12 + 1)
    states = ("free", "used", "free", "free", "used", "free", "free", "free", "used", "free", "free", "free")
    found = [LockerDoor(f"{n + 1:02}", many[n], states[n % 12]) for n in range(doors)]
    called = {"zh-CN": "A 组储物柜", "en": "Lockers A", "de": "Schließfächer A"}[language]
    return Bank(name, called, beside, 4, True, tuple(found), {"S": 9, "M": 5, "L": 2})


def banks(language: str, *found: Bank) -> Banks:
    """What the gateway says."""
    return Banks(
        found or (bank(language),), dict(zip(("free", "late", "until", "remind"), TERMS[language], strict=True)), False
    )


def opened(language: str, stage: str, why: str = "fill", **more: Any) -> OpenedDoor:
    """Door 07."""
    until = {"zh-CN": "明天 10:32", "en": "tomorrow 10:32", "de": "morgen 10:32"}[language]
    code = "http://192.168.1.20:8080/t/locker-a.abcdefghijkl.c.mnopqrstuvwxyz23"
    mine = {"digits": "482913", "code": code, "until": until, "prints": True} if why == "fill" else {}
    done = stage in ("closed", "back", "failed", "unsure")
    said = {"zh-CN": "07 号柜没有打开。", "en": "Locker 07 did not open.", "de": "Fach 07 hat nicht geöffnet."}[
        language
    ]
    advice = {"zh-CN": "请叫店员。", "en": "Please call our staff.", "de": "Bitte rufen Sie uns."}[language]
    return OpenedDoor("o", "locker-a", "07", why, stage, done, said, advice, 90, **{**mine, **more})


def keeping(language: str, stage: Any = "start", **more: Any) -> LockersMemory:
    """What a screen remembers at a bank."""
    at = time.monotonic()
    return LockersMemory(banks(language), language=language, stage=stage, opened_at=at - 49, **more)


LOCKERS: Final[dict[str, Callable[[str], LockersMemory]]] = {
    "lockers-start": keeping,
    "lockers-sizes": lambda language: keeping(language, "sizes", size="M"),
    "lockers-digits": lambda language: keeping(language, "digits", digits="482"),
    "lockers-wrong": lambda language: keeping(
        language, "digits", problem=Refused("parcel_code_wrong", ""), problem_at=time.monotonic()
    ),
    "lockers-fee": lambda language: keeping(
        language, "fee", digits="482913", fee=Fee(400, format_money(400, "CNY", language), "07")
    ),
    "lockers-open": lambda language: keeping(language, "door", opened=opened(language, "open"), waits=True),
    "lockers-lit": lambda language: keeping(
        language, "door", opened=opened(language, "open", "take", lights=True), waits=True
    ),
    "lockers-stored": lambda language: keeping(language, "door", opened=opened(language, "closed")),
    "lockers-shared": lambda language: keeping(
        language, "door", opened=opened(language, "closed", shared="771204", printed=True)
    ),
    "lockers-take": lambda language: keeping(language, "door", opened=opened(language, "open", "take"), waits=True),
    "lockers-late": lambda language: keeping(
        language,
        "door",
        opened=opened(language, "open", "take"),
        fee=Fee(400, format_money(400, "CNY", language), "07"),
        waits=True,
    ),
    "lockers-failed": lambda language: keeping(language, "door", opened=opened(language, "failed", "take")),
    "lockers-many-doors": lambda language: msgspec.structs.replace(
        keeping(language), known=banks(language, bank(language, doors=60))
    ),
    "lockers-one-door": lambda language: msgspec.structs.replace(
        keeping(language), known=banks(language, bank(language, doors=1))
    ),
    "lockers-two": lambda language: msgspec.structs.replace(
        keeping(language), known=banks(language, bank(language), bank(language, "locker-b"))
    ),
    "lockers-elsewhere": lambda language: msgspec.structs.replace(
        keeping(language), known=banks(language, bank(language, beside=False), bank(language, "locker-b", beside=False))
    ),
    "lockers-offline": lambda language: LockersMemory(
        language=language, problem=Unreachable(), problem_at=time.monotonic()
    ),
    "lockers-loading": lambda language: LockersMemory(language=language, asking=True),
}


ALL: Final[dict[str, Callable[[str], Any]]] = {**SCENES, **LOCKERS}


def shown(kiosk: Any, scene: Callable[[str], Any], language: str, large: bool = False, reach: bool = False) -> None:
    """Puts the scene on the glass, as somebody would have come to it."""
    now = datetime.now(UTC)
    kiosk.become(flow.begin(kiosk.screens, time.monotonic()))
    body = make_body(
        [make_coupon(place, now, 3600, ends_at=None) for place in range(4)], languages=["zh-CN", "en", "de"]
    )
    kiosk.show_backdrop(parse(body))
    state = kiosk.flow
    session = msgspec.structs.replace(
        state.session, language=language, chosen=True, letters="large" if large else "normal", reach=reach
    )
    state = changed(state, session=session, touched_at=time.monotonic())
    memory = scene(language)
    place = Games() if isinstance(memory, GamesMemory) else Lockers()
    front = flow.OpenScreen(kiosk.screens.of(place), place, memory, state.keys + 1)
    kiosk.become(changed(state, stack=(front,), keys=front.key))
