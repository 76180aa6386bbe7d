"""The six digits beside a coupon's code on a screen, for phones that cannot scan: typed within the half minute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from edge.domain.touchpoints.rules import STEP_MS
from edge.gateway import typed_text

if TYPE_CHECKING:
    from edge.domain.layout import Layout
    from edge.domain.touchpoints.codes import Codes
    from edge.gateway.offering import Offering

FORM: Final = re.compile(r"\s*(\d{3})[\s-]?(\d{3})\s*")


class ShortCodes:
    """For one store. They are worked out anew each time; nothing keeps them."""

    def __init__(self, codes: Codes, layout: Layout, offering: Offering) -> None:
        self._codes, self._layout, self._offering = codes, layout, offering

    def find(self, text: str, now_ms: int) -> str | None:
        """Returns the code that a screen shows beside these digits now, or showed in the half minute before; None where
        none does, or where two do.
        """
        form = FORM.fullmatch(typed_text.normal_width(text))
        if form is None:
            return None
        digits, found = form[1] + form[2], []
        for moment in (now_ms, now_ms - STEP_MS):
            for screen, coupon in self._on_screens(now_ms):
                if self._codes.short(screen, coupon, moment) == digits:
                    found.append(self._codes.rotating(screen, coupon, moment))
        return found[0] if len(found) == 1 else None

    def _on_screens(self, now_ms: int) -> list[tuple[str, str]]:
        screens = [each for each in self._layout.devices if each.kind == "screen"]
        return [
            (screen.id, coupon.coupon)
            for screen in screens
            for coupon, _ in self._offering.on_offer(screen.zone, now_ms, screen.id)
        ]
