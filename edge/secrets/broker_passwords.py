"""Mosquitto's password file: PBKDF2 with SHA-512, as `mosquitto_passwd` writes it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

ROUNDS: Final = 101
"""Mosquitto's own default; the passwords are random, so guessing is hopeless at any number of rounds."""
_SCHEME: Final = "7"


def text(logins: Mapping[str, str], before: str = "") -> str:
    """The file for these passwords by user name. A line of `before` whose password still holds stays byte for byte."""
    known = dict(line.partition(":")[::2] for line in before.splitlines() if ":" in line)
    return "".join(
        f"{user}:{known[user] if holds(known.get(user, ''), password) else _hashed(password)}\n"
        for user, password in sorted(logins.items())
    )


def holds(hashed: str, password: str) -> bool:
    """Whether what stands behind a user's name is the hash of this password."""
    try:
        _, scheme, rounds, salt, wanted = hashed.split("$")
        found = _digest(password, base64.b64decode(salt, validate=True), int(rounds))
        return scheme == _SCHEME and hmac.compare_digest(found, base64.b64decode(wanted, validate=True))
    except (ValueError, binascii.Error, OverflowError):
        return False


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(12)
    digest = _digest(password, salt, ROUNDS)
    return f"${_SCHEME}${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _digest(password: str, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
