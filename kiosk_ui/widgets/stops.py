"""What a voice and five keys stop at on the glass, in the order of the tree: every key, and every piece to read.

A key is one stop whatever is in it; so is a panel without keys, such as a card: it is read in one go.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from kiosk_ui import pronunciation
from kiosk_ui.texts import say
from kiosk_ui.widgets.shapes import Key, Panel

SMALLEST: Final = 4
"""Pixels; what is smaller is not there."""


class Stop(NamedTuple):
    """One thing to stop at."""

    widget: Any
    text: str
    """As it is said."""
    chooses: bool
    """Whether it is a key."""
    letters: float
    """Height of its largest letters …"""
    heading: str
    """… and what they say: the title of a screen has the largest."""


def stops(root: Any, language: str) -> list[Stop]:
    """Everything there is to stop at below this widget."""
    return [stop for stop in _stops(root, language) if stop.text]


def live(root: Any, language: str) -> list[str]:
    """What is read as soon as it changes, whoever chose what: texts that are `live` in a .kv file."""
    if root.opacity <= 0:
        return []
    if getattr(root, "live", False):
        return list(filter(None, [pronunciation.joined(_texts(root), language)]))
    return [text for child in reversed(root.children) for text in live(child, language)]


def title(found: list[Stop]) -> str:
    """What a screen is called: what `heads` it in a .kv file, else what is written largest; and is no key."""
    read = [stop for stop in found if not stop.chooses]
    return max(read or found, key=lambda stop: stop.letters).heading if found else ""


def in_sight(widget: Any) -> bool:
    """Whether the widget itself takes any room."""
    return bool(widget.opacity > 0 and min(widget.size) >= SMALLEST)


def _stops(widget: Any, language: str) -> Iterator[Stop]:
    if widget.opacity <= 0 or getattr(widget, "unread", False):
        return
    if isinstance(widget, Key):
        if not widget.disabled and in_sight(widget):
            yield _key(widget, language)
    elif _is_piece(widget):
        if in_sight(widget):
            yield Stop(widget, pronunciation.joined(_texts(widget), language), False, *_largest(widget, language))
    else:
        for child in reversed(widget.children):
            yield from _stops(child, language)


def _is_piece(widget: Any) -> bool:
    """Whether it is read in one go."""
    if getattr(widget, "spoken", "") or not widget.children:
        return True
    return isinstance(widget, Panel) and not any(isinstance(each, Key) for each in widget.walk(restrict=True))


def _key(widget: Any, language: str) -> Stop:
    words = pronunciation.joined(_texts(widget), language)
    how = "chosen" if getattr(widget, "chosen", False) else "key"
    text = say(language, f"access.aloud.{how}", words=words) if words else ""
    return Stop(widget, text, True, *_largest(widget, language))


def _texts(widget: Any) -> list[str]:
    """What is to be read of a widget, in its order."""
    if widget.opacity <= 0 or getattr(widget, "unread", False):
        return []
    said = getattr(widget, "spoken", "")
    if said:
        return [said]
    own = widget.read() if hasattr(widget, "read") else getattr(widget, "text", "")
    found = [own] if isinstance(own, str) and own.strip() else []
    if not isinstance(widget, Panel) or not found:
        for child in reversed(widget.children):
            found += _texts(child)
    return found


def _largest(widget: Any, language: str) -> tuple[float, str]:
    """Height of its largest letters, and what they say."""
    found = [
        (math.inf if getattr(each, "heads", False) else float(getattr(each, "letters", each.font_size)), each.text)
        for each in widget.walk(restrict=True)
        if getattr(each, "text", "") and getattr(each, "font_name", "") == "Text"
    ]
    letters, text = max(found, key=lambda size: size[0], default=(0.0, ""))
    return letters, pronunciation.aloud(text, language)
