"""What a transport is: the one thing between a driver and a port."""

from __future__ import annotations

from typing import Protocol


class Transport(Protocol):
    """One port, closed at first. For one thread at a time.

    Whatever ends the conversation is an `OSError` from `open`, `write`, `read` or `flush_input`: no such port, refused,
    unplugged, hung up. After one of them, `open` again.
    """

    @property
    def url(self) -> str:
        """Where it goes, as it was asked for."""

    @property
    def byte_s(self) -> float:
        """How long a byte takes on the wire, in seconds; 0 where that is not known."""

    def open(self) -> None:
        """Opens the port, and first closes it where it was open."""

    def write(self, data: bytes) -> None:
        """Hands all of it over. Where it raises, some of it may have gone out."""

    def read(self, until: float) -> bytes:
        """What has come, at least one byte; empty where nothing came before `time.monotonic()` reads `until`."""

    def flush_input(self) -> None:
        """Forgets what has come and was not read."""

    def close(self) -> None:
        """Lets go of the port; never raises."""
