"""What is to be seen of the pad."""

from __future__ import annotations

import msgspec

from kiosk_ui.screens.digits.handlers import BASKET, DigitsContext, ready
from kiosk_ui.screens.home.view import clock


class DigitsView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    clock: str
    offline: str
    digits: str
    """In groups of four; a line for what is still missing of a basket's."""
    note: str
    warns: bool
    key: str
    ready: bool


def view(context: DigitsContext) -> DigitsView:
    """The whole screen."""
    entry, text = context.memory, context.text
    shown = entry.digits.ljust(BASKET, "–")
    problem = context.why(entry.problem, "kiosk_digits.away")
    return DigitsView(
        title=text("kiosk_digits.title"),
        clock=clock(context),
        offline=text("kiosk_digits.away") if context.offline and not problem else "",
        digits=" ".join(shown[place : place + 4] for place in range(0, len(shown), 4)),
        note=problem or text("kiosk_digits.looking" if entry.asking else "kiosk_digits.note"),
        warns=bool(problem),
        key=text("kiosk_digits.take" if len(entry.digits) == BASKET else "kiosk_digits.show"),
        ready=ready(entry),
    )
