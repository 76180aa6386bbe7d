"""The way out, and what comes back: somebody of the demo's team checks and takes it, as staff do on their page."""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING, Any, Final

from edge.secrets.staff_pins import DEMO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.cli.demo.phone import Phone

REASONS: Final = ("did not like it", "bought two by mistake", "damaged", "不合适")


class StaffBrowser:
    """A browser at the desk and the exit. It logs in when it is first needed."""

    def __init__(self, browser: Phone, choice: random.Random) -> None:
        self._browser = browser
        self._choice = choice
        self._logged_in = False

    def take_back(self, order: str) -> str:
        """One piece of the first line, money by the way it came; "" or the refusal."""
        values = {"do": "refund", "units-0": "1", "way": "port", "reason": self._choice.choice(REASONS)}
        return self._do(order, values)

    def check(self, order: Mapping[str, Any]) -> str:
        """The pieces that are drawn are scanned again at the exit; "" or the refusal."""
        pieces = [row["gtin"] for row in order["rows"] for _ in range(row["units"])]
        return self._do(order["order"], {"do": "check", "scanned": "\n".join(pieces[: order["check_pieces"]])})

    def let_out(self, order: str) -> str:
        """The goods leave the store; "" or the refusal."""
        return self._do(order, {"do": "hand_over"})

    def _do(self, order: str, values: Mapping[str, str]) -> str:
        if not self._logged_in:
            _, name, _, pin = self._choice.choice(DEMO)
            if refusal := self._browser.form("/staff/login", {"name": name, "pin": pin}):
                return refusal
            self._logged_in = True
        request = str(uuid.UUID(int=self._choice.getrandbits(128), version=4))
        return self._browser.form(f"/staff/orders/{order}", {"request": request, **values})
