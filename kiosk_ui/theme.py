"""Design tokens of the kiosk: colours, and lengths that hold on every panel.

Lengths are given on a sheet of 1080 by 1920 and scaled to the window. What a finger must hit is given in millimetres
too, because a finger does not scale with the panel: 20 mm keys are fastest, 25 mm are no better, 10 mm cost errors
(Colle & Hiszem 2004, doi 10.1080/00140130410001724228).
"""

from __future__ import annotations

from typing import Final

import msgspec

Colour = tuple[float, float, float, float]
"""Red, green, blue, opacity; 0 to 1 each, as Kivy wants it."""

SHEET: Final = (1080, 1920)
"""Width and height that the lengths of the layout refer to."""

PANEL_MM: Final = 194.4
"""Short side of a 15.6 inch panel, in millimetres: what a window is taken for unless somebody says otherwise."""
MM_PER_PIXEL: Final = PANEL_MM / SHEET[0]

KEY_MM: Final = 20.0
"""Least side of a button that everybody can reach."""
KEY_SMALL_MM: Final = 15.0
"""Least side of a button that repeats one of the others."""
LEAST_LETTERS: Final = 26
"""Height of the smallest letters, in units: on a 15.6 inch panel a capital of 3.4 mm, which an eye at 60 cm sees under
20 minutes of arc (ISO 9241-303 asks for 16, and wishes for 20 to 22). Words that are too long for their line break or
end before they are smaller.
"""
LARGER: Final = 1.2
"""What the large-text switch multiplies letters by, besides giving each card twice the room."""


def colour(hexadecimal: str, opacity: float = 1.0) -> Colour:
    """`#RRGGBB` as Kivy wants it."""
    red, green, blue = (int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, opacity)


CREAM: Final = colour("#F7F4ED")
WHITE: Final = (0.9999, 0.9999, 0.9999, 1.0)
"""A shade under white itself: what is drawn with that is a picture (`kiosk_ui.contrast`)."""
INK: Final = colour("#14231C")
MUTED: Final = colour("#56655D")
FOREST: Final = colour("#0B3D2E")
LEAF: Final = colour("#12724A")
SLOPE: Final = colour("#116542")
"""The light end of green grounds: leaf, but so little of a colour that high contrast takes all of it for a ground."""
LEAF_BAR: Final = colour("#1F8A5B")
TOMATO: Final = colour("#D0350F")
PROMOTION: Final = colour("#8C2208")
DEEP: Final = colour("#0F5A3F")
MANGO: Final = colour("#FFC74D")
SAND: Final = colour("#E7E3D8")
REST: Final = colour("#EEEAE0")
"""A key that does nothing now."""
AMBER: Final = colour("#FFE3A8")
STAR: Final = colour("#C98300")
TRACK: Final = colour("#CFC8B8")
"""A bar that says nothing special."""
PALE: Final = colour("#FBE4DD")
"""Behind a promotion."""
MINT: Final = colour("#D8F2E3")
CLEAR: Final = colour("#FFFFFF", 0.0)

TEXT_PAIRS: Final = (
    (INK, WHITE),
    (INK, CREAM),
    (INK, AMBER),
    (MUTED, WHITE),
    (MUTED, CREAM),
    (LEAF, WHITE),
    (FOREST, WHITE),
    (TOMATO, WHITE),
    (TOMATO, CREAM),
    (MUTED, SAND),
    (MUTED, REST),
    (PROMOTION, PALE),
    (INK, MINT),
    (INK, SAND),
    (FOREST, MINT),
    (WHITE, TOMATO),
    (WHITE, LEAF),
    (WHITE, FOREST),
    (WHITE, DEEP),
    (MINT, DEEP),
    (INK, MANGO),
    (PROMOTION, MANGO),
)
"""Every pair of letters on ground that the screens use; a test holds each to 4.5 : 1."""

MEANINGS: Final = (
    (LEAF, TOMATO),  # time that is left, and its last seconds; here, and there
    (LEAF_BAR, TOMATO),  # stock, and the last of it
    (TOMATO, INK),  # a price that is lower, and any
    (LEAF, INK),  # cheaper by the unit
    (MANGO, LEAF),
    (MANGO, TRACK),
    (LEAF, TRACK),  # this one, a cheaper one, another one
    (LEAF, MINT),  # the main key, and one beside it
    (FOREST, MINT),
    (FOREST, WHITE),  # chosen or not
    (LEAF, REST),  # a key that is ready, and one that waits
    (FOREST, MUTED),  # a letter that leads somewhere
    (MINT, AMBER),  # good news, and a notice
    (STAR, SAND),
    (MANGO, WHITE),  # the door, the shelf
    (MANGO, SAND),
)
"""Colours of which the difference says something. A sign, a word or a place says it too; a test holds each pair apart
for whoever sees without one kind of cone.
"""


def flat(shade: Colour) -> Colour:
    """The same, a shade under white itself at most: a ground is no picture (`kiosk_ui.contrast`)."""
    red, green, blue, opacity = shade
    return (min(red, WHITE[0]), min(green, WHITE[1]), min(blue, WHITE[2]), opacity)


def luminance(shade: Colour) -> float:
    """Relative luminance as WCAG 2 defines it, 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shade[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio as WCAG 2 defines it, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


class Metrics(msgspec.Struct, frozen=True):
    """Turns lengths of the sheet and millimetres into pixels of one window."""

    width: float
    height: float
    mm_per_pixel: float = MM_PER_PIXEL
    large: bool = False
    wide: bool = False
    """The sheet lies: 1920 by 1080."""

    @property
    def sheet(self) -> tuple[float, float]:
        """Width and height of the sheet, in pixels."""
        across, high = reversed(SHEET) if self.wide else SHEET
        return self.px(across), self.px(high)

    @property
    def scale(self) -> float:
        """Pixels per unit of the sheet; the whole sheet fits into the window, whatever its shape."""
        across, high = reversed(SHEET) if self.wide else SHEET
        return min(self.width / across, self.height / high)

    def px(self, units: float) -> float:
        """A length of the sheet, in whole pixels."""
        return round(units * self.scale)

    def text(self, units: float) -> float:
        """A letter height of the sheet, in pixels, larger where the shopper asked for it."""
        return round(units * self.scale * (LARGER if self.large else 1.0), 1)

    def key(self, units: float, millimetres: float = KEY_MM) -> float:
        """A side of a button: its length on the sheet, but never less than so many millimetres; an upright sheet in a
        wide window is so narrow that there is room for small ones only.
        """
        least = KEY_SMALL_MM if self.width > self.height and not self.wide else KEY_MM
        return max(self.px(units), float(-(-min(millimetres, least) // self.mm_per_pixel)))
