"""Pages and static files leave packed, where whoever asks takes them so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection


def takes_gzip(connection: HTTPConnection) -> bool:
    """Whether an answer may be packed. `gzip;q=0` says that it may not."""
    for wish in connection.headers.get("accept-encoding", "").split(","):
        coding, _, weight = wish.partition(";")
        if coding.strip().lower() == "gzip":
            return weight.strip().rstrip("0.") != "q="
    return False
