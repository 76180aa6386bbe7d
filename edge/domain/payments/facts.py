"""What happens to payments: every fact. None holds a key, a card's number or a payer's name."""

from __future__ import annotations

from typing import Literal

from edge.journal.entry import Fact

Way = Literal["", "native", "jsapi", "code", "face"]
"""How a port that knows several ways asks: a code on our page, the wallet's own page, a code on the shopper's phone,
or a code that a certified device made of a face."""


class PaymentAsked(Fact, frozen=True, tag="payment.asked.v1"):
    """This money is to be asked for; nobody was told yet. The entry's id names the payment, for its port as well."""

    basket: str
    quote: str
    """Hash of the quote that is paid."""
    amount: int
    """In the currency's smallest unit."""
    currency: str
    """ISO 4217."""
    port: str
    """`counter`, `wechat`, `terminal`, `simulated`, or what another one is called."""
    request: str
    """Sent twice, it asks once."""
    until_ms: int
    """The last moment to pay, by the wall clock."""
    way: Way = ""
    device: str = ""
    """The terminal, where the store has several."""
    number: str = ""
    """What a cashier types where nothing is scanned; good for as long as the payment is open."""


class PaymentAnswered(Fact, frozen=True, tag="payment.answered.v1"):
    """The port has taken it: it waits for whoever pays."""

    payment: str
    shows: str = ""
    """What the shopper is shown to pay: an address that a QR code holds, or the name of a prepared payment."""
    reference: str = ""
    """What the port calls it."""
    answer: str = ""
    """SHA-256 of the raw answer, hexadecimal."""


class PaymentPaid(Fact, frozen=True, tag="payment.paid.v1"):
    """The money is there."""

    payment: str
    basket: str
    amount: int
    currency: str
    port: str
    by: str
    """Who says so: `port`, `till/<id>` or `staff/<id>`."""
    reference: str = ""
    """What the port calls it: a transaction, a receipt number."""
    payer: str = ""
    """Keyed hash of the payer's name at the port, by which the same payer is known again."""
    answer: str = ""
    """SHA-256 of the raw answer, hexadecimal."""


class PaymentFailed(Fact, frozen=True, tag="payment.failed.v1"):
    """The port says that it was not paid, and that it can be paid no more."""

    payment: str
    basket: str
    reason: str
    answer: str = ""


class PaymentClosed(Fact, frozen=True, tag="payment.closed.v1"):
    """It was taken back before anybody had paid; the port has confirmed it."""

    payment: str
    basket: str
    reason: str
    """`shopper`, `staff`, `till`, `time`, `replaced`, or what the port says."""
    answer: str = ""


class PaymentDoubtful(Fact, frozen=True, tag="payment.doubtful.v1"):
    """Nobody knows whether it was paid: only its port's next answer says it, and nothing else is asked meanwhile."""

    payment: str
    basket: str
    reason: str
    """`no_answer`, `restarted`, `not_genuine`, `wrong_amount`, `port_error`, or what the port says."""
    details: str = ""
    """What was found where something else was expected."""
    answer: str = ""


class PaymentTrusted(Fact, frozen=True, tag="payment.trusted.v1"):
    """Staff let the goods go although nobody knows whether they were paid."""

    payment: str
    basket: str
    amount: int
    staff: str
    reason: str


class PaymentSurplus(Fact, frozen=True, tag="payment.surplus.v1"):
    """Money came that nothing was sold for: all of it goes back. The refund has the payment's id."""

    payment: str
    basket: str
    amount: int
    reason: str
    """`second`: the basket was paid otherwise. `late`: it was open again."""


class PaymentGivenBack(Fact, frozen=True, tag="payment.given_back.v1"):
    """How far money is that goes back because nothing was sold for it."""

    payment: str
    basket: str
    state: Literal["pending", "done", "abnormal"]
    """`pending`: the port has taken it, and the money is on its way. `abnormal`: staff finds another way."""
    reason: str = ""
    reference: str = ""
    by: str = ""
    """`port`, or `staff/<id>` who gave it back by hand."""
