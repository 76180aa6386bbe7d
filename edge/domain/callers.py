"""Who asks, how surely that is known, and what each decision wants to know before it acts.

Every decision says by `asked_by` who may ask it. One that moves or reads something of a member takes a `Caller` and
names the proof that it needs; every other names the actor that needs none. `undeclared` finds what says nothing, and
the store does not open with it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from types import FunctionType
from typing import Final, Literal, ParamSpec, TypeVar

import msgspec

from edge.errors import StorekeeperError

P = ParamSpec("P")
T = TypeVar("T")


class Proof(StrEnum):
    """How surely a browser is the member that it says it is."""

    DEVICE = "device"
    """This browser made the member, or was let in by one that had."""
    VERIFIED = "verified"
    """The member's number was proven from this browser, not too long ago."""


Actor = Literal["anyone", "code", "machine", "staff", "store", "part"]
"""Who needs no member: anybody; whoever shows a code that opens by itself; a device on the bus; staff, whose login was
checked; the store itself (settings, time, recovery, the person at the box); or `part`: a step of other decisions."""


class Caller(msgspec.Struct, frozen=True):
    """A browser that acts for a member."""

    member: str
    """The person whose session it is. Others that were found to be the same person are its kin."""
    device: str
    """The browser's own random name."""
    proof: Proof
    session: str = ""
    """The row that can be ended."""


class Few(msgspec.Struct, frozen=True):
    """How many carts, or doors of a bank, people without a proven number may have at a time."""

    waiting: int | None
    """So many may wait for a hand: unlocked and not taken, open and not closed, closed over nothing; none is without
    limit."""
    new: int | None = None
    """So many people who registered within `NEW_MS` may hold; none is without limit."""


class UndeclaredDecisions(StorekeeperError):
    """Some decisions do not say who may ask them: the store does not open."""


def asked_by(who: Proof | Actor) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Declare who may ask a decision. One that needs a verified number refuses every other caller: proof_missing."""

    def declare(decision: Callable[P, T]) -> Callable[P, T]:
        if who is not Proof.VERIFIED:
            decision.__asked_by__ = who  # type: ignore[attr-defined]
            return decision

        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            caller = kwargs.get("caller")
            if not isinstance(caller, Caller) or caller.proof is not Proof.VERIFIED:
                raise args[0].refuse("proof_missing")  # type: ignore[attr-defined]
            return decision(*args, **kwargs)

        checked.__wrapped__ = decision  # type: ignore[attr-defined]
        checked.__name__, checked.__qualname__ = decision.__name__, decision.__qualname__
        checked.__module__, checked.__doc__ = decision.__module__, decision.__doc__
        checked.__asked_by__ = who  # type: ignore[attr-defined]
        return checked

    return declare


_CALLER: Final = ("Caller", Caller)


def undeclared(decisions: Iterable[Callable[..., object]]) -> list[str]:
    """What is wrong with each decision that does not say, or not rightly, who may ask it; a sentence each."""
    found = []
    for decision in decisions:
        name = f"{decision.__module__}.{decision.__qualname__}"
        who = getattr(decision, "__asked_by__", None)
        parameters = inspect.signature(decision).parameters
        asks = "caller" in parameters and parameters["caller"].annotation in _CALLER
        if who is None:
            found.append(f"{name} does not say who may ask it (edge.domain.callers.asked_by)")
        elif isinstance(who, Proof) and not asks:
            found.append(f"{name} needs the proof {who.value!r} and takes no caller: Caller")
        elif isinstance(who, Proof) and "member" in parameters:
            found.append(f"{name} takes a member beside its caller: it must act for the caller alone")
        elif not isinstance(who, Proof) and who != "part" and "caller" in parameters:
            found.append(f"{name} takes a caller and does not say which proof it needs")
    return found


def decisions(package: str = "edge") -> list[Callable[..., object]]:
    """Every public function of a package's loaded modules that takes a transaction."""
    # Of a copy: threads of drivers import meanwhile.
    modules = [module for name, module in sorted(sys.modules.copy().items()) if name.partition(".")[0] == package]
    return [
        made
        for module in modules
        for name, made in vars(module).items()
        if isinstance(made, FunctionType)
        and not name.startswith("_")
        and made.__module__ == module.__name__
        and _takes_tx(made)
    ]


def check() -> None:
    """Raises `UndeclaredDecisions` with every decision that says nothing."""
    if wrong := undeclared(decisions()):
        raise UndeclaredDecisions("; ".join(wrong))


def _takes_tx(made: FunctionType) -> bool:
    first = next(iter(inspect.signature(made).parameters.values()), None)
    return first is not None and getattr(first.annotation, "__name__", first.annotation) == "Tx"
