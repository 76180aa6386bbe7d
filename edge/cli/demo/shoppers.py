"""Simulated shoppers: each a phone of its own, which meets the store over plain HTTP like any other."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from edge.cli.demo.buying import ShoppingTrip
from edge.cli.demo.phone import Phone
from edge.cli.demo.staff_browser import StaffBrowser
from edge.domain.touchpoints.codes import Codes
from edge.domain.touchpoints.facts import TouchpointDefined
from edge.secrets.vault import Vault
from edge.settings.settings import Settings

THINK = 2.0
"""Mean seconds between two things that a shopper does."""
AT_THE_DOOR = 1.5
"""Seconds until somebody has opened a locker door that was unlocked, and put the bag in or taken it out."""
CARTS_TRIED = 4
"""Carts that somebody tries before going without one."""
BUYERS = 0.7
"""How many of those who come buy something."""
PREFIXES = ("130", "135", "136", "138", "139", "150", "151", "155", "158", "166", "177", "182", "186", "188", "199")
"""Of mobile numbers in mainland China."""
SPELLINGS = ("{0}{1}{2}", "{0}{1}{2}", "{0} {1} {2}", "{0}-{1}-{2}", "+86{0}{1}{2}", "+86 {0} {1} {2}", "0086{0}{1}{2}")


class Storefront:
    """What a shopper sees in the store: codes on posters, carts and screens."""

    def __init__(self, settings: Settings, key: Path) -> None:
        self._codes = Codes(Vault.open(key).derive("codes"), settings.store.id, lambda _: None)
        self.coupons = _coupons(settings)
        by_purpose: dict[str, list[TouchpointDefined]] = {}
        for touchpoint in settings.touchpoints:
            by_purpose.setdefault(touchpoint.purpose, []).append(touchpoint)
        self.doors = by_purpose.get("enter", [])
        self.carts = by_purpose.get("cart", [])
        self.lockers = by_purpose.get("locker", [])
        self.others = [found for purpose in ("shelf", "badge") for found in by_purpose.get(purpose, [])]
        self.screens = [screen for screen in by_purpose.get("screen", []) if self.coupons.get(screen.zone)]

    def code(self, touchpoint: TouchpointDefined) -> str:
        """What is printed there."""
        return self._codes.static(touchpoint.touchpoint)

    def offer(self, screen: TouchpointDefined, choice: random.Random) -> tuple[str, str]:
        """A coupon that a screen shows now, and its code of these 30 seconds."""
        coupon = choice.choice(self.coupons[screen.zone])
        return coupon, self._codes.rotating(screen.touchpoint, coupon, time.time_ns() // 1_000_000)


def _coupons(settings: Settings) -> dict[str, list[str]]:
    """The coupons that each zone's screens show."""
    found: dict[str, list[str]] = {}
    for offer in settings.coupons:
        found.setdefault(offer.zone, []).append(offer.coupon)
    for campaign in settings.campaigns:
        for zone in campaign.when.zones if campaign.claim else ():
            found.setdefault(zone, []).append(campaign.id)
    return found


