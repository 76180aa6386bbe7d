"""Shoppers who use the store while it is being killed, and write down what they were told."""

from __future__ import annotations

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from tests.faults.house import PLENTY, SCARCE

if TYPE_CHECKING:
    from tests.faults.house import House

NOT_TOLD = frozenset({500, 503, 507})
"""Answers that promise nothing: the shopper asks again."""


@dataclass(frozen=True)
class Told:
    """An answer that a shopper has: what was asked under which request id, and what the store said."""

    act: str
    request: str
    status: int
    body: dict[str, Any]
    member: str = ""
    about: str = ""
    """The phone number, coupon or cart."""
    at_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)


class Crowd:
    """`told` grows while it shops."""

    def __init__(self, house: House, seed: int, size: int = 4) -> None:
        self.told: list[Told] = []
        self.unanswered = 0
        """How often a question had to be asked again."""
        self.odd: list[str] = []
        """Answers that a store must not give."""
        self.base, self.stop = house.base, threading.Event()
        self.codes = {place: house.code(place) for place in ("poster-door", "shelf")}
        self.carts = {row["cart"]: house.code(row["cart"]) for row in house.rows("SELECT cart FROM carts")}
        self._shoppers = [Shopper(self, random.Random(f"{seed} {number}")) for number in range(size)]

    def start(self) -> None:
        for shopper in self._shoppers:
            shopper.start()

    def leave(self) -> None:
        """Each gives up what it asks for now, and is gone when this returns."""
        self.stop.set()
        for shopper in self._shoppers:
            shopper.join(60)
            assert not shopper.is_alive()

    def idle(self, count: int) -> list[Shopper]:
        """Shoppers of this crowd who do only what they are told to."""
        return [Shopper(self, random.Random(f"idle {number}")) for number in range(count)]

    def served(self) -> int:
        return sum(told.status < 300 for told in self.told)


class Shopper(threading.Thread):
    """Registers, claims, takes carts; says the same thing again when nobody answered."""

    def __init__(self, crowd: Crowd, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._crowd, self._chance = crowd, chance
        self._phones: list[str] = []
        self.phone = requests.Session()
        self.member = ""

    def run(self) -> None:
        while not self._crowd.stop.is_set():
            if self.register():
                self.claim(PLENTY if self._chance.random() < 0.8 else SCARCE)
                for cart in self._chance.choices(list(self._crowd.carts), k=self._chance.randint(1, 3)):
                    self.unlock(cart)

    def register(self) -> bool:
        self.phone.cookies.clear()
        if self._phones and self._chance.random() < 0.15:
            number = self._chance.choice(self._phones)
        else:
            number = f"138{self._chance.randrange(10**8):08d}"
            self._phones.append(number)
        body = {"code": self._crowd.codes["poster-door"], "phone": number, "consents": {"service": True}}
        told = self.ask("register", "/api/v1/members", number, body)
        self.member = told.body["member"] if told and told.status < 300 else ""
        return bool(self.member)

    def claim(self, coupon: str) -> None:
        body = {"code": self._crowd.codes["shelf"], "coupon": coupon}
        self.ask("claim", "/api/v1/coupons/claim", coupon, body)

    def unlock(self, cart: str) -> Told | None:
        prefer = {"Prefer": "respond-async"} if self._chance.random() < 0.2 else {}
        told = self.ask("unlock", "/api/v1/carts/unlock", cart, {"code": self._crowd.carts[cart]}, **prefer)
        if told and told.status < 300 and self._chance.random() < 0.2:  # an impatient second tap
            self.ask("unlock", "/api/v1/carts/unlock", cart, {"code": self._crowd.carts[cart]}, told.request)
        return told

    def ask(
        self, act: str, path: str, about: str, body: dict[str, Any], request: str = "", **headers: str
    ) -> Told | None:
        """Ask until there is an answer, always under the same request id; none when the crowd leaves first."""
        request = request or str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        while not self._crowd.stop.is_set():
            try:
                answer = self.phone.post(
                    self._crowd.base + path, json={**body, "request": request}, headers=headers, timeout=(2, 12)
                )
                if answer.status_code not in NOT_TOLD:
                    told = Told(act, request, answer.status_code, answer.json(), self.member, about)
                    self._crowd.told.append(told)
                    return told
                if answer.status_code == 500:
                    self._crowd.odd.append(f"{act} {request}: {answer.text}")
            except requests.RequestException:
                pass
            self._crowd.unanswered += 1
            self._crowd.stop.wait(self._chance.uniform(0.05, 0.3))
        return None
