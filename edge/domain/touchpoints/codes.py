"""A touchpoint is a place in the store with a QR code of its own. One place decides what a code means.

A sticker's code names its touchpoint and proves that we printed it; it is public knowledge, never a credential. A code
on a screen also names a coupon, and dies after `STEP_MS`: whoever has it stands there now. A ticket keeps a code that
was seen valid usable for as long as a shopper needs to register, in the browser that opened it and in no other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final

import msgspec

from edge.domain.touchpoints import code_text
from edge.domain.touchpoints.facts import Purpose
from edge.domain.touchpoints.rules import STEP_MS, TICKET_MS, VIEW_MS
from edge.errors import Refusal
from words.languages import Wording, Words

NO_COUPON: Final = "-"
"""Stands in the code of a screen that shows something else than a coupon."""
BASKET: Final = "basket"
"""Stands in a basket's code where other codes name their place."""


class Touchpoint(msgspec.Struct, frozen=True):
    """What a code means."""

    id: str
    purpose: Purpose
    zone: str
    label: Words
    device: str | None = None
    coupon: str | None = None
    """The coupon on offer, where the code was on a screen."""
    live: str | None = None
    """Names the half minute in which the screen began to show the code; none for a code that is printed."""
    parcel: str | None = None
    """Names the collect code of a parcel, where the code is one."""
    keypad: str | None = None
    """The screen at a bank whose keypad this code is, where it is one."""


