"""What is wrong with a screen as it stands on the glass: sizes, gaps, letters, contrast. Needs a window."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from kiosk_ui import reach, theme
from tests.kiosk_ui import letters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

LEAST_UNITS: Final = 96
"""Side of the smallest target, on the sheet of 1080 by 1920 …"""
LEAST_MM: Final = 15.0
"""… or on the glass, whichever asks for less."""
GAP_UNITS: Final = 14
"""Between two targets."""
LEAST_CONTRAST: Final = 4.5
LARGE_CONTRAST: Final = 3.0
LARGE_LETTERS: Final = 60
"""From this height on, in units, letters need no more than that."""
LOOSE: Final = 1.5
"""Pixels by which roundings may differ."""
ROOM: Final = 0.02
"""Of a card's height: so far letters of a full line may reach."""
ASKEW_UNITS: Final = 44
"""Edges that are so near to one another are meant to be on one line …"""
CARD_UNITS: Final = 150
"""… of cards that are at least so high."""
WIDE: Final = 0.6
"""Of the glass: what is so wide goes from margin to margin."""

LONG: Final = 40
"""Signs of a text that somebody wrote too long on purpose; words of the house are shorter."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in the window."""


def mistakes(kiosk: Any, image: Image.Image, *, may_end: bool = False) -> list[str]:
    """Everything that is wrong with what is on the glass now; `may_end`: long words may end in an ellipsis."""
    return [
        *small(kiosk),
        *close(kiosk),
        *unnamed(kiosk),
        *cut(kiosk, may_end=may_end),
        *beyond(kiosk),
        *askew(kiosk),
        *torn(kiosk),
        *shrunk(kiosk),
        *covered(kiosk),
        *cut_prices(kiosk),
        *tiny(kiosk, may_end=may_end),
        *pale(kiosk, image),
        *high(kiosk),
    ]


def visible(widget: Any) -> Iterator[Any]:
    """The widget and everything in it that can be seen."""
    if widget.opacity > 0:
        yield widget
        for child in widget.children:
            yield from visible(child)


def box(widget: Any) -> Box:
    """Where it is."""
    left, bottom = widget.to_window(widget.x, widget.y)
    return left, bottom, left + widget.width, bottom + widget.height


def clip(widget: Any, kiosk: Any) -> Box:
    """What of the window it can be seen in: it may stand in a list, or behind a window onto a screen."""
    from kivy.uix.stencilview import StencilView

    found: Box = (0, 0, *kiosk.root.size)
    above = widget.parent
    while above is not None and above is not above.parent:
        if isinstance(above, StencilView):
            one, other = found, box(above)
            found = (*map(max, one[:2], other[:2]), *map(min, one[2:], other[2:]))  # type: ignore[assignment]
        above = above.parent
    return found


def dragged(kiosk: Any) -> Iterator[float]:
    """Every list stands at its beginning, then at its end, as a finger drags it."""
    from kivy.uix.scrollview import ScrollView

    lists = [widget for widget in visible(kiosk.root) if isinstance(widget, ScrollView)]
    for place in (1.0, 0.0) if lists else (1.0,):
        for each in lists:
            each.scroll_y = place
        yield place


def in_sight(widget: Any, kiosk: Any) -> bool:
    """Whether the whole of it can be seen; what is half behind an edge is for the next page."""
    inner, outer = box(widget), clip(widget, kiosk)
    return (
        inner[0] >= outer[0] - LOOSE
        and inner[1] >= outer[1] - LOOSE
        and inner[2] <= outer[2] + LOOSE
        and inner[3] <= outer[3] + LOOSE
    )


def touchable(widget: Any, kiosk: Any) -> bool:
    """Whether so much of it is in sight that a finger hits it; what is higher than the window is never whole."""
    inner, outer = box(widget), clip(widget, kiosk)
    across, down = min(inner[2], outer[2]) - max(inner[0], outer[0]), min(inner[3], outer[3]) - max(inner[1], outer[1])
    return min(across, down) >= min(kiosk.m.px(LEAST_UNITS), *widget.size) - LOOSE


def keys(kiosk: Any) -> list[Any]:
    """Every key that can be touched."""
    from kiosk_ui.widgets.shapes import Key

    found = [widget for widget in visible(kiosk.root) if isinstance(widget, Key) and not widget.disabled]
    return [key for key in found if min(key.size) > 1 and not _is_beside(key, kiosk)]


