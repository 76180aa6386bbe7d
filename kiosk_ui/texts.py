"""What the kiosk says by itself: `words/<language>/kiosk.toml`. A new language also needs its letters in the fonts."""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec

from words import languages, sentences
from words.sentences import Plural

DEFAULT: Final = languages.USUAL[0]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every sentence of the kiosk in one language; a file with one missing or one too many is refused."""

    short: str
    """The language's own name, as it stands on the button that leads to it."""
    scan: str
    off: str
    large: str
    normal: str
    how: str
    gone: str
    gone_note: str
    paused: str
    paused_note: str
    notice_paused: str
    notice_reconnecting: str
    empty: str
    empty_note: str
    waiting: str
    waiting_note: str
    headline: str
    bank_headline: str
    bank_hint: str
    bank_phone: str
    bank_phone_note: str
    bank_enter: str
    bank_asking: str
    bank_wait: str
    bank_offline: str
    bank_open: str
    bank_again: str
    bank_next: str
    bank_lost: str
    bank_lost_note: str
    nearest: str
    """Over the shelf of a product."""
    details: str
    """Under the code that leads to its page."""
    with_it: str
    back: str
    left: Plural
    few: Plural


def known() -> tuple[str, ...]:
    """The tags of the languages there are texts for."""
    return languages.known()


@cache
def load(language: str) -> Texts:
    """The texts of one of the `known` languages."""
    return msgspec.convert(sentences.area(language, "kiosk")["kiosk"], Texts)