class Codes:
    """Makes and reads the codes of one store."""

    def __init__(self, key: bytes, store: str, find: Callable[[str], Touchpoint | None], generation: int = 0) -> None:
        """`generation` is the journal's: what opened something before a restore opens nothing after it, because it may
        have been used in between. Stickers are names and stay.
        """
        self._stuck = hmac.digest(key, b"codes|" + store.encode(), "sha256")
        self._key = hmac.digest(self._stuck, b"generation|%d" % generation, "sha256") if generation else self._stuck
        self._find = find
        self._stickers: dict[str, str] = {}
        """The codes of the touchpoints that there are, once somebody has scanned them."""

    def static(self, touchpoint: str) -> str:
        """What stands on the sticker: `cart-07.k3m9x2pq`."""
        return f"{touchpoint}.{_mac(self._stuck, 'static', touchpoint, length=8)}"

    def rotating(self, touchpoint: str, coupon: str, now_ms: int) -> str:
        """What a screen shows for a coupon now: `screen-baby.milk.1s8rq3.x7…`."""
        stamp = f"{now_ms // STEP_MS:x}"
        return f"{touchpoint}.{coupon}.r{stamp}.{self._mac('r', touchpoint, coupon, stamp, length=16)}"

    def paper(self, touchpoint: str, coupon: str, seed: str) -> str:
        """What a coupon on paper from beside a screen says: `screen-baby.milk.pq3….x7…`. One phone saves it."""
        return f"{touchpoint}.{coupon}.p{seed}.{self._mac('p', touchpoint, coupon, seed, length=16)}"

    def short(self, touchpoint: str, coupon: str, now_ms: int) -> str:
        """Six digits for who cannot scan what a screen shows now; they change with its code."""
        digest = hmac.digest(self._key, f"short|{touchpoint}|{coupon}|{now_ms // STEP_MS:x}".encode(), hashlib.sha256)
        return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"

    def ticket(self, touchpoint: Touchpoint, browser: str, now_ms: int) -> str:
        """What a page keeps of a live code that was valid when this browser opened it."""
        stamp = f"{now_ms // 1000:x}-{touchpoint.live}"
        parts = (touchpoint.id, touchpoint.coupon or NO_COUPON, f"t{stamp}")
        return ".".join((*parts, self._mac(*parts, browser, length=16)))

    def keypad(self, bank: str, screen: str) -> str:
        """What a bank's own screen sends with digits: `locker-a.screen-locker-a.k.q2…`. Only that screen is told."""
        return f"{bank}.{screen}.k.{self._mac('k', bank, screen, length=16)}"

    def service(self, screen: str) -> str:
        """What a screen proves itself with when it asks for something: `screen-baby.-.s.q2…`. It alone is told."""
        return f"{screen}.-.s.{self._mac('s', screen, length=32)}"

    def screen_of(self, service: str) -> str | None:
        """The screen whose own code this is; None where it is nobody's. It may be none of the store any more."""
        screen = service.partition(".")[0]
        good = hmac.compare_digest(service.encode(), self.service(screen).encode())
        return screen if screen and good else None

    def basket(self, seed: str) -> str:
        """What a basket is taken with: `basket.<seed>.b.q2…`. The tables say which it is, and who has it."""
        return f"{BASKET}.{seed}.b.{self._mac('b', seed, length=16)}"

    def parse_basket(self, code: str) -> str | None:
        """The seed of a basket's code; None where it is another code. Raises `Refusal` code_tampered."""
        parts = code.split(".")
        if len(parts) != 4 or parts[0] != BASKET or parts[2] != "b":
            return None
        if not hmac.compare_digest(code.encode(), self.basket(parts[1]).encode()):
            raise Refusal("code_tampered")
        return parts[1]

    def view(self, touchpoint: str, browser: str, now_ms: int) -> str:
        """What a page sends back once it is shown: `cart-07.<moment>.v.<mac>`. It counts this view, in this browser."""
        stamp = f"{now_ms:x}"
        return f"{touchpoint}.{stamp}.v.{self._mac('v', touchpoint, stamp, browser, length=16)}"

    def parse_view(self, view: str, browser: str, now_ms: int) -> tuple[Touchpoint, int]:
        """The touchpoint of a view, and when its page was made. Raises `Refusal`: code_unknown, code_expired."""
        parts = view.split(".")
        if len(parts) != 4 or parts[2] != "v" or self._find(parts[0]) is None:
            raise Refusal("code_unknown")
        wanted = self._mac("v", parts[0], parts[1], browser, length=16)
        if not hmac.compare_digest(parts[3].encode(), wanted.encode()):
            raise Refusal("code_unknown")
        made = int(parts[1], 16)
        if not 0 <= now_ms - made <= VIEW_MS:
            raise Refusal("code_expired")
        return self._existing_touchpoint(parts[0], view), made

    def collect(self, touchpoint: str, seed: str) -> str:
        """What a collect code's QR holds: `locker-a.<seed>.c.q2…`. The tables say what it opens."""
        return f"{touchpoint}.{seed}.c.{self._mac('c', touchpoint, seed, length=16)}"

    def seed(self, request: str, number: int) -> str:
        """A new collect code's name: short, for the QR, and nothing that a caller could have chosen."""
        return self._mac("seed", request, str(number), length=12)

    def digits(self, seed: str) -> str:
        """The six digits of the same collect code, for a bank without a scanner."""
        digest = hmac.digest(self._key, f"digits|{seed}".encode(), hashlib.sha256)
        return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"

    def code_until(self, now_ms: int) -> int:
        """When the code that a screen shows now stops being taken, in Unix milliseconds."""
        return (now_ms // STEP_MS + 2) * STEP_MS

    def parse(self, code: str, now_ms: int, *, old_ms: int = STEP_MS) -> Touchpoint:
        """What a scanned code means; of one on a screen, so long after that changed. Raises `Refusal`: code_unknown,
        code_tampered, code_expired.
        """
        parts = code.split(".")
        if len(parts) == 2:
            sticker = self._stickers.get(parts[0]) or self.static(parts[0])
            if not hmac.compare_digest(code.encode(), sticker.encode()):
                raise self._foreign(code, parts[0])
            found = self._existing_touchpoint(parts[0], code)
            self._stickers[parts[0]] = sticker
            return found
        if len(parts) == 4 and (lasting := self._lasting(code, parts)) is not None:
            return lasting
        touchpoint, coupon, step = self._parts_of(code)
        age = now_ms // STEP_MS - step
        if not 0 <= age <= old_ms // STEP_MS:
            raise Refusal("code_expired", scanned=code, touchpoint=touchpoint, coupon=coupon)
        return msgspec.structs.replace(self._existing_touchpoint(touchpoint, code), coupon=coupon, live=f"{step:x}")

    def _lasting(self, code: str, parts: list[str]) -> Touchpoint | None:
        """What a code means that no half minute ends: a parcel's, a keypad's, a coupon's on paper; None for others."""
        place, name, kind = parts[0], parts[1], parts[2]
        made: dict[str, tuple[str, dict[str, str]]] = {
            "c": (self.collect(place, name), {"parcel": name}),
            "k": (self.keypad(place, name), {"keypad": name}),
        }
        if kind.startswith("p"):
            made[kind] = (self.paper(place, name, kind[1:]), {"coupon": name, "live": kind})
        if kind not in made:
            return None
        genuine, meaning = made[kind]
        if not hmac.compare_digest(code.encode(), genuine.encode()):
            raise self._foreign(code, place)
        found = self._printed_at(place) if "coupon" in meaning else self._existing_touchpoint(place, code)
        return msgspec.structs.replace(found, **meaning)

    def _printed_at(self, screen: str) -> Touchpoint:
        """Where a coupon came out on paper: it stays good though that screen has left the store since."""
        return self._find(screen) or Touchpoint(screen, "screen", "", Wording())

    def meant(self, text: str, now_ms: int) -> tuple[str, Touchpoint]:
        """The code that somebody means by a text, and what it means. Raises `Refusal` as `parse`."""
        place = text.partition(".")[0]
        sticker = self._stickers.get(place)
        if sticker is not None and text.isascii() and hmac.compare_digest(text, sticker):
            return text, self._existing_touchpoint(place, text)  # as it is printed, and not for the first time
        refused: Refusal | None = None
        for code in code_text.candidates(text):
            try:
                return code.text, self.parse(code.text, now_ms)
            except Refusal as refusal:
                if refused is None or refused.code == "code_unknown":
                    refused = refusal
        raise refused or Refusal("code_unknown", scanned=text)

    def parse_ticket(self, ticket: str, browser: str | None, now_ms: int) -> Touchpoint:
        """What a page's ticket stands for. Raises `Refusal`: code_unknown, code_expired, and ticket_elsewhere where it
        is not this browser's, or was altered.
        """
        parts = ticket.split(".")
        if len(parts) != 4 or not parts[2].startswith("t"):
            raise Refusal("code_unknown", scanned=ticket)
        second, _, live = parts[2][1:].partition("-")
        found = self._printed_at(parts[0]) if live.startswith("p") else self._existing_touchpoint(parts[0], ticket)
        wanted = self._mac(*parts[:3], browser or "", length=16)
        if not browser or not hmac.compare_digest(parts[3].encode(), wanted.encode()):
            raise Refusal("ticket_elsewhere", touchpoint=parts[0])
        if not 0 <= now_ms - int(second, 16) * 1000 <= TICKET_MS:
            raise Refusal("code_expired", touchpoint=parts[0])
        return msgspec.structs.replace(found, coupon=parts[1], live=live)

    def _parts_of(self, code: str) -> tuple[str, str, int]:
        parts = code.split(".")
        if len(parts) != 4 or not parts[2].startswith("r"):
            raise Refusal("code_unknown", scanned=code)
        touchpoint, coupon, stamp, mac = parts[0], parts[1], parts[2][1:], parts[3]
        if not hmac.compare_digest(mac.encode(), self._mac("r", touchpoint, coupon, stamp, length=16).encode()):
            raise self._foreign(code, touchpoint)
        return touchpoint, coupon, int(stamp, 16)

    def _existing_touchpoint(self, touchpoint: str, code: str) -> Touchpoint:
        found = self._find(touchpoint)
        if found is None:
            raise Refusal("code_unknown", scanned=code)
        return found

    def _foreign(self, code: str, touchpoint: str) -> Refusal:
        return Refusal("code_tampered" if self._find(touchpoint) else "code_unknown", scanned=code)

    def _mac(self, *parts: str, length: int) -> str:
        return _mac(self._key, *parts, length=length)


def _mac(key: bytes, *parts: str, length: int) -> str:
    digest = hmac.digest(key, "|".join(parts).encode(), hashlib.sha256)
    return base64.b32encode(digest).decode().lower()[:length]