def _is_beside(widget: Any, kiosk: Any) -> bool:
    """Whether nothing of it can be seen, or all of it is behind an edge that can be moved."""
    inner, outer = box(widget), clip(widget, kiosk)
    whole = outer == (0, 0, *kiosk.root.size)
    gone = (
        min(inner[2], outer[2]) - max(inner[0], outer[0]) <= 0 or min(inner[3], outer[3]) - max(inner[1], outer[1]) <= 0
    )
    return not whole and (gone or not in_sight(widget, kiosk))


def name(widget: Any) -> str:
    """What it is called in a report."""
    words = [each.text for each in visible(widget) if getattr(each, "text", "")]
    return f"{type(widget).__name__} {' '.join(words)[:40]!r}"


def small(kiosk: Any) -> Iterator[str]:
    """Targets that a finger misses."""
    least = min(kiosk.m.px(LEAST_UNITS), LEAST_MM / kiosk.m.mm_per_pixel)
    for key in keys(kiosk):
        if min(key.size) < least - LOOSE:
            yield f"small: {name(key)} is {key.width:.0f} x {key.height:.0f} px, {least:.0f} are needed"


def close(kiosk: Any) -> Iterator[str]:
    """Targets that a finger takes for one another."""
    gap = kiosk.m.px(GAP_UNITS)
    for one, other in itertools.combinations(keys(kiosk), 2):
        a, b = box(one), box(other)
        across, down = max(a[0], b[0]) - min(a[2], b[2]), max(a[1], b[1]) - min(a[3], b[3])
        if max(across, down) < gap - LOOSE:
            yield f"close: {name(one)} and {name(other)}, {max(across, down):.0f} px apart"


def unnamed(kiosk: Any) -> Iterator[str]:
    """Keys that a voice has no words for."""
    from kiosk_ui.widgets import stops

    for key in keys(kiosk):
        if not stops.stops(key, kiosk.flow.session.language):
            yield f"unnamed: {type(key).__name__} at {box(key)}"


def texts(kiosk: Any) -> Iterator[tuple[Any, Box]]:
    """Every text that can be seen and is in use, with the box of its letters."""
    for widget in visible(kiosk.root):
        text = getattr(widget, "text", "")
        if not isinstance(text, str) or not text.strip() or not hasattr(widget, "texture_size") or widget.disabled:
            continue
        x, y = widget.to_window(*widget.center)
        wide, high_ = widget.texture_size
        found = (x - wide / 2, y - high_ / 2, x + wide / 2, y + high_ / 2)
        outer = clip(widget, kiosk)
        if outer == (0, 0, *kiosk.root.size) or (found[1] >= outer[1] - LOOSE and found[3] <= outer[3] + LOOSE):
            yield widget, found


def cut(kiosk: Any, *, may_end: bool = False) -> Iterator[str]:
    """Words that are not all there. Names of goods may end in an ellipsis after two lines: they say so by `may_end`."""
    wide, high_ = kiosk.root.size
    for widget, (left, bottom, right, top) in texts(kiosk):
        if getattr(widget, "may_end", False):
            continue
        if is_cut(widget) and not (may_end and len(widget.text) >= LONG):
            yield f"cut: {widget.text!r}"
        elif left < -LOOSE or bottom < -LOOSE or right > wide + LOOSE or top > high_ + LOOSE:
            yield f"outside of the glass: {widget.text!r}"
        elif bottom < widget.to_window(0, widget.y)[1] - 6 and widget.height > 1:
            yield f"higher than its place: {widget.text!r}"


def beyond(kiosk: Any) -> Iterator[str]:
    """Words, and cards, that reach out of the card on which they stand, at its top or bottom."""
    from kiosk_ui.widgets.shapes import BoxPanel
    from kiosk_ui.widgets.text import Words

    for card in visible(kiosk.root):
        if not isinstance(card, BoxPanel) or not in_sight(card, kiosk):
            continue
        _, low, _, top = box(card)
        for widget in unscrolled(card):
            if isinstance(widget, BoxPanel) or (isinstance(widget, Words) and widget.text):
                _, bottom, _, upper = box(widget)
                if min(widget.size) > 1 and (bottom < low - ROOM * card.height or upper > top + ROOM * card.height):
                    yield f"reaches out of its card: {type(widget).__name__} {getattr(widget, 'text', '')!r}"


