"""Settings of the store's own labels, and of the doors of a bank in `devices.toml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from edge.settings.model import SettingsModel
from gs1.in_store import InStoreRule

DoorName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,8}$")]


def _a_rule(pattern: str) -> str:
    InStoreRule(pattern).check()
    return pattern


class BankSettings(SettingsModel):
    """The doors of one bank by size, named as on the doors; the default is the usual bank of twelve."""

    S: tuple[DoorName, ...] = ("01", "02", "03", "04", "05", "06")
    """Small doors: a bag, a book, a phone."""
    M: tuple[DoorName, ...] = ("07", "08", "09", "10")
    """Doors for a shopping bag."""
    L: tuple[DoorName, ...] = ("11", "12")
    """Doors for a suitcase or a crate."""
    low: tuple[DoorName, ...] = ("05", "06", "09", "10", "12")
    """Doors within reach of somebody who sits or is small: below 1.2 m. They are given to those who ask first."""

    @model_validator(mode="after")
    def _fit_together(self) -> BankSettings:
        doors = (*self.S, *self.M, *self.L)
        if len(set(doors)) != len(doors):
            raise ValueError("expected each door in one size; found one twice")
        if unknown := sorted(set(self.low) - set(doors)):
            raise ValueError(f"low: expected doors of S, M or L; found {', '.join(unknown)}")
        return self


class InStoreCodeSettings(SettingsModel):
    """How this store reads EAN-13 that begin with 2: one rule, several are possible."""

    pattern: Annotated[str, AfterValidator(_a_rule)]
    """Thirteen places: digits stand for themselves, `[01]` for one of several, `I` item number, `W` weight, `P` price,
    `N` pieces, `V` check digit over the weight or price, `X` anything, `C` the check digit at the end."""
    decimals: Annotated[int, Field(ge=0, le=5)] = 0
    """Of the weight in kilograms, or of the price in the currency's main unit."""
    name: str = ""
    """What staff calls it. Leave it out where there is one rule only."""
