"""What simulated shoppers buy: goods into the basket, the price held, simulated money, the order, points."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from edge.cli.demo.phone import Phone
    from edge.cli.demo.staff_browser import StaffBrowser

WORDS: Final = (
    "牛奶",
    "苹果",
    "面包",
    "milk",
    "eggs",
    "yoghurt",
    "酸奶",
    "niunai",
    "水",
    "nappies",
    "咖啡",
    "tomatoes",
)
"""What shoppers type who look for something."""
MAX_GOODS: Final = 5
"""Different goods that somebody buys."""
RETURNS: Final = 0.15
"""How many of those who paid bring something back."""
FAILS: Final = 0.05
"""How many payments fail at the first try."""


class ShoppingTrip:
    """One shopper's way from an empty basket to the receipt. `count` hears what was done, or why it was refused."""

    def __init__(
        self, phone: Phone, choice: random.Random, count: Callable[[str, str], None], desk: StaffBrowser
    ) -> None:
        self._desk = desk
        self._phone = phone
        self._choice = choice
        self._count = count

    def run(self) -> None:
        """Fill the basket, pay, look at the order, collect the day's points, and bring something back now and then."""
        for _ in range(self._choice.randint(1, MAX_GOODS)):
            self._put()
        if self._hold() and self._pay():
            self._count("orders opened", self._phone.open("/orders"))
            self._count("points collected", self._phone.post("/api/v1/points/check-in"))
            self._leave()

    def _leave(self) -> None:
        """Out with the newest order, where some have pieces scanned again; and back where it does not suit."""
        if self._phone.get("/api/v1/orders/mine") or not self._phone.answer:
            return
        order = self._phone.answer[0]
        if order["checked"]:
            self._count("orders checked", self._desk.check(order))
        self._count("goods out", self._desk.let_out(order["order"]))
        if self._choice.random() < RETURNS:
            self._count("goods returned", self._desk.take_back(order["order"]))

    def _put(self) -> None:
        refusal = self._phone.get(f"/api/v1/products?{self._phone.query(q=self._choice.choice(WORDS))}")
        found = [] if refusal else [each for each in self._phone.answer["products"] if _sold(each)]
        if not found:
            return
        good = self._choice.choice(found)["gtin"]
        many = self._choice.choice((1, 1, 1, 2, 3))
        body = {"code": good, "how": "search", "quantity": many, "request": self._uuid()}
        self._count("goods put in", self._phone.post("/api/v1/basket/lines", body))

    def _hold(self) -> bool:
        """The price stands from now on, and is the one that was shown."""
        if self._phone.get("/api/v1/basket") or not self._phone.answer["lines"]:
            return False
        refusal = self._phone.post("/api/v1/basket/hold", {"seen": self._phone.answer["total"]})
        self._count("prices held", refusal)
        return not refusal

    def _pay(self) -> bool:
        refusal = self._phone.post("/api/v1/payments", {"port": "simulated", "request": self._uuid()})
        if refusal:
            self._count("baskets paid", refusal)
            return False
        payment: dict[str, Any] = self._phone.answer
        if self._choice.random() < FAILS:
            self._count("payments failed", self._play(payment, "fail"))
            return False
        refusal = self._play(payment, "pay")
        self._count("baskets paid", refusal or ("" if self._phone.answer["state"] == "paid" else "not_paid"))
        return not refusal

    def _play(self, payment: dict[str, Any], do: str) -> str:
        return self._phone.post(f"/api/v1/payments/{payment['payment']}/play", {"do": do})

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._choice.getrandbits(128), version=4))


def _sold(product: dict[str, Any]) -> bool:
    """Whether it can be put in without a scale, and without somebody who looks at an age."""
    return product.get("price") is not None and product.get("sold_by") != "kg" and not product.get("age")