class Shopper:
    """One after another, people with the same habits. `choice` decides everything that they do."""

    def __init__(self, port: int, store: Storefront, choice: random.Random, counts: Counter[str]) -> None:
        self._port = port
        self._store = store
        self._choice = choice
        self._counts = counts
        self._phone = Phone(port, choice.choice(("zh-CN", "zh-CN", "en", "de")))
        self._registered = False
        self._desk = StaffBrowser(Phone(port, "en"), choice)

    def visit(self, wait: threading.Event, think: float) -> None:
        """Come in, leave a bag, take a cart, look around, pay, bring the cart back. Ends early when `wait` is set."""
        self._count("visits", "")
        if self._registered and self._choice.random() < 0.5:
            self._phone, self._registered = Phone(self._port, "zh-CN"), False  # Somebody else.
        if self._store.doors and self._choice.random() < 0.8:
            self._scan(self._choice.choice(self._store.doors))
        parcel = self._deposit(wait) if self._store.lockers and self._choice.random() < 0.4 else None
        cart = self._take_cart(wait, think)
        for _ in range(self._choice.randint(1, 4)):
            if wait.wait(self._choice.expovariate(1 / think)):
                break
            self._look_around()
        if self._choice.random() < BUYERS and not wait.is_set():
            ShoppingTrip(self._phone, self._choice, self._count, self._desk).run()
        if cart is not None:
            self._count("carts brought back", self._phone.post(f"/api/v1/demo/devices/{cart.touchpoint}/return"))
        if parcel is not None:
            self._collect(wait, parcel)

    def _deposit(self, wait: threading.Event) -> dict[str, Any] | None:
        """A bag into a locker before shopping. What the store said of its door, or none."""
        bank = self._choice.choice(self._store.lockers)
        code = self._scan(bank)
        self._register(code)
        size = self._choice.choice(("S", "S", "M", "L"))
        body = {"code": code, "size": size, "low": self._choice.random() < 0.1, "request": str(self._uuid())}
        refusal = self._phone.post("/api/v1/lockers/deposit", body)
        self._count("parcels deposited", refusal)
        if refusal or wait.wait(AT_THE_DOOR):
            return None
        door: dict[str, Any] = self._phone.answer
        self._use_door("fill", door)
        self._use_door("close", door)
        return door

    def _collect(self, wait: threading.Event, door: dict[str, Any]) -> None:
        refusal = self._phone.post("/api/v1/lockers/collect", {"parcel": door["parcel"], "request": str(self._uuid())})
        self._count("parcels collected", refusal)
        if not refusal:
            wait.wait(AT_THE_DOOR)
            self._use_door("empty", door)
            self._use_door("close", door)

    def _use_door(self, action: str, door: dict[str, Any]) -> None:
        """What the shopper's hands do; the simulated bank feels it."""
        self._phone.post(f"/api/v1/demo/devices/{door['bank']}/{action}-{door['door']}")

    def _take_cart(self, wait: threading.Event, think: float) -> TouchpointDefined | None:
        tried = self._choice.sample(self._store.carts, k=min(CARTS_TRIED, len(self._store.carts)))
        for cart in tried:
            if wait.wait(self._choice.expovariate(1 / think)):
                return None
            code = self._scan(cart)
            self._register(code)
            refusal = self._phone.post("/api/v1/carts/unlock", {"code": code, "request": str(self._uuid())})
            self._count("carts unlocked", refusal)
            if not refusal:
                return cart
        return None

    def _look_around(self) -> None:
        if not self._store.screens or self._choice.random() < 0.3:
            if self._store.others:
                self._scan(self._choice.choice(self._store.others))
            return
        _, code = self._store.offer(self._choice.choice(self._store.screens), self._choice)
        self._count("scans", self._phone.open(f"/t/{code}"))
        self._register(code)
        body = {"code": code, "request": str(self._uuid())}
        self._count("coupons claimed", self._phone.post("/api/v1/coupons/claim", body))
        if self._choice.random() < 0.5:
            self._count("wallets opened", self._phone.open("/wallet"))

    def _scan(self, touchpoint: TouchpointDefined) -> str:
        code = self._store.code(touchpoint)
        self._count("scans", self._phone.open(f"/t/{code}"))
        return code

    def _register(self, code: str) -> None:
        if self._registered:
            return
        body = {
            "code": code,
            "phone": phone_number(self._choice),
            "consents": {"service": True, "marketing": self._choice.random() < 0.4},
            "request": str(self._uuid()),
        }
        refusal = self._phone.post("/api/v1/members", body)
        self._count("registrations", refusal)
        self._registered = not refusal

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self._choice.getrandbits(128), version=4)

    def _count(self, what: str, refusal: str) -> None:
        self._counts[f"{what}: {refusal}" if refusal else what] += 1


def phone_number(choice: random.Random) -> str:
    """A believable mobile number, in one of the spellings that people use."""
    rest = f"{choice.randrange(10**8):08}"
    return choice.choice(SPELLINGS).format(choice.choice(PREFIXES), rest[:4], rest[4:])


class Crowd:
    """`count` shoppers, each on a thread of its own. The same `seed` lets them make the same choices."""

    def __init__(
        self, port: int, data: Path, settings: Settings, count: int, seed: int | None, think: float = THINK
    ) -> None:
        self._stop = threading.Event()
        self._think = think
        self.counts: list[Counter[str]] = [Counter() for _ in range(count)]
        first = seed if seed is not None else random.SystemRandom().getrandbits(32)
        store = Storefront(settings, data / "secrets" / "store.key")
        self._shoppers: Sequence[Shopper] = [
            Shopper(port, store, random.Random(f"{first}/{number}"), counts)  # noqa: S311 - a simulation
            for number, counts in enumerate(self.counts)
        ]

    def start(self) -> None:
        for number, shopper in enumerate(self._shoppers):
            threading.Thread(target=self._walk, args=(shopper,), name=f"shopper {number}", daemon=True).start()

    def _walk(self, shopper: Shopper) -> None:
        while not self._stop.is_set():
            shopper.visit(self._stop, self._think)
            self._stop.wait(self._think)

    def stop(self) -> None:
        """They put their phones away; an answer that is still under way is not waited for."""
        self._stop.set()

    @property
    def total(self) -> Counter[str]:
        """How often what was done, and what was refused."""
        return sum((Counter(counts) for counts in self.counts), Counter())

    def summary(self) -> Table:
        """What the shoppers did and what was refused, for a terminal."""
        table = Table("what the shoppers did", "times", "refused or failed", box=None, padding=(0, 2))
        total = self.total
        for what in sorted({key.partition(": ")[0] for key in total}):
            refusals = [(key.partition(": ")[2], times) for key, times in total.items() if key.startswith(f"{what}: ")]
            refused = ", ".join(f"{times} {code}" for code, times in sorted(refusals, key=lambda pair: -pair[1]))
            table.add_row(what, str(total[what]), refused)
        return table
