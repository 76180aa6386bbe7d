"""The form in which a fact is stored: JSON that every reader of the journal can take."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

import msgspec

from edge.journal.entry import Fact

MAX_BYTES: Final = 1024 * 1024
"""The longest body of a fact. One batch to the cloud carries more."""
MAX_DEPTH: Final = 64
"""How deep objects and lists may lie in each other: readers go down one call for each, and have fewer left than we."""

_encode = msgspec.json.Encoder().encode
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_STEPS: Final = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}


def body_of(fact: Fact) -> bytes:
    """The fact as JSON. Raises `ValueError` for one that is too long or too deep, and what the encoder raises."""
    body = _encode(fact)
    if len(body) > MAX_BYTES:
        raise ValueError(f"a fact of {len(body)} bytes; at most {MAX_BYTES} are taken")
    if len(body) > 2 * MAX_DEPTH and too_deep(body):  # a shorter one has not so many brackets
        raise ValueError(f"a fact {depth_of(body)} levels deep; at most {MAX_DEPTH} are taken")
    return body


def too_deep(body: bytes) -> bool:
    """Whether a reader might not come down to its bottom."""
    if body.find(b"{", 1) < 0 and body.find(b"[") < 0:  # as most are: to look is a tenth of what to count is
        return False
    return body.count(b"{") + body.count(b"[") > MAX_DEPTH and depth_of(body) > MAX_DEPTH


def depth_of(body: bytes) -> int:
    """How deep its objects and lists lie in each other."""
    return max(accumulate(_STEPS.get(byte, 0) for byte in _STRING.sub(b"", body)), default=0)
