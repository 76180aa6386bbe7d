"""What a lock board is, whoever made it: bytes in, values out, and no port."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Reading(msgspec.Struct, frozen=True):
    """What a board said of all its locks at once. Which value means closed is the wiring's affair, not the board's."""

    contacts: int
    """Bit 0 is the first lock's contact."""
    objects: int | None = None
    """Bit 0 is the first compartment's object sensor; None where the board has none."""

    def contact(self, index: int) -> bool:
        """The contact of a lock, counted from 0."""
        return bool(self.contacts >> index & 1)

    def object(self, index: int) -> bool | None:
        """The object sensor of a compartment, counted from 0."""
        return None if self.objects is None else bool(self.objects >> index & 1)


class Board(Protocol):
    """One board on a wire. Equal boards MUST be equal and hashable: drivers that share a wire meet by it."""

    @property
    def address(self) -> int:
        """What is set on it, so that it knows itself on its wire."""

    @property
    def answers_pulses(self) -> bool:
        """Whether it acknowledges a pulse."""

    def request(self) -> bytes:
        """The frame that asks for a `Reading`. It moves nothing, so it may be sent as often as one likes."""

    def reading(self, received: bytes) -> Reading | None:
        """The reply, found anywhere between noise; None where it is not, or not yet, there."""

    def on_opening(self) -> bytes | None:
        """A frame that leaves no coil on, sent when the port was opened, and which the board repeats; None where it has
        no coil that could stay on.
        """


class Lock(Protocol):
    """One lock of a board. One that does not exist cannot be made, so that whoever holds one may pulse it."""

    @property
    def board(self) -> Board:
        """The board it is wired to."""

    @property
    def index(self) -> int:
        """Its place in a `Reading`, from 0."""

    def pulse(self) -> bytes:
        """The frame that opens this lock and no other, with a pulse that ends by itself."""

    def acknowledged(self, received: bytes) -> bool | None:
        """Whether the board took the pulse; None where it has not, or not yet, said."""
