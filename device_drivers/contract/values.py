"""What the contract's numbers and texts may be, and the error that says where one is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

VERSION: Final = 1
MINOR: Final = 1
MAX_BYTES: Final = 64 * 1024
"""The largest message body, in bytes. A larger one is malformed: counted and dropped."""
MAX_DEPTH: Final = 16
"""How deep objects and arrays may be nested in each other."""
MAX_SERIAL: Final = 2**53 - 1
"""The largest `seq`, `fence` and `revision`: what a reader that knows only doubles keeps exact."""


class ContractError(ValueError):
    """A message that breaks the contract: what was found, and what the contract expects."""


Serial = Annotated[int, msgspec.Meta(ge=0, le=MAX_SERIAL)]
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""Any other number that counts something."""
Boot = Annotated[str, msgspec.Meta(max_length=64)]
"""Random per boot of a device."""
Short = Annotated[str, msgspec.Meta(max_length=64)]
UpMs = Annotated[int, msgspec.Meta(ge=0, le=MAX_SERIAL)]
"""Milliseconds since the device's boot, by a clock that runs on while it sleeps."""

Wording = dict[str, str]
"""One text in several languages, keyed by language tag."""
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant with its time zone."""
Amount = Annotated[int, msgspec.Meta(ge=0, le=MAX_SERIAL)]
"""Money in the currency's minor unit, for CNY fen."""
Tint = Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")]
"""A colour, `#RRGGBB`."""
Languages = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
"""In the order the store prefers them; the first is shown to a new shopper."""
MAX_URL: Final = 300
"""Characters. A longer address makes a code too dense to scan from a screen."""
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_URL)]


def rfc3339(moment: datetime) -> str:
    """RFC 3339 UTC with milliseconds. Raises `ValueError` for a naive time."""
    if moment.tzinfo is None:
        raise ValueError(f"naive time {moment!r}: expected one with a time zone")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
