"""A member's code: made by the member's own phone, good for a minute and for one use, without internet or network.

A pass has a secret, computed from the store's key, that the wallet page keeps. The page writes
`SK:<pass>:<second>:<mac>` as a QR and makes a new one every few seconds. The store remembers for each pass the newest
second that was used: that code and all that are older are refused from then on, also after a restart. A lost phone's
pass belongs to the session of one browser, and its codes die with that session.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Final

import msgspec

from edge.domain.touchpoints import code_text
from edge.errors import Refusal

LIFE_S: Final = 55
"""How long a code is taken, by its own clock; with `AHEAD_S` never more than 60 s."""
AHEAD_S: Final = 5
"""How far a phone's clock may be ahead of the store's. The page learns the difference while it has a network."""

_CODE: Final = re.compile(r"SK:([A-Z2-7]{10}):([0-9A-Z]{6,8}):([A-Z2-7]{16})")
_WITHIN: Final = re.compile(_CODE.pattern + r"(?![0-9A-Z])", re.IGNORECASE | re.ASCII)
_BASE36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Pass(msgspec.Struct, frozen=True):
    """A member's code that is genuine and not too old. Whether it was used, the tables say."""

    code: str
    id: str
    stamp: int

    @property
    def nonce(self) -> str:
        """Names the code without being it."""
        return hashlib.sha256(self.code.encode()).hexdigest()[:16]


class Passes:
    """Makes and reads the members' codes of one store."""

    def __init__(self, key: bytes, store: str) -> None:
        self._key = hmac.digest(key, b"passes|" + store.encode(), "sha256")

    def secret(self, code_pass: str) -> str:
        """What the pass's phone keeps: 64 hexadecimal digits."""
        return hmac.digest(self._key, code_pass.encode(), "sha256").hex()

    def fresh(self, noise: bytes) -> str:
        """A new pass's name, of at least 7 random bytes."""
        return base64.b32encode(noise[:7]).decode()[:10]

    def code(self, code_pass: str, now_ms: int) -> str:
        """The code of now; the phone makes the same by itself."""
        return self._signed(code_pass, _base36(now_ms // 1000))

    def read(self, text: str, now_ms: int, *, old: bool = False) -> Pass | None:
        """None where it is no member's code. With `old` its time may be over: what uses it up asks for that again.

        Raises `Refusal`: code_tampered, code_expired.
        """
        found = _CODE.fullmatch(text)
        if found is None:
            return None
        code_pass, stamp = found[1], found[2]
        if not hmac.compare_digest(text.encode(), self._signed(code_pass, stamp).encode()):
            raise Refusal("code_tampered")
        second = int(stamp, 36)
        age_ms = now_ms - second * 1000
        if age_ms < -AHEAD_S * 1000 or (age_ms > LIFE_S * 1000 and not old):
            raise Refusal("code_expired")
        return Pass(text, code_pass, second)

    def _signed(self, code_pass: str, stamp: str) -> str:
        body = f"SK:{code_pass}:{stamp}"
        mac = hmac.digest(bytes.fromhex(self.secret(code_pass)), body.encode(), "sha256")
        return f"{body}:{base64.b32encode(mac[:10]).decode()}"


def code_in_text(text: str) -> str:
    """The member's code that somebody means by a text, genuine or not, as phones write it; empty where it is none."""
    if _CODE.fullmatch(text):
        return text
    found = filter(code_text.in_one_case, code_text.standalone_matches(_WITHIN, code_text.plain(text)))
    return next(found, "").upper()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits
