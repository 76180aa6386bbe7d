"""Whoever stands before the glass, from the first touch until the screen is wiped for the next one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from device_drivers.contract import SessionEnded
from kiosk_ui import texts
from kiosk_ui.speech import USUAL

Letters: TypeAlias = Literal["normal", "large", "double"]
"""How high letters are. Twice as high, everything on a screen stands one below the other."""
SIZES: Final[tuple[Letters, ...]] = get_args(Letters)


def following(letters: Letters) -> Letters:
    """The next size; after the largest comes the usual one."""
    return SIZES[(SIZES.index(letters) + 1) % len(SIZES)]


class House(msgspec.Struct, frozen=True):
    """The store as this kiosk's own settings know it, for when nothing else is known."""

    name: dict[str, str]
    languages: tuple[str, ...]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One person's stay, and how they want the screen. Nothing of it outlives them."""

    id: str = ""
    """A UUID, random; empty while nobody stands there."""
    language: str = texts.DEFAULT
    chosen: bool = False
    """They chose the language; otherwise it follows the store's first."""
    letters: Letters = "normal"
    reach: bool = False
    """Everything to touch stands low."""
    left: bool = False
    """For the left hand."""
    contrast: bool = False
    """Black, white and one colour."""
    speech: bool = False
    """The screen speaks."""
    volume: int = USUAL
    """How loud it speaks: a place in `kiosk_ui.speech.VOLUMES`."""
    member: bool = False
    """Their own things are on the glass: this session has shown a member's code."""
    extended: int = 0
    """How often they asked for more time since they last did anything else."""
    since: float = 0.0
    """When they came, by the monotonic clock."""
    touches: int = 0
    """That led to something."""
    places: Mapping[str, int] = {}
    """How often they opened each."""

    @property
    def large(self) -> bool:
        """Whether screens are laid out for larger letters."""
        return self.letters == "large"

    @property
    def double(self) -> bool:
        """Whether letters are twice as high."""
        return self.letters == "double"

    @property
    def there(self) -> bool:
        """Whether somebody stands there."""
        return bool(self.id)


def begun(session: Session, at: float) -> Session:
    """The same, with somebody there."""
    return session if session.id else msgspec.structs.replace(session, id=str(uuid.uuid4()), since=at)


def opened(session: Session, place: str) -> Session:
    """The same, with a place opened once more."""
    return msgspec.structs.replace(session, places={**session.places, place: session.places.get(place, 0) + 1})


def ended(session: Session, end: Literal["done", "idle", "left"], last: float) -> SessionEnded:
    """What is told of it: how it was used, and nothing of whom. `last`: when it was touched last."""
    ms = max(0, round((last - session.since) * 1000))
    return SessionEnded(ms, end, session.touches, dict(session.places))
