"""What a screen shows of a code that was held to the scanner beside it: the product, or what it is and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from device_drivers.contract import NoticeScene, ProductScene, TimedScene, WelcomeScene
from edge.domain.codes import words as code_words
from edge.domain.codes.readings import Reading, ScanResult
from edge.domain.coupons import queries as coupon_queries
from edge.journal import Reads
from words.languages import USUAL
from words.sentences import has, say_in

FOR_PHONES: Final = frozenset({"touchpoint", "badge", "coupon"})
"""Kinds of code whose page belongs on the shopper's own phone."""


SIGNS: Final[Mapping[str, str]] = {
    "badge": "person", "basket": "basket", "cart": "basket", "coupon": "present", "locker": "locker",
    "member": "person", "parcel": "locker", "payment": "till", "product": "lens", "screen": "scan", "shelf": "pin",
    "slip": "print", "touchpoint": "pin",
    "address": "globe", "app": "globe", "wechat_link": "globe", "wifi": "globe", "payment_link": "till",
    "contact": "person", "phone": "phone", "message": "phone", "id_card": "shield", "one_time_password": "shield",
    "health": "shield", "place": "pin",
}  # fmt: skip
"""The line sign of a code, by its sort or purpose, else by its kind; everything else is `scan`."""
WAYS: Final[Mapping[str, str]] = {
    "payment": "basket", "parcel": "lockers", "locker": "lockers", "product": "search", "slip": "help",
    "coupon": "offers", "badge": "offers", "digits": "search",
}  # fmt: skip
"""The place of a screen that helps on with a code, by its sort, else by its kind."""


def _sign(reading: Reading) -> str:
    return SIGNS.get(reading.what) or SIGNS.get(reading.kind, "scan")


def _way(reading: Reading) -> str:
    return WAYS.get(reading.what) or WAYS.get(reading.kind, "")


class Scenes:
    """`product` makes the scene of a product that the catalogue has."""

    def __init__(
        self,
        reads: Reads,
        product: Callable[[Reading, int, str | None], ProductScene | None],
        languages: Callable[[], Sequence[str]] = lambda: USUAL,
    ) -> None:
        self._reads = reads
        self._product = product
        self._languages = languages

    def of(self, came: ScanResult, now_ms: int, at: str | None = None) -> TimedScene:
        """The scene of a reading, for a screen that stands at `at`."""
        reading, languages = came.best, self._languages()
        if came.refused:
            told = {each: code_words.refused(reading, came.refused, each) for each in languages}
            return NoticeScene(
                {language: title for language, (title, _) in told.items()},
                {language: note for language, (_, note) in told.items()},
                sign="shield",
                way="help",
            )
        if came.member:
            return self._welcome(came.member, languages)
        if reading.kind == "product" and (scene := self._product(reading, now_ms, at)) is not None:
            return scene
        said = {language: code_words.describe(reading, language) for language in languages}
        note = {language: each.text for language, each in said.items()}
        if reading.kind in FOR_PHONES:
            own = f"screen_code.{reading.what}"
            note = say_in(languages, own if has(own) else "screen.with_phone")
        title = {language: each.title for language, each in said.items()}
        return NoticeScene(title, note, sign=_sign(reading), way=_way(reading))

    def _welcome(self, member: str, languages: Sequence[str]) -> WelcomeScene:
        count = len(coupon_queries.claimed_by(self._reads, member))
        note = say_in(languages, "screen.wallet" if count else "screen.wallet_none", count=count)
        return WelcomeScene(say_in(languages, "screen.welcome"), note, count)
