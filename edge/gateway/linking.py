"""A phone that was there lets another in, without internet: a code on the old one, a question, a tap.

All of it lives in memory and for moments: a restart forgets every code and every question, and none is good again.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final, Literal, TypeVar

import msgspec

from edge.domain.callers import Caller
from edge.domain.members.rules import MAX_PERSONS, Browser
from edge.errors import Refusal
from edge.gateway import typed_text

T = TypeVar("T")

CODE_S: Final = 60.0
"""How long a code on the old phone is taken, once."""
FRESH_S: Final = 25.0
"""A code with less than this left is not shown any more: a new one is."""
ASK_S: Final = 120.0
"""How long the old phone may be asked."""
MAX_KNOWN: Final = 2000
"""Codes and questions that are remembered."""

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES: Final = str.maketrans("OIL", "011")

State = Literal["asked", "allowed", "denied", "over"]


class BothClocks(msgspec.Struct, frozen=True):
    """A time by both clocks: whichever says that it is over ends it."""

    mono: float
    wall: float

    def left(self, now: BothClocks, life_s: float) -> float:
        """Seconds until it is over; 0 or less when it is."""
        return life_s - max(now.mono - self.mono, now.wall - self.wall)


class LinkOffer(msgspec.Struct, frozen=True):
    """A code that stands on the old phone."""

    code: str
    """Eight letters and digits: 40 bits."""
    caller: Caller
    made: BothClocks


class PendingLink(msgspec.Struct):
    """A phone that asks to be let in."""

    id: str
    caller: Caller
    """Whom it asks."""
    asking: Browser
    digits: str
    """Both phones show them: people see that they look at the same question."""
    made: BothClocks
    at_ms: int
    state: State = "asked"
    session: str = ""
    """What it got when it was allowed."""
    code: str = ""
    """With which it asked."""


class Linking:
    """Codes and questions of one store."""

    def __init__(self, key: bytes, clock: Callable[[], BothClocks] | None = None) -> None:
        self._key = key
        self._clock = clock or (lambda: BothClocks(time.monotonic(), time.time()))
        self._count = secrets.randbits(32)
        self._offers: dict[str, LinkOffer] = {}
        self._asks: dict[str, PendingLink] = {}

    def offer(self, caller: Caller) -> tuple[str, int]:
        """The code that this phone shows now, and for how many seconds it is taken still."""
        now = self._clock()
        for offer in [each for each in self._offers.values() if each.caller.session == caller.session]:
            left = offer.made.left(now, CODE_S)
            if left >= FRESH_S:
                return offer.code, int(left)
            if left <= 0:
                del self._offers[offer.code]
        self._count += 1
        digest = hmac.digest(self._key, f"link|{caller.session}|{self._count}".encode(), "sha256")
        code = "".join(_LETTERS[int.from_bytes(digest[:5], "big") >> shift & 31] for shift in range(35, -1, -5))
        _put(self._offers, code, LinkOffer(code, caller, now))
        return code, int(CODE_S)

    def use_up(self, text: str) -> None:
        """This code is good no more."""
        self._offers.pop(_plain(text), None)

    def whose(self, text: str) -> Caller:
        """Whose code it is; it stays good. Raises `Refusal`: code_unknown, code_expired."""
        offer = self._offers.get(_plain(text))
        if offer is None:
            raise Refusal("code_unknown")
        if offer.made.left(self._clock(), CODE_S) <= 0:
            raise Refusal("code_expired")
        return offer.caller

    def ask(self, text: str, asking: Browser) -> PendingLink:
        """Ask the phone that shows this code: it is used up. A second tap of the same browser is the same question.

        Raises `Refusal` like `whose`, and wrong_purpose for one's own code.
        """
        code = _plain(text)
        for known in self._asks.values():
            if (known.code, known.asking.name) == (code, asking.name) and self._now(known).state == "asked":
                return known
        caller = self.whose(text)
        if asking.caller is not None and caller.session == asking.caller.session:
            raise Refusal("wrong_purpose", expected="the code of another phone", reason="own_phone")
        self.use_up(text)
        now = self._clock()
        taken = {each.digits for each in self.asked_of(caller)}  # two that ask at once are told apart
        digits = secrets.choice([str(each) for each in range(10, 100) if str(each) not in taken])
        ask = PendingLink(secrets.token_urlsafe(16), caller, asking, digits, now, int(now.wall * 1000), code=code)
        mine = [each.id for each in self._asks.values() if each.caller.session == caller.session]
        for old in mine[: max(0, len(mine) - MAX_PERSONS + 1)]:  # a script's questions push out nobody else's
            del self._asks[old]
        _put(self._asks, ask.id, ask)
        return ask

    def asked_by(self, ask: str, browser: str | None) -> PendingLink:
        """The question that this browser asked. Raises `Refusal` not_found."""
        found = self._asks.get(ask)
        if found is None or browser is None or found.asking.name != browser:
            raise Refusal("not_found")
        return self._now(found)

    def asked_of(self, caller: Caller) -> list[PendingLink]:
        """What this phone is asked now, the oldest first."""
        found = [self._now(each) for each in self._asks.values() if each.caller.session == caller.session]
        return [each for each in found if each.state == "asked"]

    def answer_of(self, ask: str, caller: Caller) -> State:
        """What this phone answered; `over` for what it was not asked."""
        found = self._asks.get(ask)
        return found.state if found is not None and found.caller.session == caller.session else "over"

    def open(self, ask: str, caller: Caller) -> PendingLink:
        """A question that this phone may answer now. Raises `Refusal`: not_found, code_expired."""
        found = self._asks.get(ask)
        if found is None or found.caller.session != caller.session or found.state in ("allowed", "denied"):
            raise Refusal("not_found")
        if self._now(found).state == "over":
            raise Refusal("code_expired")
        return found

    def _now(self, ask: PendingLink) -> PendingLink:
        if ask.state == "asked" and ask.made.left(self._clock(), ASK_S) <= 0:
            ask.state = "over"
        return ask


def spelled(code: str) -> str:
    """A code as people read it: `K7M3-QX2P`."""
    return f"{code[:4]}-{code[4:]}"


def _plain(text: str) -> str:
    """What somebody typed, or the last part of a scanned address."""
    last = typed_text.normal_width(text).partition("?")[0].rstrip("/ ").rpartition("/")[2].upper()
    return "".join(filter(str.isalnum, last)).translate(_LOOKALIKES)


def _put(kept: dict[str, T], key: str, value: T) -> None:
    if len(kept) >= MAX_KNOWN:
        del kept[next(iter(kept))]
    kept[key] = value
