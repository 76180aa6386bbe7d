"""Lockers at a screen: choose a bank and a size, or enter six digits; then follow the door. The gateway decides."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import msgspec

from device_drivers.contract.answers.lockers import Bank, Banks, Fee, OpenedDoor
from kiosk_ui import openings
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Lockers, Map
from kiosk_ui.screen import Asked, Context, Step

RETRY_S: Final = 10.0
BELL_S: Final = 15.0
"""How often an open door is heard."""
LENGTH: Final = 6
SIZES: Final = ("S", "M", "L")

Stage = Literal["start", "sizes", "digits", "fee", "door"]


class Memory(Asked, frozen=True):
    """What the screen remembers."""

    known: Banks | None = None
    bank: str = ""
    stage: Stage = "start"
    size: str = "S"
    digits: str = ""
    fee: Fee | None = None
    opened: OpenedDoor | None = None
    opened_at: float = 0.0
    waits: bool = False
    """Somebody waits for an answer, or a door is open."""
    problem: Refused | Unreachable | None = None
    problem_at: float = 0.0
    wait_until: float = 0.0
    """Until then digits are not taken."""
    request: tuple[str, str] = ("", "")
    """What door was asked for, bank and size, and its request, as long as nobody answered: the same is asked again."""

    @property
    def banks(self) -> tuple[Bank, ...]:
        """Those whose doors can be opened from here."""
        return tuple(each for each in self.known.banks if each.beside) if self.known else ()

    @property
    def here(self) -> Bank | None:
        """The one that was chosen, or the only one."""
        found = self.banks
        return next((each for each in found if each.id == self.bank), found[0] if len(found) == 1 else None)


LockersContext: TypeAlias = Context[Lockers, Memory]
Said: TypeAlias = Banks | OpenedDoor | Fee | Refused | Unreachable
_with = msgspec.structs.replace


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def busy(keeping: Memory) -> bool:
    """Somebody waits, or a door is open."""
    return keeping.waits


def holds(keeping: Memory) -> bool:
    """A door is asked for: whoever left now would not be told which one opens."""
    return keeping.waits and keeping.opened is None


def on_front(context: LockersContext) -> Step[Memory]:
    """It is in front: asks what there is."""
    return context.ask("lockers", Banks, memory=_with(context.memory, problem=None))


# --- what is touched ---


def choose_bank(context: LockersContext, bank: str) -> Step[Memory]:
    """One of several banks."""
    return Step(_with(context.memory, bank=bank, stage="start", problem=None))


def choose_stage(context: LockersContext, stage: str) -> Step[Memory]:
    """To put something in, or to get it back."""
    here = context.memory.here
    if stage not in ("sizes", "digits") or here is None:
        return Step(context.memory)
    first = next((size for size in SIZES if here.free.get(size)), "S")
    return Step(_with(context.memory, stage=stage, size=first, digits="", problem=None, fee=None))


def choose_size(context: LockersContext, chosen: str) -> Step[Memory]:
    """How large."""
    here = context.memory.here
    free = here is not None and here.free.get(chosen, 0)
    return Step(_with(context.memory, size=chosen) if free else context.memory)


def press(context: LockersContext, key: str) -> Step[Memory]:
    """A key of the pad."""
    keeping = context.memory
    if keeping.waits:
        return Step(keeping)
    digits = keeping.digits[:-1] if key == "back" else (keeping.digits + key)[:LENGTH]
    return Step(_with(keeping, digits=digits, problem=None))


def deposit(context: LockersContext, _argument: str) -> Step[Memory]:
    """The main key of the sizes: opens a door."""
    keeping, here = context.memory, context.memory.here
    if keeping.waits or here is None or not here.free.get(keeping.size):
        return Step(keeping)
    wanted = f"{here.id}/{keeping.size}"
    request = keeping.request[1] if keeping.request[0] == wanted else str(uuid.uuid4())
    step = _ask(context, f"lockers/{here.id}/deposit", {"request": request, "size": keeping.size, "low": context.reach})
    return msgspec.structs.replace(step, memory=_with(step.memory, request=(wanted, request)))


def collect(context: LockersContext, _argument: str) -> Step[Memory]:
    """The main key of the pad, or of the fee: opens the door of the digits."""
    keeping, here = context.memory, context.memory.here
    if keeping.waits or here is None or len(keeping.digits) != LENGTH or pause_left_s(keeping, context.at):
        return Step(keeping)
    agreed = keeping.fee.asks if keeping.stage == "fee" and keeping.fee else 0
    body = {"request": str(uuid.uuid4()), "digits": keeping.digits, "agreed": agreed}
    return _ask(context, f"lockers/{here.id}/collect", body)


def _ask(context: LockersContext, path: str, body: dict[str, Any]) -> Step[Memory]:
    memory = _with(context.memory, asking=True, waits=True, problem=None, opened=None)
    return Step(memory, partial(openings.ask, context.gateway, path, body, OpenedDoor))


def request_extra(context: LockersContext, what: str) -> Step[Memory]:
    """A second code, the code on paper, or light at the door."""
    opened = context.memory.opened
    if what not in ("share", "print", "light") or opened is None:
        return Step(context.memory)
    return Step(_with(context.memory, asking=True), partial(_more, context.gateway, opened, what))


def leave(context: LockersContext, _argument: str) -> Step[Memory]:
    """The way back, a step at a time; not while a door is asked for."""
    keeping = context.memory
    if holds(keeping):
        return Step(keeping)
    if keeping.stage in ("sizes", "digits", "fee", "door"):
        return restart(context)
    if keeping.bank and len(keeping.banks) > 1:
        return Step(_with(keeping, bank=""))
    return Step(keeping, back=True)


def restart(context: LockersContext) -> Step[Memory]:
    """All that was entered is gone; what is free is asked anew."""
    keeping = context.memory
    kept = {name: getattr(keeping, name) for name in ("known", "bank", "wait_until", "request")}
    return context.ask("lockers", Banks, memory=Memory(**kept))


def show_way(context: LockersContext, bank: str) -> Step[Memory]:
    """The way to a bank that is not here."""
    return Step(context.memory, open=Map(bank) if "map" in context.shown else None)


# --- what time and jobs bring ---


def pause_left_s(keeping: Memory, at: float) -> int:
    """For how many seconds the bank takes no digits."""
    return max(0, int(-(-(keeping.wait_until - at) // 1)))


def on_result(context: LockersContext, said: Said) -> Memory | Step[Memory]:
    """The gateway says something."""
    keeping = context.memory
    if isinstance(said, Banks):
        stays = keeping.known is not None and isinstance(keeping.problem, Refused)
        return _with(keeping, known=said, asking=False, problem=keeping.problem if stays else None)
    if isinstance(said, Fee):
        return _with(keeping, stage="fee", fee=said, asking=False, waits=False)
    if isinstance(said, Refused | Unreachable):
        sorry = _with(keeping, problem=said, problem_at=context.at, digits="")
        if isinstance(said, Refused):
            until = context.at + said.wait_s if said.wait_s and holds(keeping) else keeping.wait_until
            sorry = _with(sorry, request=("", ""), wait_until=until)
        return _with(sorry, asking=False, waits=False, stage="digits" if keeping.stage == "fee" else keeping.stage)
    first = keeping.opened is None or keeping.opened.stage != said.stage
    return _with(
        keeping,
        stage="door",
        opened=said,
        opened_at=context.at if first else keeping.opened_at,
        digits="",
        request=("", ""),
        waits=not said.done,
        asking=not said.done,
    )


def sound(context: LockersContext) -> str:
    """A door that opens, softly again while it stays open, and what did not work."""
    keeping = context.memory
    if keeping.problem:
        return "refused"
    if keeping.opened is None or keeping.opened.stage not in ("open", "failed"):
        return ""
    again = int((context.at - keeping.opened_at) // BELL_S)
    return "refused" if keeping.opened.stage == "failed" else f"bell/{again}" if again else "open"


def on_tick(context: LockersContext) -> Memory | Step[Memory]:
    """A second went by: another language, or no answer so far, asks anew."""
    keeping = context.memory
    if context.covered or keeping.waits:
        return keeping
    again = (
        isinstance(keeping.problem, Unreachable)
        and keeping.known is None
        and context.at - keeping.problem_at >= RETRY_S
    )
    if keeping.language != context.language and keeping.stage == "door" and keeping.opened is not None:
        return context.begin(partial(_more, context.gateway, keeping.opened, ""))
    if keeping.language == context.language:
        return on_front(context) if again else keeping
    asks = on_front(context)
    return msgspec.structs.replace(asks, memory=_with(asks.memory, problem=keeping.problem))


# --- jobs ---


def _more(gateway: Gateway, opened: OpenedDoor, what: str) -> Iterator[OpenedDoor | None]:
    """Asks for a second code, for paper or for light; with nothing, only for the same in another language."""
    path = f"lockers/openings/{opened.opening}"
    found: OpenedDoor = gateway.post(f"{path}/{what}", shape=OpenedDoor) if what else gateway.get(path, OpenedDoor)
    yield from openings.follow(gateway, found)
