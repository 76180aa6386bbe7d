"""What simulated shoppers bring back: somebody of the demo's team takes it at the desk, as staff do on their page."""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING, Final

from edge.secrets.staff_pins import DEMO

if TYPE_CHECKING:
    from edge.cli.demo.phone import Phone

REASONS: Final = ("did not like it", "bought two by mistake", "damaged", "不合适")


class Desk:
    """A browser at the desk. It logs in when the first goods come back."""

    def __init__(self, browser: Phone, choice: random.Random) -> None:
        self._browser = browser
        self._choice = choice
        self._logged_in = False

    def take_back(self, order: str) -> str:
        """One piece of the first line, money by the way it came; "" or the refusal."""
        if not self._logged_in:
            _, name, _, pin = self._choice.choice(DEMO)
            if refusal := self._browser.form("/staff/login", {"name": name, "pin": pin}):
                return refusal
            self._logged_in = True
        request = str(uuid.UUID(int=self._choice.getrandbits(128), version=4))
        values = {"do": "refund", "request": request, "units-0": "1", "way": "port"}
        return self._browser.form(f"/staff/orders/{order}", {**values, "reason": self._choice.choice(REASONS)})
