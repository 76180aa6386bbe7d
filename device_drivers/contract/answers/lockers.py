"""What the gateway answers a screen that asks for lockers (`screens.Service`): banks, and a door that it opened."""

from __future__ import annotations

import msgspec


class LockerDoor(msgspec.Struct, frozen=True):
    """One door, as somebody sees it who looks for one."""

    name: str
    size: str
    state: str


class Bank(msgspec.Struct, frozen=True):
    """One bank."""

    id: str
    name: str
    beside: bool
    """Whether its doors can be opened from this screen."""
    metres: int
    works: bool
    doors: tuple[LockerDoor, ...]
    free: dict[str, int]
    """By size: how many doors take such a thing."""


class Banks(msgspec.Struct, frozen=True):
    """All that a screen needs of lockers."""

    banks: tuple[Bank, ...]
    terms: dict[str, str]
    registers: bool
    """Whether a number is asked for before a deposit: then it begins on the phone."""


class OpenedDoor(msgspec.Struct, frozen=True):
    """A door that was asked to open."""

    opening: str
    bank: str
    door: str
    why: str
    stage: str
    done: bool
    sentence: str
    advice: str
    remind_s: int
    """How long the door may stand open before somebody is told."""
    digits: str = ""
    """The collect code; empty where this session put nothing in."""
    code: str = ""
    """What its QR holds."""
    until: str = ""
    shared: str = ""
    shared_code: str = ""
    lights: bool = False
    """Whether the door is lit until it is closed."""
    prints: bool = False
    """Whether a printer is near."""
    printed: bool = False
    parcel: str = ""


class Fee(msgspec.Struct, frozen=True):
    """What is due before a door opens."""

    asks: int
    money: str
    door: str
    size: str = ""
