"""What a driver is: the one thing between the contract and real hardware.

A driver is one file with two names in it: `Settings`, a `msgspec.Struct` with documented defaults, and `Driver`,
built as `Driver(settings, folder)`. `docs/drivers.md` walks through one.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from device_drivers.contract import DesiredBody, EventData, Instruction, Outcome, Reason, State

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EXPIRED", "NOT_MINE", "Claim", "Driver", "Outcome", "Reason", "Report", "Result", "State", "over"]


class Result(msgspec.Struct, frozen=True):
    """How a command ended. `done` promises that the hardware moved; what a sensor saw of it belongs in `observed`."""

    outcome: Outcome
    reason: str | None = None
    """One of `contract.Reason` where the outcome is neither `done` nor `already`."""
    observed: dict[str, Any] = {}
    """Members of `contract.Observed`."""


EXPIRED: Final = Result(Outcome.EXPIRED)
"""It was too late to begin, and nothing moved."""
NOT_MINE: Final = Result(Outcome.REFUSED, Reason.BAD_ARGS)
"""An instruction that this driver does not carry out."""


def over(deadline: float) -> bool:
    """Whether it is too late to begin: `deadline` is a reading of `time.monotonic()`, in seconds."""
    return time.monotonic() >= deadline


class Claim(NamedTuple):
    """What of the outside world a device has for itself. A driver that has something MAY have `claims`, an iterable of
    these, and one of a bank `doors`, their names: `storekeeper check` holds them against other devices.
    """

    port: str
    line: str = ""
    """What is spoken there. Devices that speak the same share the port; where it is empty, nobody else may use it."""
    part: str = ""
    """What on the line it is: `lock 0/7`."""
    key: str = "url"
    """The setting that names it."""


class Report(Protocol):
    """What the agent offers its driver. Both calls are safe from any thread."""

    def state(self, state: State) -> None:
        """Publishes what is observed now, if it differs from what was last published. `boot` and `at` are filled in.

        Raises `ValueError` for more than a message holds, as no broker takes that.
        """

    def event(self, event_data: EventData) -> None:
        """Reports something that happened. On disk when this returns; re-sent until the gateway has committed it."""


class Driver(Protocol):
    """Adapts one device. All calls come from one thread, one at a time, so `carry_out` may block as long as the
    hardware does.
    """

    @property
    def kind(self) -> str:
        """MUST be `cart`, `locker`, `printer`, `screen`, `scanner`, `beacon`, or a kind that an extension brings."""

    @property
    def capabilities(self) -> Sequence[str]:
        """MUST name the verbs of `contract.Verb` it carries out; the agent refuses every other one for it."""

    def start(self, report: Report) -> None:
        """Opens the hardware. MAY start threads. MAY raise; it is called again later, and commands fail until it
        succeeds.
        """

    def stop(self) -> None:
        """Lets go of hardware and threads. MUST return within two seconds, also when `start` never succeeded."""

    def state(self) -> State | None:
        """What is observed now; MUST NOT block. None where the device observes nothing."""

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Does it, once. MUST NOT raise: hardware trouble is a `Result` with a reason.

        Nothing MAY begin to move once `time.monotonic()` reads `deadline`: the answer is `EXPIRED` then. What waits for
        the hardware (a look, a turn on a wire, a nap) MUST look at the clock again right before it moves something.
        """

    def apply(self, body: DesiredBody) -> None:
        """Takes the desired body of its kind. Raises `ValueError` with a reason in plain words where it cannot."""
