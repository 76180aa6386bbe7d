"""What the kiosk says by itself, one TOML file per language.

A new language is one new file (and a font that has its letters).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Final

import msgspec

DEFAULT: Final = "zh-CN"


class Plural(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence about a number of things. Chinese has one form, English a second one for exactly one."""

    other: str
    one: str | None = None

    def of(self, n: int) -> str:
        """The sentence for `n` things."""
        form = self.one if n == 1 and self.one is not None else self.other
        return form.format(n=n)


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


@cache
def known() -> tuple[str, ...]:
    """The tags of the languages there are texts for, sorted."""
    folder = resources.files(__name__)
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def load(language: str) -> Texts:
    """The texts of one of the `known` languages."""
    source = resources.files(__name__).joinpath(f"{language}.toml")
    return msgspec.convert(tomllib.loads(source.read_text("utf-8")), Texts)
