"""The store's lots and codes around an order: who is checked at the exit, and what a paid phone shows there.

An exit code names an order and the second it was made, signed with a key of this store; it is good for a minute, and
the page makes a new one by itself. Its six digits say the same to staff who cannot scan.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.domain.orders import decisions as orders
from edge.domain.orders import queries, refunds
from edge.domain.orders.rules import Order, OrderRules, Settled, Terms, read_number
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.gateway.payments.refund_queue import RefundSource

if TYPE_CHECKING:
    from edge.domain.payments.rules import Evidence, PortRefund, RefundAnswer
    from edge.gateway.decide import Decide
    from edge.journal import Reads, Tx
    from edge.secrets.vault import Vault
    from pricing.campaigns import Campaign
    from pricing.quote import Quote

LIFE_S: Final = 60
"""How long an exit code is taken."""
EVERY_S: Final = 20
"""How often the page shows a new one."""
OPEN_MS: Final = 12 * 3_600_000
"""How long after they were paid orders are found by their digits."""
_CODE: Final = re.compile(r"([0-9A-Z]{10})\.([0-9A-F]{8})\.([A-Z2-7]{16})\b")
_DIGITS: Final = re.compile(r"\d{6}")


class ExitCode(NamedTuple):
    """What a phone shows at the exit."""

    text: str
    digits: str


class Checkout:
    """Made by the gateway, once."""

    def __init__(
        self, reads: Reads, vault: Vault, rules: OrderRules, promotions: Callable[[Quote], Sequence[Campaign]]
    ) -> None:
        """`promotions` tells the catalogue's own for a quote's goods; decisions ask it, from the journal's thread."""
        self._reads = reads
        self._lots, self._exit = vault.derive("audits"), vault.derive("exit codes")
        self.rules = rules
        self.terms = Terms(rules, self._draw, promotions)

    def settle(self, tx: Tx, *, payment: str, evidence: Evidence) -> Settled:
        """The decision on a payment that was paid, for whoever asks the ports. Refuses: payment_gone."""
        return orders.settle(tx, payment=payment, evidence=evidence, terms=self.terms)

    def refund_source(self, decide: Decide) -> RefundSource:
        """The money of returned goods, for whoever asks the ports."""

        async def tell(back: PortRefund, answer: RefundAnswer) -> None:
            await decide(refunds.record_answer, refund=back.refund, answer=answer)

        return RefundSource(queries.pending_refunds, tell)

    def _draw(self, basket: str) -> float:
        """A lot for a basket, drawn before it has an order: leaving and coming back changes nothing."""
        return int.from_bytes(hmac.digest(self._lots, basket.encode(), "sha256")[:6]) / (1 << 48)

    def code(self, order: Order, now_ms: int) -> ExitCode:
        """What the phone of whoever paid shows now."""
        second = now_ms // 1000
        plain, stamp = order.number.replace("-", ""), f"{second:08X}"
        return ExitCode(f"{plain}.{stamp}.{self._mac(order, stamp)}", self._digits(order, second // LIFE_S))

    def find(self, text: str, now_ms: int) -> tuple[Order, bool]:
        """The order that somebody shows, and whether it was shown by a phone just now.

        Takes an exit code within any address, its six digits, or a receipt's number. Raises `Refusal`: order_unknown,
        code_expired, code_tampered.
        """
        found = _CODE.search(typed_text.normal_width(text))
        if found is not None:
            return self._of_code(found[1], found[2], found[3], now_ms), True
        plain = typed_text.without_separators(text)
        if _DIGITS.fullmatch(plain):
            return self._of_digits(plain, now_ms), True
        order = queries.of_number(self._reads, read_number(plain))
        if order is None:
            raise Refusal("order_unknown")
        return order, False

    def _of_code(self, plain: str, stamp: str, mac: str, now_ms: int) -> Order:
        order = queries.of_number(self._reads, f"{plain[:5]}-{plain[5:]}")
        if order is None or not hmac.compare_digest(mac, self._mac(order, stamp)):
            raise Refusal("code_tampered")
        if not -LIFE_S * 1000 <= now_ms - int(stamp, 16) * 1000 <= LIFE_S * 1000:
            raise Refusal("code_expired")
        return order

    def _of_digits(self, digits: str, now_ms: int) -> Order:
        open_ones = queries.unfetched(self._reads, now_ms - OPEN_MS)
        step = now_ms // 1000 // LIFE_S
        found = [order for order in open_ones if digits in (self._digits(order, step), self._digits(order, step - 1))]
        if len(found) != 1:
            raise Refusal("order_unknown")
        return found[0]

    def _mac(self, order: Order, stamp: str) -> str:
        said = f"{order.order}|{order.pieces}|{order.paid.total}|{stamp}"
        return base64.b32encode(hmac.digest(self._exit, said.encode(), "sha256")[:10]).decode()

    def _digits(self, order: Order, step: int) -> str:
        mac = hmac.digest(self._exit, f"digits|{order.order}|{step}".encode(), "sha256")
        return f"{int.from_bytes(mac[:8]) % 1_000_000:06}"


def spaced(digits: str) -> Sequence[str]:
    """Six digits as they are read aloud."""
    return [digits[at : at + 2] for at in range(0, len(digits), 2)]
