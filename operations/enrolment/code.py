"""What `storekeeper join` takes: where to ask, whom to believe, and a token for one use, in a form that people can read
out and a QR code holds well: capitals and digits alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from typing import Final

import msgspec

from edge.errors import StorekeeperError

HEAD: Final = "SK1"
PRINT_BYTES: Final = 20
"""Of the SHA-256 of the authority's certificate: nobody makes another one with the same."""
TOKEN_BYTES: Final = 16
CHECK_CHARS: Final = 4
_HOST: Final = re.compile(r"^(\[[0-9A-F:]+\]|[A-Z0-9.-]+):([0-9]{1,5})$")


class BadCode(StorekeeperError):
    """What was given is no code of this kind, or one with a typing mistake."""


class JoinCode(msgspec.Struct, frozen=True):
    """The parts of a code."""

    host: str
    port: int
    authority: bytes
    """The beginning of the fingerprint of the store's authority."""
    token: bytes

    def __str__(self) -> str:
        plain = f"{HEAD}/{self.host.upper()}:{self.port}/{_letters(self.authority)}/{_letters(self.token)}"
        return f"{plain}/{_check(plain)}"

    @property
    def name(self) -> str:
        """What the token's bundle is called where it waits: it tells nothing of the token."""
        return name_of(self.token)

    def believes(self, fingerprint: bytes) -> bool:
        """Whether an authority with this fingerprint is the one meant."""
        return secrets.compare_digest(fingerprint[:PRINT_BYTES], self.authority)


def name_of(token: bytes) -> str:
    """As `JoinCode.name`."""
    return hashlib.sha256(token).hexdigest()[:40]


def read(text: str) -> JoinCode:
    """The code as somebody typed or pasted it. Raises `BadCode`."""
    plain = re.sub(r"\s+", "", text).upper()
    parts = plain.split("/")
    if len(parts) != 5 or parts[0] != HEAD:
        raise BadCode(
            f"expected a code such as {HEAD}/192.168.1.10:8884/…/…/…, as `storekeeper devices enrol` prints it; "
            f'found "{text[:20]}"'
        )
    if parts[4] != _check(plain.rpartition("/")[0]):
        raise BadCode("this code has a typing mistake: its last four letters do not fit the rest")
    place = _HOST.match(parts[1])
    try:
        authority, token = _bytes(parts[2]), _bytes(parts[3])
    except (binascii.Error, ValueError):
        raise BadCode("this code has a typing mistake in its middle") from None
    if place is None or not 1 <= int(place[2]) <= 65535 or (len(authority), len(token)) != (PRINT_BYTES, TOKEN_BYTES):
        raise BadCode("this code was made by a version that this one does not understand")
    return JoinCode(place[1].lower(), int(place[2]), authority, token)


def _check(plain: str) -> str:
    return _letters(hashlib.sha256(plain.encode()).digest())[:CHECK_CHARS]


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))
