"""What to hold where, so that a product opens by itself: the scene comes from the scanner beside the screen."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from kiosk_ui.places import Scan
from kiosk_ui.screen import Context, Screen
from kiosk_ui.screens.home.view import clock

ScanContext: TypeAlias = Context[Scan, None]
KINDS: Final = (("box", "goods"), ("person", "member"), ("present", "coupon"))
"""What may be held to it, each with its sign."""


class KindView(msgspec.Struct, frozen=True):
    """One of the things that may be held to it."""

    sign: str
    words: str


class ScanView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    clock: str
    offline: str
    heading: str
    note: str
    kinds: tuple[KindView, ...]
    search: str
    """On the key that leads to the search, for what has no code."""
    digits: str
    """On the key that leads to the number pad, for a code that is not read."""
    basket: str


def view(context: ScanContext) -> ScanView:
    """The whole screen."""
    text = context.text
    return ScanView(
        title=text("kiosk_find.scan.title"),
        clock=clock(context),
        offline=text("kiosk_find.scan.offline") if context.offline else "",
        heading=text("kiosk_find.scan.heading"),
        note=text("kiosk_find.scan.note"),
        kinds=tuple(KindView(sign, text(f"kiosk_find.scan.{name}")) for sign, name in KINDS),
        search=text("kiosk_find.scan.search") if "search" in context.shown else "",
        digits=text("kiosk_digits.key") if "digits" in context.shown else "",
        basket=text("kiosk_home.basket") if "basket" in context.shown else "",
    )


SCREEN = Screen(
    message=Scan,
    view=view,
    widget="kiosk_ui.screens.scan.widget:ScanScreen",
    layouts=("scan.kv",),
    wide=True,
)
