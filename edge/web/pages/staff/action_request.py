"""What a form of the staff page asks for, and what a decision cannot find out itself."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from edge.domain.lockers.rules import Size
from edge.domain.members.facts import Evidence
from edge.domain.members.rules import SealedPhone
from edge.domain.payments.rules import PaymentRules
from edge.domain.staff.rules import Person
from edge.domain.touchpoints.codes import Codes
from edge.journal import Tx
from words.languages import Words


class PickupOrder(msgspec.Struct, frozen=True):
    """What is put into a locker for a customer."""

    size: Size
    number: str
    """The order, in the shop's words."""
    phone: SealedPhone
    """The number of whoever collects it."""
    proof_ms: int
    """How long a proven number counts."""
    codes: Codes
    """Makes the code that they collect it with."""
    slip: bool = False
    """Whether the code is printed too."""
    adviser: str = ""
    """The member of staff who sold it; empty for nobody."""


class ClosingNotes(msgspec.Struct, frozen=True):
    """What a closing report says besides its figures."""

    day: str
    from_ms: int
    labels: dict[str, Words]
    left: list[Words]
    """What still wants a hand."""
    until_ms: int | None = None
    """Its last moment, where the day is over."""


class Confirming(msgspec.Struct, frozen=True):
    """Two phones that are one person's."""

    session: str
    """That of the phone that is to be let in."""
    owner: str
    """The member whose slip, card or phone it is."""
    evidence: Evidence
    most: int
    """How often a day one may confirm."""


class ActionRequest(msgspec.Struct, frozen=True):
    """One act as a form asks for it."""

    do: str
    target: str
    """A device, `bank/door`, a parcel, or `job/revision`."""
    request: str
    """Sent twice, it acts once."""
    shown: str = ""
    """The ride, the parcel or the last call that stood there, where the target is a cart, a door or a place."""
    reason: str = ""
    verdict: str = ""
    printer: str = ""
    language: str = "zh-CN"
    order: PickupOrder | None = None
    evening: ClosingNotes | None = None
    confirming: Confirming | None = None
    payments: PaymentRules = PaymentRules()


Action = Callable[[Tx, Person, ActionRequest], str]
"""Does what was asked for. Returns what shows how it ends: a job, a command, or nothing. Raises `Refusal`."""
