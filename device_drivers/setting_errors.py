"""What a driver's settings expected, in the words of the store's other settings, from what msgspec says of it."""

from __future__ import annotations

import re
from typing import Final

_SAID: Final = re.compile(r"Expected `([^`]+)`([^,]*?)(?:, got `[^`]+`)?(?: - at `\$([^`]*)`)?")
_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text in quotes",
    "array": "a list in [ ]",
    "object": "a table",
}
_RANGES: Final = (
    (r" >= (\S+)", r", at least \1"),
    (r" <= (\S+)", r", at most \1"),
    (r" > (\S+)", r", more than \1"),
    (r" < (\S+)", r", less than \1"),
    (r" of length >= 1$", ", not empty"),
    (r" of length >= (\S+)", r" of at least \1"),
    (r" of length <= (\S+)", r" of at most \1"),
    (r" matching regex (.+)", r" like \1"),
)


def expected(message: str) -> str:
    """`expected a whole number, at least 1`; the message as it is where it says something else."""
    found = _SAID.fullmatch(message)
    if found is None:
        return message[:1].lower() + message[1:]
    kinds = [_KINDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null"]
    limits = found[2]
    for pattern, words in (_RANGES[4:] + _RANGES[:4]) if "length" in limits else _RANGES:
        limits = re.sub(pattern, words, limits)
    within = " in it" if found[3] else ""
    return f"expected {' or '.join(kinds)}{limits}{within}"
