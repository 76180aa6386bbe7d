"""What a screen shows of a code that was held to the scanner beside it: the product, or what it is and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from device_drivers.contract import NoticeScene, ProductScene, TimedScene, WelcomeScene
from edge.domain.codes import words as code_words
from edge.domain.codes.readings import Reading, ScanResult
from edge.domain.coupons import queries as coupon_queries
from edge.journal import Reads
from words.languages import USUAL
from words.sentences import say_in

FOR_PHONES: Final = frozenset({"touchpoint", "badge", "coupon"})
"""Kinds of code whose page belongs on the shopper's own phone."""


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
            )
        if came.member:
            return self._welcome(came.member, languages)
        if reading.kind == "product" and (scene := self._product(reading, now_ms, at)) is not None:
            return scene
        said = {language: code_words.describe(reading, language) for language in languages}
        note = {language: each.text for language, each in said.items()}
        if reading.kind in FOR_PHONES:
            note = say_in(languages, "screen.with_phone")
        return NoticeScene({language: each.title for language, each in said.items()}, note)

    def _welcome(self, member: str, languages: Sequence[str]) -> WelcomeScene:
        count = len(coupon_queries.claimed_by(self._reads, member))
        note = say_in(languages, "screen.wallet" if count else "screen.wallet_none", count=count)
        return WelcomeScene(say_in(languages, "screen.welcome"), note, count)
