"""What came from outside, as a log may name it: by its length and a hash that only this process can make.

A body or a text may hold somebody's number, a password or a payment code, and a log is read by more people than a
journal. The hash tells whether the same thing came again, and nothing else: a plain one of a phone number is guessed in
a second.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re


def redacted(content: bytes | str) -> str:
    """`17 bytes, hash 5d41402abc4b`."""
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    digest = hashlib.blake2b(raw, key=_key(), digest_size=6).hexdigest()
    return f"{len(raw)} bytes, hash {digest}"


def redacted_error(error: Exception) -> str:
    """What a decoder says was wrong, without the value that it quotes."""
    said = re.sub(r"(['\"]).*\1", "…", str(error), flags=re.DOTALL)
    return re.sub(r"unknown field `.*?`", "an unknown field", said, flags=re.DOTALL)


@functools.cache
def _key() -> bytes:
    return os.urandom(16)
