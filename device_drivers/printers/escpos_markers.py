"""The markers in a slip that tell how far a printer has come, and which answers belong to them.

Answers to `GS r` are one byte without a name, and NUL is one of them: noise on a line and a printer that hangs look
the same. So a marker is several questions in an order that is made anew for each slip, of two kinds whose answers
differ on this printer; what answers in another order, range or number confirms nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from device_drivers.printers.escpos_status import MODEL, PAPER_ANSWERS, PAPER_STATUS, process_id

if TYPE_CHECKING:
    import random

    from device_drivers.printers.escpos_status import Replies

LENGTH: Final = 6
"""Questions a marker, on a printer that says its model: noise of two kinds of byte passes both once in 4,096 times."""
PLAIN: Final = 2
"""Questions a marker, on one that does not: all that is known then is their number and range."""


class Ordered:
    """Two markers of `GS r` and `GS I`, for a printer that answers in turn."""

    def __init__(self, model: int | None, chance: random.Random) -> None:
        """`model`: its answer to `GS I 1`, where that is none that `GS r` may have."""
        self._model = model
        self._chance = chance
        self._plans = (self._plan(), self._plan())

    @property
    def told_apart(self) -> bool:
        """Whether an answer shows which question it belongs to."""
        return self._model is not None

    def _plan(self) -> list[bytes]:
        if self._model is None:
            return [PAPER_STATUS] * PLAIN
        plan = [PAPER_STATUS, MODEL, *self._chance.choices((PAPER_STATUS, MODEL), k=LENGTH - 2)]
        self._chance.shuffle(plan)
        return plan

    def marker(self, place: int) -> bytes:
        """The bytes that ask."""
        return b"".join(self._plans[place])

    def reached(self, place: int, replies: Replies) -> bool:
        """Whether as many answers came as the markers up to this one ask for."""
        return len(replies.in_order) >= sum(len(plan) for plan in self._plans[: place + 1])

    def sound(self, replies: Replies) -> bool:
        """Whether every byte that came is an answer to the question whose turn it was."""
        plan = [question for each in self._plans for question in each]
        return (
            not replies.stray
            and len(replies.in_order) <= len(plan)
            and all(self._fits(question, answer) for question, answer in zip(plan, replies.in_order, strict=False))
        )

    def _fits(self, question: bytes, answer: int) -> bool:
        return answer == self._model if question == MODEL else answer in PAPER_ANSWERS


class Numbered:
    """Two markers of `GS ( H`: the printer says a number back, so an answer names its question by itself."""

    told_apart: Final = True

    def __init__(self, chance: random.Random) -> None:
        self._number = chance.randrange(0, 9998, 2)  # a late reply to another job must not look like ours

    def marker(self, place: int) -> bytes:
        """The bytes that ask."""
        return process_id(self._number + place)

    def reached(self, place: int, replies: Replies) -> bool:
        """Whether this marker's number was said."""
        return replies.confirmed(self._number + place)

    def sound(self, replies: Replies) -> bool:  # noqa: ARG002 - the same for both kinds
        """A number that was said cannot be noise."""
        return True


class Silent:
    """No markers: the printer cannot say how far it is."""

    told_apart: Final = False

    def marker(self, place: int) -> bytes:  # noqa: ARG002 - the same for every kind
        """Nothing."""
        return b""

    def reached(self, place: int, replies: Replies) -> bool:  # noqa: ARG002 - the same for every kind
        """Never."""
        return False

    def sound(self, replies: Replies) -> bool:  # noqa: ARG002 - the same for every kind
        """Nothing was asked."""
        return True


Markers = Ordered | Numbered | Silent
