"""Settings of what the store agrees on with its shoppers: `[lockers]` and `[carts]` of `store.toml`, and the doors of
a bank in `devices.toml`. All of it has defaults.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gs1.in_store import InStoreRule

DoorName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,8}$")]
Amount = Annotated[int, Field(ge=0)]


def _a_rule(pattern: str) -> str:
    InStoreRule(pattern).check()
    return pattern


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, strict=True, allow_inf_nan=False
    )


class LockerSettings(_Model):
    """What the store agrees on about parcels."""

    hours: Annotated[float, Field(gt=0, le=24 * 90)] = 24
    """How long a parcel is kept before it is overdue."""
    remind_hours: Annotated[float, Field(ge=0, le=24 * 7)] = 2
    """How long before that its owner is reminded for the first time."""
    fee: Amount = 0
    """For each day begun after it is due, in the currency's smallest unit. 0 asks for nothing."""
    fee_most: Amount = 0
    """What all days together cost at most. 0 is without limit."""
    grace_s: Annotated[float, Field(ge=0, le=600)] = 60
    """How long a closed door opens again for whoever closed it, and is given to nobody else."""
    open_s: Annotated[float, Field(ge=10, le=3600)] = 90
    """How long a door may stand open before staff is told."""
    wait_s: Annotated[float, Field(ge=5, le=600)] = 30
    """How long an unlocked door is waited for to be opened. Raise it where doors must be pulled."""
    most: Annotated[int, Field(ge=1, le=50)] = 3
    """How many parcels one member may have at a time."""


class CartSettings(_Model):
    """What the store agrees on about carts."""

    deposit: Amount = 0
    """Held in the ledger for each ride, in the currency's smallest unit. 0 is none. No money moves here."""
    hours: Annotated[float, Field(gt=0, le=72)] = 4
    """How long a ride may take before staff looks for the cart."""
    low_battery: Annotated[float, Field(ge=0, le=0.9)] = 0.15
    """Charge below which a cart wants charging, 0 to 1."""
    find_s: Annotated[float, Field(gt=0, le=60)] = 10
    """How long a cart blinks when somebody looks for it."""


Ask = Literal["before", "after", "never"]


class AskSettings(_Model):
    """When the store asks for a number: "before" an act, "after" it (guests may, and are asked to register later), or
    "never" for it. Some regions forbid to make a service depend on a registration: choose "after" or "never" there.
    """

    ride: Ask = "before"
    """For a cart."""
    deposit: Ask = "before"
    """For a locker. A guest's code lives in the browser and on a slip."""
    coupon: Ask = "before"
    """For a coupon."""


class MemberSettings(_Model):
    """What the store agrees on about who its members are."""

    ask: AskSettings = AskSettings()
    """When a number is asked for."""

    proof_days: Annotated[float, Field(gt=0, le=3650)] = 90
    """How long a proven number counts. A number that was proven longer ago may belong to somebody else by now: proving
    it again on another phone opens a new person, never the old wallet. Lower it where numbers are given out again
    sooner."""
    staff_confirms: Annotated[int, Field(ge=0, le=1000)] = 5
    """How often a day each member of staff may confirm that two phones belong to one person. 0 forbids it."""


class BankSettings(_Model):
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


class InStoreCodeSettings(_Model):
    """How this store reads EAN-13 that begin with 2: one rule, several are possible."""

    pattern: Annotated[str, AfterValidator(_a_rule)]
    """Thirteen places: digits stand for themselves, `[01]` for one of several, `I` item number, `W` weight, `P` price,
    `N` pieces, `V` check digit over the weight or price, `X` anything, `C` the check digit at the end."""
    decimals: Annotated[int, Field(ge=0, le=5)] = 0
    """Of the weight in kilograms, or of the price in the currency's main unit."""
    name: str = ""
    """What staff calls it. Leave it out where there is one rule only."""
