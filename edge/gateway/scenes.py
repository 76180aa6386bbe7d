"""What a screen shows of a code that was held to the scanner beside it: the product, or what it is and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from device_drivers.contract import NoticeScene, ProductScene, TimedScene, WelcomeScene
from edge.domain.codes import words as code_words
from edge.domain.codes.readings import Reading, ScanResult
from edge.journal import Reads
from words.languages import Words

WELCOME: Final[Words] = {"zh-CN": "欢迎光临", "en": "Welcome back"}
WALLET: Final[dict[bool, Words]] = {
    True: {"zh-CN": "您有 {count} 张优惠券。", "en": "Coupons in your wallet: {count}."},
    False: {
        "zh-CN": "您还没有优惠券，扫屏幕上的码就能领。",
        "en": "Your wallet is still empty. Scan a code on a screen.",
    },
}
WITH_PHONE: Final[Words] = {"zh-CN": "请用您的手机扫这个码。", "en": "Please scan this code with your phone."}
NOT_NOW: Final[Words] = {"zh-CN": "现在不行，请问店员。", "en": "Not possible now. Please ask our staff."}


class Scenes:
    """`product` makes the scene of a product that the catalogue has."""

    def __init__(self, reads: Reads, product: Callable[[Reading, int, str | None], ProductScene | None]) -> None:
        self._reads = reads
        self._product = product

    def of(self, came: ScanResult, now_ms: int, at: str | None = None) -> TimedScene:
        """The scene of a reading, for a screen that stands at `at`."""
        reading = came.best
        if came.refused:
            title, note = code_words.REFUSED.get(came.refused, (code_words.KINDS[reading.kind][0], NOT_NOW))
            return NoticeScene(title, note)
        if came.member:
            return self._welcome(came.member)
        if reading.kind == "product" and (scene := self._product(reading, now_ms, at)) is not None:
            return scene
        told = code_words.tell(reading)
        return NoticeScene(told.title, WITH_PHONE if reading.kind in ("touchpoint", "badge", "coupon") else told.text)

    def _welcome(self, member: str) -> WelcomeScene:
        row = self._reads.one(
            "SELECT count(DISTINCT w.coupon) AS n FROM kin k JOIN wallet w ON w.member=k.other WHERE k.member=?", member
        )
        count = row["n"] if row else 0
        note = {language: text.format(count=count) for language, text in WALLET[bool(count)].items()}
        return WelcomeScene(WELCOME, note, count)