def askew(kiosk: Any) -> Iterator[str]:
    """Cards at the top or at the bottom of columns, or from margin to margin, of which one stands out a little."""
    near, high_ = kiosk.m.px(ASKEW_UNITS), kiosk.m.px(CARD_UNITS)
    found = [(card, box(card)) for card in outer(kiosk.root) if in_sight(card, kiosk)]
    cards = [(card, b) for card, b in found if not any(_holds(a, b) for _, a in found)]
    tall = [b for _, b in cards if b[3] - b[1] >= high_]
    for (one, a), (other, b) in itertools.combinations(cards, 2):
        beside = max(a[0], b[0]) >= min(a[2], b[2]) and a in tall and b in tall
        wide = min(one.width, other.width) >= WIDE * kiosk.root.width
        edges = [edge for edge in (1, 3) if beside and all(_last(card, edge, tall) for card in (a, b))]
        for edge in edges + [0, 2] * wide:
            if 2 * LOOSE < abs(a[edge] - b[edge]) < near:
                yield f"not on one line: {name(one)} at {a[edge]:.0f}, {name(other)} at {b[edge]:.0f}"


def outer(widget: Any) -> Iterator[Any]:
    """Cards and keys on a screen that stand on no other, but for those of the bar and boxes of a game, that move."""
    from kiosk_ui.screens.games.widget import GiftBox
    from kiosk_ui.widgets.controls import FootBar
    from kiosk_ui.widgets.shapes import Panel

    if widget.opacity > 0 and not isinstance(widget, FootBar | GiftBox):
        if isinstance(widget, Panel):
            yield widget
        else:
            for child in widget.children:
                yield from outer(child)


def _holds(ground: Box, card: Box) -> bool:
    """Whether a card lies on a larger one."""
    inside = ground[0] <= card[0] and ground[1] <= card[1] and ground[2] >= card[2] and ground[3] >= card[3]
    return inside and ground != card


def _last(card: Box, edge: int, cards: list[Box]) -> bool:
    """Whether no other stands above it (at its edge 3), or below it (1)."""
    column = [b for b in cards if min(card[2], b[2]) > max(card[0], b[0])]
    return all(b[3] <= card[3] for b in column) if edge > 1 else all(b[1] >= card[1] for b in column)


def covered(kiosk: Any) -> Iterator[str]:
    """Words of a key on which its sign stands, or the ground of that."""
    from kiosk_ui.widgets.shapes import BoxPanel
    from kiosk_ui.widgets.text import Words

    for key in (each for each in visible(kiosk.root) if is_key(each) and in_sight(each, kiosk)):
        inside = [each for each in visible(key) if each is not key]
        grounds = [each for each in inside if isinstance(each, BoxPanel) and has_sign_alone(each)]
        for ground, words in itertools.product(grounds, (each for each in inside if isinstance(each, Words))):
            one, other = box(ground), box(words)
            across, up = (min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1))
            if words.text and min(across, up) > ROOM * key.height:
                yield f"a sign stands on {words.text!r}"


def is_key(widget: Any) -> bool:
    """Whether it can be touched, now or later."""
    from kiosk_ui.widgets.shapes import Key

    return isinstance(widget, Key) and min(widget.size) > 1


def has_sign_alone(panel: Any) -> bool:
    """Whether there is nothing on it but a sign."""
    from kivy.uix.image import Image

    return len(panel.children) == 1 and isinstance(panel.children[0], Image)


def shrunk(kiosk: Any) -> Iterator[str]:
    """Pictures that leave their place empty all around: they would look otherwise on each panel."""
    from kivy.uix.image import Image

    for widget in visible(kiosk.root):
        if isinstance(widget, Image) and widget.texture is not None and min(widget.size) > 1:
            across, up = (place - drawn for place, drawn in zip(widget.size, widget.norm_image_size, strict=True))
            if min(across, up) > LOOSE:
                yield f"smaller than its place: {widget.source}, {widget.norm_image_size} in {widget.size}"


