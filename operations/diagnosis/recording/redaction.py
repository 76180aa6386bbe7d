"""Takes persons out of what is handed on: of facts only known technical fields stay, of logs what is nobody's.

What is taken out is replaced by a name that is the same within one bundle and means nothing outside of it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any, Final

TECHNICAL: Final = frozenset({
    "type", "device", "cart", "bank", "door", "locker", "grant", "job", "attempt", "revision", "printer", "screen",
    "touchpoint", "zone", "kind", "outcome", "reason", "hop", "boot", "seq", "event", "missed", "state", "lock",
    "docked", "battery", "paper", "cover", "online", "doors", "occupied", "firmware", "what", "count", "fence", "at",
    "verb", "number", "back_to", "because", "which", "day", "facts", "differences", "of", "targets", "seconds", "size",
    "length", "sha256", "version", "about", "upto", "bytes", "how", "coupon", "stage", "ruling", "final", "ttl_ms",
    "since_ms", "expires_ms", "parcel", "opening", "taken", "up_ms", "order", "stream", "generation",
})  # fmt: skip
"""Fields that are about things. A new field is taken out until somebody has thought of it."""
PLAIN: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")
"""What a technical value looks like; a text that somebody typed does not."""
TYPED: Final = frozenset({"reason", "because", "which"})
"""Fields that hold a code of ours, or what somebody typed: only a code stays."""
CODE: Final = re.compile(r"[a-z]+(_[a-z]+)+|jammed|busy|offline|expired|lapsed|internal|unknown|dead|faulty|late|other")
MARKS: Final = (
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    re.compile(r"\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\b", re.IGNORECASE),
    re.compile(r"(?<=/t/)[\w.~-]+"),
    re.compile(r"(?<![\w.:T-])\+?\d[\d -]{6,}\d(?![\w:])"),
    re.compile(r"(?i)(?<=bearer )\S+|(?<=password=)\S+|(?<=token=)\S+"),
    re.compile(r"(?<=\bname=)\S+|(?<=\bstaff=)\S+|(?<=\bmember=)\S+|(?<=\bby=)\S+"),
)
"""In a line of a log: ids of persons and acts, addresses, numbers, codes, names."""


class Names:
    """The names of one bundle."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)

    def of(self, value: object) -> str:
        """What stands for a value."""
        return "p-" + hmac.digest(self._key, str(value).encode(), hashlib.sha256).hex()[:8]

    def fact(self, body: Any) -> Any:
        """A fact without persons."""
        if isinstance(body, dict):
            return {name: self._field(name, value) for name, value in body.items()}
        return self._plain(body)

    def _field(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._field(key if name != "doors" else "doors", each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._field(name, each) for each in value]
        if isinstance(value, bool) or value is None:
            return value
        if name in TYPED and isinstance(value, str):
            return value if CODE.fullmatch(value) else self.of(value)
        if name in TECHNICAL:
            return self._plain(value)
        return self.of(value)

    def _plain(self, value: Any) -> Any:
        if isinstance(value, (bool, int, float)) or value is None:
            return value
        return value if PLAIN.fullmatch(str(value)) else self.of(value)

    def line(self, text: str) -> str:
        """A line of a log without persons."""
        for mark in MARKS:
            text = mark.sub(lambda found: self.of(found[0]), text)
        return text
