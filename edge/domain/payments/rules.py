"""States of a payment, what a port may say of it, and the rules of doubt."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from edge.domain.payments.facts import Way
from edge.domain.setting import MONEY, SECONDS_AS_MS, Setting

State = Literal["asked", "waiting", "unknown", "paid", "failed", "closed"]
"""`asked`: it is on record, and no answer is. `waiting`: the port has taken it. `unknown`: nobody knows."""
OPEN: Final = ("asked", "waiting", "unknown")
"""While one of these lasts nothing else is asked for the same basket."""
RefundState = Literal["decided", "pending", "unknown", "done", "abnormal"]
"""How far money is that goes back: `unknown` is asked again under the same name, `abnormal` needs another way."""

ENDABLE: Final = ("wrong_amount", "no_port", "other_payment", "no_terminal")
"""Doubts that no answer of the port will end: a person looks at its own records."""

DAY_MS: Final = 24 * 3_600_000

SILENT_MS: Final = {"decided": DAY_MS, "pending": 7 * DAY_MS}
"""How long a port may say nothing new of money that goes back: before it has taken it, and after. Then staff look."""
LAST_ANSWER_MS: Final = 2 * 60_000
"""So long after staff found that a port knows of no refund, no question that was under way can still bring it about."""


class PaymentRules(msgspec.Struct, frozen=True):
    """What the store agrees on about payments."""

    open_ms: Annotated[int, Setting("seconds", SECONDS_AS_MS, ge=60, le=7200)] = 10 * 60_000
    """How long a payment may be paid after it was asked for."""
    trust_most: Annotated[int, Setting(unit=MONEY, ge=0)] = 20_000
    """Up to this much staff may let goods go whose payment nobody knows of. 0 is never."""
    trust_a_day: Annotated[int, Setting(ge=0, le=1000)] = 5
    """How often a day staff may do so, all together."""


class PaymentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be paid, and by which way."""

    basket: str
    """What is held for it is what it costs."""
    port: str
    request: str
    """Of whoever asks: sent twice, it asks once."""
    way: Way = ""
    device: str = ""
    number: str = ""
    """What a cashier may type instead of scanning."""
    open_ms: int = 10 * 60_000
    """How long it may be paid."""
    paid_by: str = ""
    """What a till calls the way by which it takes the money; empty where that is the port."""
    waits: bool = False
    """Whether no port is asked: it waits from now on for a cashier, who is shown its number."""


class Payment(msgspec.Struct, frozen=True):
    """One attempt to be paid."""

    payment: str
    basket: str
    quote: str
    amount: int
    currency: str
    port: str
    way: Way
    device: str
    number: str
    state: State
    shows: str
    reference: str
    reason: str
    by: str
    asked_ms: int
    changed_ms: int
    until_ms: int
    trusted: str
    """Who of the staff let the goods go unpaid."""

    @property
    def is_open(self) -> bool:
        """Whether it may still turn out paid."""
        return self.state in OPEN

    @property
    def heeds_port(self) -> bool:
        """Whether what its port says still counts. Money of a wrong amount is for staff to see to."""
        return self.is_open and self.reason != "wrong_amount"

    @property
    def is_lost(self) -> bool:
        """Whether goods left on trust for what was never paid, and nobody of the staff has looked into that."""
        return bool(self.trusted) and self.state in ("failed", "closed") and not self.reason.startswith("staff/")


class StartedPayment(msgspec.Struct, frozen=True):
    """An attempt that was asked for."""

    payment: Payment
    new: bool
    """Whether this request made it: only then its port is told, once."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What says that a payment was paid."""

    amount: int
    currency: str
    by: str
    """`port`, `till/<id>` or `staff/<id>`."""
    reference: str = ""
    payer: str = ""
    answer: str = ""


class PortRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Money that goes back by the way it came."""

    refund: str
    """Its name, for the port as well: the same one whenever it is asked again."""
    payment: str
    amount: int
    currency: str
    state: RefundState = "decided"
    reason: str = ""
    since_ms: int = 0


class RefundAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a port says of money that goes back."""

    state: RefundState
    reason: str = ""
    reference: str = ""
    by: str = "port"
    answer: str = ""