def torn(kiosk: Any) -> Iterator[str]:
    """Words of Latin letters that go on on the next line, but for a hyphen."""
    for widget, _ in texts(kiosk):
        for line, following in itertools.pairwise(widget._label.text.split("\n")):
            word = line.rpartition(" ")[2] + following.partition(" ")[0]
            if word.isascii() and not line.endswith("-") and word in widget.text.split():
                yield f"torn: {widget.text!r} between {line!r} and {following!r}"


def unscrolled(widget: Any) -> Iterator[Any]:
    """What can be seen in a widget, but for what is cut by a list."""
    from kivy.uix.scrollview import ScrollView

    for child in widget.children:
        if child.opacity > 0 and not isinstance(child, ScrollView):
            yield child
            yield from unscrolled(child)


def is_cut(widget: Any) -> bool:
    """Whether not all of its text is drawn."""
    return bool(getattr(widget, "is_shortened", False)) or lost_lines(widget)


def lost_lines(widget: Any) -> bool:
    """Whether the text has more lines than are drawn of it."""
    if widget.max_lines < 2:
        return False
    from kivy.core.text import Label as TextEngine
    from kivy.core.text.markup import MarkupLabel

    whole = (MarkupLabel if widget.markup else TextEngine)(
        text=widget.text if widget.markup else widget._label.text,  # in the lines that `Words` chose
        font_name=widget.font_name,
        font_size=widget.font_size,
        bold=widget.bold,
        text_size=(widget.text_size[0], None),
        line_height=widget.line_height,
    )
    whole.refresh()
    return bool(whole.texture.height > widget.texture_size[1] + 2)


def cut_prices(kiosk: Any) -> Iterator[str]:
    """Prices that are not whole."""
    from kiosk_ui.widgets.text import PriceTag

    for widget in visible(kiosk.root):
        if isinstance(widget, PriceTag) and widget.whole and min(widget.size) > 1:
            drawn = widget.drawn
            left, bottom, right, top = box(widget)
            if not in_sight(widget, kiosk):
                continue
            if drawn[0] > right - left + 2 * LOOSE or drawn[1] < kiosk.m.px(26):
                yield f"price not whole: {widget.read()} {drawn} in {right - left:.0f} x {top - bottom:.0f}"


def tiny(kiosk: Any, *, may_end: bool = False) -> Iterator[str]:
    """Letters that nobody reads at arm's length, where they are not signs of a drawing; `may_end`: an amount that is
    longer than any stays whole and is smaller.
    """
    least = kiosk.m.px(theme.LEAST_LETTERS)
    for widget, _ in texts(kiosk):
        if widget.font_size < least and not is_drawn(widget) and not (may_end and widget.font_name == "Figures"):
            yield f"tiny: {widget.text!r} is {widget.font_size:.0f} px high, {least} are needed"


def is_drawn(widget: Any) -> bool:
    """Whether it stands in a drawing, whose signs are as large as what they name."""
    while widget is not widget.parent and widget is not None:
        if hasattr(widget, "again"):
            return True
        widget = widget.parent
    return False


def high(kiosk: Any) -> Iterator[str]:
    """Where everything is to be low: keys that are out of reach."""
    if not kiosk.flow.session.reach:
        return
    fitting, mm = kiosk.options.fitting, kiosk.m.mm_per_pixel
    for key in keys(kiosk):
        _, bottom, _, top = box(key)
        if (
            fitting.mounted_mm + top * mm > reach.HIGHEST_MM + mm
            or fitting.mounted_mm + bottom * mm < min(reach.LOWEST_MM, fitting.mounted_mm) - mm
        ):
            yield f"out of reach: {name(key)}, {fitting.mounted_mm + top * mm:.0f} mm above the floor"


def pale(kiosk: Any, image: Image.Image) -> Iterator[str]:
    """Letters that do not stand out, or under something else, as the pixels have it."""
    pixels = np.asarray(image)
    for widget in visible(kiosk.root):
        if widget.disabled:
            continue
        for found in letters.of(widget):
            apart, hidden = letters.contrast(*letters.cropped(found, pixels, clip(widget, kiosk)))
            large = found.high >= kiosk.m.px(LARGE_LETTERS)
            if apart < (LARGE_CONTRAST if large else LEAST_CONTRAST):
                yield f"contrast {apart:.1f} : 1 of {found.text!r}"
            if hidden > letters.HIDDEN:
                yield f"something lies on {hidden:.0%} of {found.text!r}"
